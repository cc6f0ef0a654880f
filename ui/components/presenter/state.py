"""Whether this browser's pages are on a stage, and what the speaker should say."""

from __future__ import annotations

from urllib.parse import parse_qs

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

STAGE = "stage"
"""Name in links and in the session."""
_NOTES = "stage_notes"


def adopt_link() -> None:
    """Take the mode from the link that opened the session; from then on every page's address says it."""
    if STAGE not in st.session_state:
        st.session_state[STAGE] = st.query_params.get(STAGE) == "true"
    if st.session_state[STAGE]:
        st.query_params[STAGE] = "true"
    else:
        st.query_params.pop(STAGE, None)
    st.session_state.pop(_NOTES, None)


def on_stage() -> bool:
    """Whether the page is presented: large type, picture, legend, budget and headline, nothing else."""
    return bool(st.session_state.get(STAGE, st.query_params.get(STAGE) == "true"))


def set_stage(stage: bool) -> None:
    """The mode from the next run on."""
    st.session_state[STAGE] = stage


def say_notes(text: str) -> None:
    """Speaker notes of the page that is being drawn."""
    st.session_state[_NOTES] = text


def notes_of(page: str) -> str:
    """The notes of a page: what it said itself, else the usual ones."""
    return str(st.session_state.get(_NOTES) or _USUAL.get(page, ""))


_USUAL = {
    "Overview": "What survives, whatever the adversary does? Ask for guesses: how many pixels of this street "
    "keep their "
    "label, if somebody may change the picture by an amount no eye can see?",
    "Segmentation": "PageDown and PageUp move the budget. Start at 0: only abstentions are missing. Go on "
    "until dark blue "
    "is gone: no pixel stands by itself any more. The light blue that is left is what counting together proves.",
    "Graph": "PageDown and PageUp move the deletions. An attribute deleted at one node reaches its "
    "neighbours. Ask which "
    "cluster the adversary would choose.",
    "Compare": "Further right is more accurate, further up more robust. Nothing beats what lies on the edge.",
    "Browse": "Every certificate is a file that anybody can verify without the model: lrscore verify FILE.",
    "Studies": "PageDown and PageUp show the other figure. Every point is one setting over all pictures: ask "
    "which of two you would ship, and what their intervals say. Each certificate has its own alpha; no claim holds "
    "for all at once.",
    "Learn": "Let people guess before PageDown shows the answer.",
    "About and limits": "The guarantee is a count, with stated confidence, for one norm and one picture. It "
    "is no promise "
    "about rain, rotation or the next picture.",
}


def embedded() -> bool:
    """Whether another page shows this one in a frame (`?embed=viewer`): picture or graph, budget and number only.

    Streamlit keeps `embed` for itself: it is not among `st.query_params`, but it stays in the address.
    """
    context = get_script_run_ctx()
    query = parse_qs(context.query_string.removeprefix("?")) if context is not None else {}
    return query.get("embed", [""])[-1] == "viewer"


def compact() -> bool:
    """Whether there is room for picture, legend, budget and headline only."""
    return on_stage() or embedded()
