"""The results on the page: budget, headline, plots, table, downloads, and the two chosen certificates pixel by pixel.

Drawn as a fragment: a move of the budget runs nothing else of the page.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import streamlit as st
from markupsafe import Markup

from lrscore.images.radius import slider_digits, slider_step
from ui.charts.figure import chart_figure
from ui.charts.terms import draw_figure
from ui.compare.export import comparison_stem, draw_export, on_screen
from ui.compare.pair import draw_pair
from ui.compare.plots import curve_chart, pareto_chart
from ui.compare.scores import Score, confidence_sentence, cost_sentence
from ui.compare.table import table_columns
from ui.images.budget import budget_help
from ui.images.curves import BUDGET_DIGITS, MOST_EPSILON, step_for
from ui.images.states import Count
from ui.style.glossary import norm_words
from ui.style.templates import render
from ui.style.theme import current_theme
from ui.style.words import radius_words
from ui.widgets.linked import linked

BUDGET = "compare_budget"
_FIRST_BUDGET = 0.1
_SHORT = {
    "average certified radius": "avg. radius",
    "pixel accuracy (%)": "accuracy (%)",
    "passes a picture": "passes",
}
"""Heads of the table's columns: with these it fits 1,280 pixels. Where it does not fit, its first column stays."""


@st.fragment
def draw_results(scores: Sequence[Score]) -> None:
    """Everything below the controls.

    Args:
        scores: at least one row; those with another norm than the first one's are only in the table.
    """
    theme = current_theme()
    comparable = [score for score in scores if score.norm == scores[0].norm]
    what = "certified ratio" if scores[0].miou is None else "certified accuracy"
    st.html(_headline_html(comparable))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        epsilon = _draw_budget(scores)
        export_place = st.container(width="content")
    left, right = st.columns(2, gap="large")
    stem = comparison_stem(scores)
    charts = (pareto_chart(comparable, theme), curve_chart(comparable, epsilon, theme, what=what))
    for column, chart, name in zip((left, right), charts, ("pareto", "curves"), strict=True):
        with column:
            draw_figure(
                chart_figure(chart, theme),
                key=f"compare_{name}",
                config=_plot_config(f"{stem}_{name}"),
                alt=chart.title,
            )
    _draw_table(scores, epsilon)
    st.caption(f"{cost_sentence(scores)} {confidence_sentence(scores)}")
    if len(comparable) < len(scores):
        st.info(
            f"{len(scores) - len(comparable)} rows are about another norm than {scores[0].norm}: their radii are no "
            "match for the others, and the plots leave them out.",
            icon=":material/straighten:",
        )
    count: Count = "all" if scores[0].miou is None else "correct"
    picture = draw_pair([score.entrant for score in scores], epsilon, count)
    with export_place:
        draw_export(on_screen(scores, epsilon, count, picture))


@st.fragment
def draw_stage_results(scores: Sequence[Score]) -> None:
    """Headline, budget and curves: what is legible on a stage.

    Args:
        scores: at least one row.
    """
    theme = current_theme()
    comparable = [score for score in scores if score.norm == scores[0].norm]
    what = "certified ratio" if scores[0].miou is None else "certified accuracy"
    st.html(_headline_html(comparable))
    chart = curve_chart(comparable, _draw_budget(scores), theme, what=what)
    figure = chart_figure(chart, theme).update_layout(height=430)
    draw_figure(figure, key="compare_curves", alt=chart.title, explained=False)


def _plot_config(name: str) -> dict[str, Any]:
    """Nothing but a camera, which saves the plot as PNG."""
    return {
        "displayModeBar": True,
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "scale": 3, "filename": name},
    }


def _headline_html(scores: Sequence[Score]) -> Markup:
    """The largest average certified radius, whose it is, and who comes next."""
    ranked = sorted(scores, key=lambda score: -score.radius)
    best = ranked[0]
    other = next((score for score in ranked[1:] if score.entrant.letter != best.entrant.letter), None)
    rival = ""
    if other is not None:
        sound = "" if other.miou is None else f" at {100 * other.miou:.1f} % mean IoU"
        rival = f"{other.entrant.name}, {radius_words(other.radius)}{sound}"
    return render(
        "headline",
        best=best,
        number=radius_words(best.radius),
        sound="" if best.miou is None else f"{100 * best.miou:.1f}",
        passes=f"{best.passes:,.0f}",
        rival=rival,
    )


def _draw_budget(scores: Sequence[Score]) -> float:
    """The budget, on the grid of the longest curve."""
    largest, norm = max(float(score.epsilons[-1]) for score in scores), scores[0].norm
    first, step = min(_FIRST_BUDGET, largest), slider_step(largest)
    said = st.session_state.get(BUDGET)
    # What was chosen stays, whatever the rows are now
    if said is not None and 0 <= float(said) <= MOST_EPSILON:
        asked = round(float(said), BUDGET_DIGITS)
        st.session_state[BUDGET] = asked
        largest, step = max(largest, asked), step_for(largest, asked)
    digits = -math.floor(math.log10(step * (1 + 1e-12)))
    return float(
        linked(
            st.slider,
            f"Adversary's budget ε ({norm_words(norm)})",
            0.0,
            largest,
            first,
            step,
            f"%.{max(slider_digits(largest), digits)}f",
            key=BUDGET,
            help=budget_help(norm),
        )
    )


def _draw_table(scores: Sequence[Score], epsilon: float) -> None:
    columns = table_columns(scores, epsilon)
    formats = {"average certified radius": "%.4f", "passes a picture": "localized", "pictures": "localized"}
    config = {
        name: st.column_config.NumberColumn(_SHORT.get(name), format=formats.get(name, "%.1f"), help=name)
        for name, values in columns.items()
        if isinstance(values[0], int | float)
    }
    st.dataframe(
        columns,
        hide_index=True,
        column_config={
            **config,
            "row": st.column_config.TextColumn("method", pinned=True),
            "best in both": st.column_config.TextColumn("best", help="not beaten in both by any other row"),
        },
        key="compare_table",
        alt="Every row of the comparison with accuracy, certified numbers, cost and confidence.",
    )
