"""Downloads of what is on screen. Files are made when a button is pressed, from what was there when it was drawn."""

from __future__ import annotations

from functools import partial

import streamlit as st

from ui.certification.on_screen import Shown
from ui.images.curve_memory import sharp_store
from ui.images.curves import CurveSet
from ui.images.export import Exported, command_files, reproduce_command
from ui.images.report import html_report
from ui.images.states import Count
from ui.images.study_draft import study_draft
from ui.links import STUDY_DRAFT
from ui.site_map import STUDIES
from ui.style.theme import current_theme
from ui.widgets.downloads import download, draw_width


def captured(shown: Shown, title: str, curves: CurveSet, index: int, count: Count) -> Exported:
    """What is on screen, for files that are made later.

    Args:
        title: of the picture.
    """
    settings = shown.certificate.settings
    proofs = {way: sharp_store().found((shown.key, settings, way)) for way in ("all", "correct")}
    theme = current_theme()
    return Exported(shown.certificate, curves, index, count, theme, title, proofs["all"], proofs["correct"])


def draw_export(screen: Exported) -> None:
    """A popover with the certificate file, curves, overlay, report and the command line.

    Belongs into the fragment that draws the budget: every move of the slider draws the buttons anew.
    """
    with st.popover("Export", icon=":material/download:"):
        stem, here = screen.stem, screen.file_name
        download("Certificate (netCDF)", screen.certificate_file, f"{stem}.nc", key="download_certificate")
        download("Curves (CSV)", screen.curve_csv, f"{stem}_{screen.counted}.csv", key="download_curve")
        download("Certified overlay (PNG)", screen.overlay_png, f"{here}.png", key="download_overlay")
        download("Curves (SVG)", screen.curve_svg, f"{here}.svg", key="download_svg")
        download(
            "Report (HTML, one file)", partial(html_report, screen), f"{here}.html", key="download_report"
        )
        width = draw_width("image_width")
        for form in ("pdf", "svg"):
            name, make = f"{here}_{width:g}mm.{form}", partial(screen.paper_chart, form, width)
            download(f"Figure for a paper ({form.upper()})", make, name, key=f"download_paper_{form}")
        download("Curves (LaTeX)", screen.curve_latex, f"{stem}_{screen.counted}.tex", key="download_tex")
        download("Notebook of this state", screen.notebook, f"{here}.ipynb", key="download_notebook")
        if st.button(
            "Study from these settings", key="study_draft", icon=":material/table_chart:", width="stretch"
        ):
            st.session_state[STUDY_DRAFT] = study_draft(screen.certificate)
            st.switch_page(STUDIES)
        files = command_files(screen.certificate.settings)
        for name, content in files.items():
            download(f"{name}, for the command", partial(str, content), name, key=f"download_{name}")
        beside = " beside the file above" if files else ""
        st.caption(f"The same certificate on the command line{beside}:")
        st.code(reproduce_command(screen.certificate), language="bash", wrap_lines=True)
