"""How links name things: the parameters of a page begin with the page's word. Older names are read here, nowhere else.

Pages share one session, so the keys of their controls, which are also their names in links, must differ.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Literal

import streamlit as st
from streamlit.errors import StreamlitAPIException

Page = Literal["image", "graph", "compare", "browse", "learn"]

STUDY_DRAFT = "studies_draft"
"""Name in the session of the text that the form for a new study begins with."""
COMPARE_CARD = "compare_card"
"""Name in a link of one certificate that is compared with the pinned ones."""

_GIVEN = "given"  # values of controls that came with files

_SAME: Mapping[Page, str] = {
    "image": "rows cols levels noise curve mask views samples pilot alpha correction tolerated adaptive seed eps count "
    "panels scene matrix locality proposal stored open job tour",
    "graph": "clusters partition to_one to_zero falloff scores bound cut additions deletions node effort stored pinned",
    "compare": "pick first second picture budget",
    "browse": "find shelf kind sort",
    "learn": "step notes present p sigma near far epsilon share to_one to_zero",
}
_OTHER: Mapping[Page, Mapping[str, str]] = {
    "image": {"level_tool": "tool"},
    "graph": {
        "graph": "name",
        "network": "model",
        "copies": "samples",
        "pilots": "pilot",
        "confidence": "alpha",
        "family": "correction",
        "spare": "tolerated",
        "start": "seed",
        "counted": "count",
        "override": "levels",
        "graphjob": "job",
    },
    "compare": {"a": "card", "rival": "job"},
    "browse": {},
    "learn": {},
}


def named(page: Page, name: str) -> str:
    """What a link and the session call something of a page."""
    return f"{page}_{name}"


def old_names(page: Page) -> dict[str, str]:
    """Present name by the name that links had before."""
    same = {name: named(page, name) for name in _SAME[page].split()}
    return same | {old: named(page, new) for old, new in _OTHER[page].items()}


def read_old_link(page: Page) -> None:
    """Call old parameters of the address by their present names, before anything of the page is drawn.

    Controls take their first value from the address that a run starts with: the page starts once more.
    """
    numbers = {name for old, new in old_names(page).items() if new in _typed(page) for name in (old, new)}
    endless = [name for name in numbers & set(st.query_params) if _is_infinite(st.query_params[name])]
    for name in endless:
        del st.query_params[name]
    moves = [([old], new) for old, new in old_names(page).items()]
    if page == "compare" and {"a", "b"} <= set(st.query_params):  # before more than two could be compared
        moves.insert(0, (["a", "b"], named(page, "pick")))
    if sum(_move(old, new) for old, new in moves) or endless:
        st.rerun()


def adopt_values(page: Page, values: Mapping[str, Any]) -> None:
    """Set controls of a page by name, before they are drawn."""
    for name, value in values.items():
        st.session_state[named(page, name)] = value


def adopt_found(page: Page, values: Mapping[str, Any]) -> None:
    """Like `adopt_values`, for values that come with a file or an example: nobody has chosen them."""
    adopt_values(page, values)
    st.session_state[named(page, _GIVEN)] = {**st.session_state.get(named(page, _GIVEN), {}), **values}


def adopt_unchosen(page: Page, values: Mapping[str, Any]) -> None:
    """Like `adopt_found`, but what somebody has chosen stays: the link names every control that does not stand where it
    stood at first, and those that `adopt_found` has moved are known."""
    given = st.session_state.get(named(page, _GIVEN), {})
    missing = object()

    def chosen(name: str) -> bool:
        key = named(page, name)
        return key in st.query_params and st.session_state.get(key, missing) != given.get(name, missing)

    adopt_found(page, {name: value for name, value in values.items() if not chosen(name)})


def _typed(page: Page) -> set[str]:
    """Controls that take a whole number by typing: Streamlit's field fails on an infinite one.

    Nothing else is judged as a number: "0016E5_07959" names a frame of CamVid, and Python reads it as infinite.
    """
    return {named(page, name) for name in ("seed", "tolerated")}


def _is_infinite(value: str) -> bool:
    """Whether a value of a link is read as an infinite number: "inf", "1e999", hundreds of digits."""
    try:
        return math.isinf(float(value))
    except ValueError:
        return False


def _move(old: list[str], new: str) -> bool:
    values = [value for name in old for value in st.query_params.get_all(name)]
    if not values:
        return False
    for name in old:
        st.query_params.pop(name, None)
    if new not in st.query_params:
        with suppress(StreamlitAPIException):  # a control that this session has drawn keeps what it stands at
            st.query_params[new] = values
    return True
