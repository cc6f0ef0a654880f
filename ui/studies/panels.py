"""The results of a study: table, front, curves, pictures, comparison, exports."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from lrscore.study.comparing import TEST, Curves, compare, curves_of
from lrscore.study.exporting import csv_text, latex_text, markdown_text, note, summary_table
from lrscore.study.store import TABLE
from ui.charts.paper import PAPER_FORMATS, paper_figure
from ui.charts.selection import selected_values
from ui.charts.terms import draw_figure
from ui.studies.charts import SHOWN, SPREAD, curves_chart, front_chart, pairs_chart
from ui.studies.notebook import JOINT, study_notebook
from ui.studies.pictures import draw_extremes, draw_row
from ui.studies.plots import curves_figure, front_figure, pairs_figure
from ui.studies.shelf import Results
from ui.style.glossary import TERMS, budget_axis
from ui.style.theme import LIGHT, current_theme
from ui.widgets.downloads import download, draw_width
from ui.widgets.linked import linked

_FRONT, _PAIRS = "studies_front", "studies_pairs"


def draw_results(results: Results) -> None:
    """Everything about the finished rows."""
    st.info(f"{note(results.summary)} {JOINT}", icon=":material/info:")
    method = choose_method(results)
    table, curves, pictures, pairs, files = st.tabs(
        ["Table and front", "Curves", "Pictures", "Compare two settings", "Export"]
    )
    with table:
        _draw_front(results, method)
        draw_table(results)
    with curves:
        _draw_curves(results, method)
    with pictures:
        setting = st.selectbox("Setting", results.settings, key="studies_pictures")
        draw_extremes(results, setting, method)
    with pairs:
        _draw_pairs(results, method)
    with files:
        _draw_files(results, method)


def choose_method(results: Results) -> str:
    """By which method everything is counted."""
    usual = "envelope" if "envelope" in results.methods else results.methods[0]
    chosen = linked(
        st.segmented_control,
        "Counted by",
        results.methods,
        default=usual,
        key="studies_method",
    )
    return str(chosen or usual)


def _draw_front(results: Results, method: str) -> None:
    figure = front_figure(results.summary, method, current_theme())
    if figure is None:
        headings, lines = summary_table(results.summary)
        st.dataframe(pd.DataFrame(lines, columns=headings), hide_index=True, key="studies_summary")
    else:
        draw_figure(
            figure,
            key=_FRONT,
            on_select=_choose_setting,
            alt="Every setting as a point: accuracy to the right, average certified radius upwards.",
        )
        st.caption(
            "Bars: 95 % bootstrap interval of the mean over pictures. A click on a point shows its setting's rows."
        )


def _choose_setting() -> None:
    """Callback of a click on the front: the table and the pictures of that setting."""
    values = selected_values(_FRONT)
    st.session_state["studies_settings"] = [] if values is None else [values[0]]
    if values is not None:
        st.session_state["studies_pictures"] = values[0]


def filtered(frame: pd.DataFrame, words: str, settings: list[str], status: str | None) -> pd.DataFrame:
    """The rows that the reader looks for; empty parts let everything through."""
    kept = pd.Series(True, index=frame.index)
    text = frame["picture"] + " " + frame["setting"] + " " + frame["why it failed"]
    text = text.str.lower()
    for word in words.lower().split():
        kept &= text.str.contains(word, regex=False)
    if settings:
        kept &= frame["setting"].isin(settings)
    if status:
        kept &= frame["status"] == status
    return frame[kept]


@st.fragment
def draw_table(results: Results) -> None:
    """All rows; columns sort by a click, and a chosen row shows its picture."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input("Find", key="studies_find", placeholder="picture, setting …", width=240)
        settings = st.multiselect("Settings", results.settings, key="studies_settings", width=360)
        status = st.pills("Status", ["done", "failed"], key="studies_status")
    shown = filtered(results.frame, words or "", settings, status)
    shares = {
        name: st.column_config.NumberColumn(format="%.3f", help=TERMS[name])
        for name in ("accuracy", "abstained", "same label without noise")
    }
    radii = {
        name: st.column_config.NumberColumn(format="%.4f", help=TERMS["average certified radius"])
        for name in shown
        if name.startswith("radius")
    }
    event = st.dataframe(
        shown,
        key="studies_table",
        hide_index=True,
        height=420,
        column_config=shares | radii,
        on_select="rerun",
        selection_mode="single-row",
    )
    st.caption(
        f"{len(shown):,} of {len(results.frame):,} rows. A heading sorts; a chosen row shows its picture."
    )
    chosen = event.selection.rows
    if chosen and chosen[0] < len(shown):
        row = results.rows[int(shown.index[chosen[0]])]
        draw_row(results, row, "row", f"{row['picture']}, {row['setting']}")


