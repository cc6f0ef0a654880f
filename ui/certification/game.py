"""What the adversary's game has in common on pictures and graphs."""

from __future__ import annotations

import streamlit as st

from ui.style.palette import ABSTAINED, COLLECTIVE, UNCERTIFIED, Style
from ui.widgets.linked import linked


def game_styles(outputs: str) -> tuple[Style, Style, Style]:
    """Could fall, stands, not counted: in the colours of the states."""
    return (
        Style("could fall", "#d24a1a", "#e56f3a", "cross", "#5a1600", "#4a1500"),
        Style(f"{outputs} that stand", COLLECTIVE.light, COLLECTIVE.dark),
        Style("not counted", UNCERTIFIED.light, ABSTAINED.dark, "dots", "#a2977a", "#77715f"),
    )


def draw_game_switch(key: str) -> bool:
    """The switch that opens the board."""
    return linked(
        st.toggle,
        "Be the adversary: divide this budget yourself",
        key=key,
        help="Paint the budget on screen over the board and see what could fall for it. The score compares with the "
        "worst division the machine has found; an attack that was found on the picture can be loaded, too.",
    )
