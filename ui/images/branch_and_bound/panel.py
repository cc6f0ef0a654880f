"""Ask branch and bound for more, watch it, and stop it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from ui.certification.on_screen import Shown
from ui.images.branch_and_bound.work import SECONDS, search_work, spread_budgets
from ui.images.curve_memory import sharp_store
from ui.images.curves import CurveSet
from ui.images.states import Count
from ui.running.page_job import PageJob

SEARCH = PageJob("image_search", unit="budgets", linked=False, quiet=True)


def draw_search(shown: Shown, curves: CurveSet, index: int, count: Count) -> None:
    """Two buttons where there is a gap to close; progress while a search is under way."""
    if SEARCH.under_way():
        return
    open_budgets = spread_budgets(curves)
    if not open_budgets:
        return
    with st.container(horizontal=True, width="content", gap="small"):
        here = int(curves.ceiling[index] - curves.proven[index]) > 0
        st.button(
            "Close the gap here",
            key="search_here",
            icon=":material/account_tree:",
            type="tertiary",
            disabled=not here,
            help=f"Branch and bound at this budget, at most {SECONDS:g} s. What it proves holds for smaller ones, too.",
            on_click=_start,
            args=(shown, curves, count, [index]),
        )
        st.button(
            "along the curve",
            key="search_curve",
            type="tertiary",
            help=f"The same at {len(open_budgets)} budgets: about {len(open_budgets) * SECONDS:.0f} s.",
            on_click=_start,
            args=(shown, curves, count, open_budgets),
        )


def _start(shown: Shown, curves: CurveSet, count: Count, indices: list[int]) -> None:
    certificate = shown.certificate
    keep = partial(sharp_store().add, (shown.key, certificate.settings, count))
    SEARCH.start(search_work(certificate, curves, count, indices, keep), "Branch and bound")
