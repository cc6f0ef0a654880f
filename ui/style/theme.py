"""The colours of the page for what draws itself: plots and pictures. The same values as `.streamlit/config.toml`."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class Theme:
    """Colours of one theme as CSS colours."""

    dark: bool
    background: str
    surface: str
    text: str
    muted: str
    border: str
    primary: str
    on_primary: str
    accent: str
    success: str


LIGHT = Theme(
    dark=False,
    background="#fbfaf7",
    surface="#efede6",
    text="#1c2328",
    muted="#5d6266",
    border="#d6d2c6",
    primary="#0b5f8a",
    on_primary="#ffffff",
    accent="#b4500a",
    success="#1f6f54",
)
DARK = Theme(
    dark=True,
    background="#11171c",
    surface="#1d262d",
    text="#e8e6df",
    muted="#98a2a9",
    border="#33404a",
    primary="#66b8e0",
    on_primary="#0d1418",
    accent="#f2a35e",
    success="#6cc9a1",
)


def current_theme() -> Theme:
    """The theme the reader looks at."""
    return DARK if st.context.theme.type == "dark" else LIGHT
