"""Downloads of a comparison: tables, drawings, and a report that needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from ui.charts.svg import chart_svg
from ui.compare.plots import curve_chart, pareto_chart
from ui.compare.scores import Score, confidence_sentence, cost_sentence
from ui.compare.sets import Choice
from ui.compare.table import curves_csv, table_columns, table_csv
from ui.images.report import report_page
from ui.style.theme import LIGHT, current_theme


def draw_export(scores: Sequence[Score], epsilon: float, what: str) -> None:
    """A popover with all downloads; files are made when a button is pressed."""
    theme = current_theme()
    comparable = [score for score in scores if score.norm == scores[0].norm]
    offers = (
        ("Table (CSV)", "comparison.csv", "text/csv", lambda: table_csv(scores, epsilon)),
        ("Curves (CSV)", "curves.csv", "text/csv", lambda: curves_csv(scores)),
        (
            "Accuracy and radius (SVG)",
            "pareto.svg",
            "image/svg+xml",
            lambda: chart_svg(pareto_chart(comparable, theme), theme),
        ),
        (
            "Curves (SVG)",
            "curves.svg",
            "image/svg+xml",
            lambda: chart_svg(curve_chart(comparable, epsilon, theme, what=what), theme),
        ),
        (
            "Report (HTML, one file)",
            "comparison.html",
            "text/html",
            lambda: comparison_report(scores, epsilon, what),
        ),
    )
    with st.popover("Export", icon=":material/download:"):
        for label, name, kind, content in offers:
            st.download_button(
                label, content, name, kind, key=f"download_{name}", on_click="ignore", width="stretch"
            )
        st.caption("The camera above each plot saves it as PNG.")


def comparison_report(scores: Sequence[Score], epsilon: float, what: str) -> str:
    """The comparison as one HTML file: table, both plots, what it costs, what it promises, where it comes from."""
    comparable = [score for score in scores if score.norm == scores[0].norm]
    sections = [
        "<h1>Certificates compared</h1>",
        f"<p>{escape(cost_sentence(scores))}</p><p>{escape(confidence_sentence(scores))}</p>",
        f"<h2>At the budget ε = {epsilon:g}</h2>{_table(table_columns(scores, epsilon))}",
        f"<p>{escape(_MEANINGS)}</p>",
        "<h2>Accuracy and average certified radius</h2>",
        chart_svg(pareto_chart(comparable, LIGHT), LIGHT),
        f"<h2>{escape(what.capitalize())} against the budget</h2>",
        chart_svg(curve_chart(comparable, epsilon, LIGHT, what=what), LIGHT),
        f"<h2>Settings and files</h2>{_origins(scores)}",
    ]
    return report_page("Certificates compared", sections)


_MEANINGS = (
    "Mean IoU pools the pixels of all pictures; abstaining pixels count as wrong. The average certified radius is the "
    "area under a picture's certified curve, averaged over the pictures. Marked rows are not beaten in both by any "
    "other row. Certified numbers are rounded down."
)


def _table(columns: dict[str, list[object]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(str(value))}</td>" for value in row) + "</tr>"
        for row in zip(*columns.values(), strict=True)
    )
    return f"<table><tr>{head}</tr>{rows}</table>"


def _origins(scores: Sequence[Score]) -> str:
    choices: dict[str, Choice] = {score.entrant.letter: score.entrant.choice for score in scores}
    rows = "".join(
        f"<tr><th>{letter}</th><td>{escape(choice.title)}<br>model {escape(choice.header.model)}, weights "
        f"{escape(choice.header.digest[:16] or 'unknown')}<br>{escape(', '.join(_files(choice)))}</td></tr>"
        for letter, choice in choices.items()
    )
    return f"<table>{rows}</table>"


def _files(choice: Choice) -> list[str]:
    return [entry.path.name for entry in choice.members.values()]
