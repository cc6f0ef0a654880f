"""A run that would take minutes comes with a cheaper one, in one click."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from ui.links import Page, adopt_values
from ui.style.words import duration

LONG = 180.0
"""Seconds from which on a run is long."""
SHORT = 90.0
"""Seconds that the cheaper one may take."""


@dataclass(frozen=True)
class Cheaper:
    """Control values that ask for less, in words, and about how long they take."""

    words: str
    values: Mapping[str, Any]
    seconds: float


def choose_cheaper(seconds: float, candidates: Iterable[Cheaper]) -> Cheaper | None:
    """The first candidate that is short, else the shortest one if it takes half as long; None for a short run.

    Args:
        seconds: what the controls ask for.
        candidates: the best ones first.
    """
    if seconds <= LONG:
        return None
    offered = list(candidates)
    short = next((candidate for candidate in offered if candidate.seconds <= SHORT), None)
    if short is not None:
        return short
    best = min(offered, key=lambda candidate: candidate.seconds, default=None)
    return best if best is not None and best.seconds <= seconds / 2 else None


def draw_cheaper(page: Page, seconds: float, candidates: Iterable[Cheaper]) -> None:
    """The offer below the button that starts a run; nothing for a short one."""
    cheaper = choose_cheaper(seconds, candidates)
    if cheaper is None:
        return
    st.button(
        f"Cheaper: {cheaper.words} · about {duration(cheaper.seconds)}",
        key="cheaper",
        icon=":material/speed:",
        width="stretch",
        help="Sets the controls; nothing is started.",
        on_click=adopt_values,
        args=(page, cheaper.values),
    )