def _draw_curves(results: Results, method: str) -> None:
    wanted = st.multiselect(
        "Settings", results.settings, default=results.settings[:3], max_selections=SHOWN, key="studies_curves"
    )
    found = _curves(results, wanted, method)
    if not found:
        st.caption("These settings have no curves over eps.")
        return
    draw_figure(
        curves_figure(found, current_theme(), results.norm),
        key="studies_curve_plot",
        alt=f"Certified share against the budget, median over pictures, for {len(found)} settings; all fall with it.",
    )
    st.caption(
        f"Line: median picture. Band: from the {SPREAD[0]:.0%} to the {SPREAD[2]:.0%} quantile over pictures."
    )


def _curves(results: Results, wanted: Sequence[str], method: str) -> list[tuple[str, Curves]]:
    found = ((name, curves_of(results.rows, name, method)) for name in wanted)
    return [(name, curves) for name, curves in found if curves is not None]


def chosen_curves(results: Results, method: str) -> list[tuple[str, Curves]]:
    """Those that the tab of curves shows."""
    known = st.session_state.get("studies_curves", results.settings[:3])
    return _curves(results, [name for name in known if name in results.settings], method)


def _chosen_pair(results: Results) -> tuple[str, str]:
    """Those that the tab of pairs compares."""
    names = results.settings
    first, second = (
        st.session_state.get(key, names[min(place, len(names) - 1)])
        for place, key in enumerate(("studies_first", "studies_second"))
    )
    return first, second


def _draw_pairs(results: Results, method: str) -> None:
    if len(results.settings) < 2:
        st.caption("The study has one setting.")
        return
    left, right = st.columns(2)
    first = left.selectbox("First", results.settings, key="studies_first")
    second = right.selectbox("Second", results.settings, index=1, key="studies_second")
    found = compare(results.rows, (first, method), (second, method))
    if not any(one.radius is not None for one in results.summary):
        st.caption(
            "Graphs have no radius that could be compared; the first tab tells what their nodes withstand."
        )
        return
    st.markdown(found.sentence())
    if found.pictures:
        draw_figure(
            pairs_figure(found, (first, second), current_theme()),
            key=_PAIRS,
            on_select="rerun",
            alt=f"Every picture as a point: its radius under {first} to the right, under {second} upwards.",
        )
        _draw_pair(results, (first, second))
    st.caption(f"{TEST}. It says whether the two differ on pictures like these, and certifies nothing.")


def _draw_pair(results: Results, settings: tuple[str, str]) -> None:
    """The picture that was chosen among the points, under both settings."""
    place = selected_values(_PAIRS)
    if place is None:
        st.caption("A click on a point shows its picture under both settings.")
        return
    for number, (column, setting) in enumerate(zip(st.columns(2), settings, strict=True)):
        with column:
            for row in results.rows:
                if (row["picture"], row["seed"], row["setting"]) == (*place, setting):
                    draw_row(results, row, f"pair_{number}", f"{row['picture']}, {setting}")


def _draw_files(results: Results, method: str) -> None:
    rows, name = results.rows, results.folder.name
    _draw_figures(results, method)
    for label, make, ending in (
        ("All rows (CSV)", partial(csv_text, rows), "csv"),
        ("Summary (Markdown)", partial(markdown_text, rows), "md"),
        ("Summary (LaTeX, booktabs)", partial(latex_text, rows), "tex"),
        ("Table (Parquet)", (results.folder / TABLE).read_bytes, "parquet"),
    ):
        download(label, make, f"{name}.{ending}", key=f"studies_{ending}", wide=False)
    make = partial(study_notebook, results, method, budget_axis(results.norm), _chosen_pair(results))
    download("Notebook of this study", make, f"{name}.ipynb", key="studies_notebook", wide=False)


def _draw_figures(results: Results, method: str) -> None:
    """The three figures for a paper, as they stand in their tabs."""
    theme = LIGHT  # for paper
    found, (first, second) = chosen_curves(results, method), _chosen_pair(results)
    charts = {
        "accuracy-and-radius": front_chart(results.summary, method, theme),
        "curves": curves_chart(found, theme, results.norm) if found else None,
        "two-settings": pairs_chart(
            compare(results.rows, (first, method), (second, method)), (first, second), theme
        )
        if first != second
        else None,
    }
    width = draw_width("studies_width")
    for what, chart in charts.items():
        if chart is None:
            continue
        with st.container(horizontal=True):
            for form in PAPER_FORMATS:
                name = f"{results.folder.name}_{what}_{width:g}mm.{form}"
                label = f"{what.replace('-', ' ').capitalize()} ({form.upper()})"
                key = f"studies_{what}_{form}"
                download(label, partial(paper_figure, chart, form, width=width), name, key=key, wide=False)
