"""Downloads of what is on screen. Files are made when a button is pressed, from what was there when it was drawn."""

from __future__ import annotations

from functools import partial

import streamlit as st

from ui.graphs.export import ExportedGraph, command_files, graph_command
from ui.graphs.report import graph_report
from ui.graphs.study_draft import study_draft
from ui.links import STUDY_DRAFT
from ui.site_map import STUDIES
from ui.widgets.downloads import download, draw_width


def draw_graph_export(screen: ExportedGraph) -> None:
    """A popover with the certificate file, counts, picture, chart, report and the command line.

    Belongs into the fragment that draws the budgets: every move of a slider draws the buttons anew.
    """
    with st.popover("Export", icon=":material/download:"):
        stem, here = screen.stem, screen.file_name
        for label, make, name, key in (
            ("Certificate (netCDF)", screen.certificate_file, f"{stem}.nc", "certificate"),
            ("Counts over all budgets (CSV)", screen.plane_csv, f"{stem}_{screen.counted}.csv", "plane"),
            ("Graph with states (PNG)", screen.picture_png, f"{here}.png", "picture"),
            ("Methods compared (SVG)", screen.cut_svg, f"{here}.svg", "svg"),
            ("Report (HTML, one file)", partial(graph_report, screen), f"{here}.html", "report"),
        ):
            download(label, make, name, key=f"graph_download_{key}")
        width = draw_width("graph_width")
        for form in ("pdf", "svg"):
            name, make = f"{here}_{width:g}mm.{form}", partial(screen.paper_chart, form, width)
            download(f"Figure for a paper ({form.upper()})", make, name, key=f"graph_download_paper_{form}")
        download(
            "Counts over all budgets (LaTeX)",
            screen.plane_latex,
            f"{stem}_{screen.counted}.tex",
            key="graph_download_tex",
        )
        download("Notebook of this state", screen.notebook, f"{here}.ipynb", key="graph_download_notebook")
        if st.button(
            "Study from these settings",
            key="graph_study_draft",
            icon=":material/table_chart:",
            width="stretch",
        ):
            st.session_state[STUDY_DRAFT] = study_draft(screen.certificate)
            st.switch_page(STUDIES)
        files = command_files(screen.certificate.settings)
        for name, content in files.items():
            download(f"{name}, for the command", partial(str, content), name, key=f"graph_download_{name}")
        beside = " beside the files above" if files else ""
        st.caption(f"The same certificate on the command line{beside}:")
        st.code(graph_command(screen.certificate), language="bash", wrap_lines=True)
