"""Downloads of what is on screen. Files are made when the button is pressed, not before."""

from __future__ import annotations

import streamlit as st

from ui.certification.export import certificate_bytes
from ui.certification.on_screen import Shown
from ui.charts.svg import chart_svg
from ui.images.branch_and_bound.work import SharpPoint, with_proofs
from ui.images.curve_memory import best_curves, sharp_store
from ui.images.curves import CurveSet
from ui.images.export import curve_csv, overlay_png, reproduce_command
from ui.images.facts import axis_name
from ui.images.plots import curve_chart
from ui.images.report import html_report
from ui.images.states import Count, StateMap, pixel_states
from ui.style.theme import current_theme
from ui.widgets.downloads import download


def draw_export(shown: Shown, pick_title: str) -> None:
    """A popover with the certificate file, the curve, the overlay and the command line."""
    certificate = shown.certificate
    theme = current_theme()
    what = axis_name(certificate, _count())
    stem = (
        "".join(letter if letter.isalnum() else "-" for letter in pick_title.lower()).strip("-")
        or "certificate"
    )

    def curves() -> CurveSet:
        return best_curves(shown.key, _count(), certificate)

    def found(count: Count) -> tuple[SharpPoint, ...]:
        return sharp_store().found((shown.key, certificate.settings, count))

    def position() -> int:
        return curves().index(float(st.session_state.get("image_eps", 0.0)))

    def states() -> StateMap:
        found, index = curves(), position()
        return pixel_states(certificate, float(found.epsilons[index]), found.allocation[index], _count())

    with st.popover("Export", icon=":material/download:"):
        download(
            "Certificate (netCDF)",
            lambda: certificate_bytes(with_proofs(certificate, found("all"), found("correct"))),
            f"{stem}.nc",
            key="download_certificate",
        )
        download(
            "Curves (CSV)",
            lambda: curve_csv(curves()),
            f"{stem}.csv",
            key="download_curve",
        )
        download(
            "Certified overlay (PNG)",
            lambda: overlay_png(certificate, states(), dark=theme.dark),
            f"{stem}.png",
            key="download_overlay",
        )
        download(
            "Curves (SVG)",
            lambda: chart_svg(
                curve_chart(curves(), position(), theme, what=what, norm=certificate.noise.norm), theme
            ),
            f"{stem}.svg",
            key="download_svg",
        )
        download(
            "Report (HTML, one file)",
            lambda: html_report(certificate, curves(), position(), _count(), pick_title),
            f"{stem}.html",
            key="download_report",
        )
        st.caption("The same certificate on the command line:")
        st.code(reproduce_command(certificate), language="bash", wrap_lines=True)


def _count() -> Count:
    return "all" if st.session_state.get("image_count") == "all" else "correct"
