"""Controls whose value is part of the address: what a link asks for in vain is told, not only dropped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import streamlit as st

_UNHEARD, _PAGE = "links_unheard", "links_page"
_CHOICES = ("selectbox", "segmented_control", "pills", "select_slider", "radio")
_NUMBERS = ("slider", "number_input", "pagination")
_SWITCHES = ("toggle", "checkbox")
_LONGEST = 80


def linked(widget: Callable[..., Any], *args: Any, key: str, **options: Any) -> Any:
    """Draw a control bound to the address line, where its key is the parameter's name; its value.

    Streamlit drops a value that the control does not offer: it is remembered here, for `unheard`.

    Args:
        widget: one of Streamlit's, `st.slider` or a container's.
        args, options: as it takes them.
        key: of the control, in the session and in links.
    """
    kind, texts = widget.__name__, st.query_params.get_all(key)
    vain = [text for text in texts if not _offered(kind, args, options, text)]
    value = widget(*args, key=key, bind="query-params", **options)
    if vain:
        label = "step" if kind == "pagination" else str(args[0])
        said = ", ".join(vain)[:_LONGEST]
        st.session_state[_UNHEARD] = {**_unheard(), key: (label, said, value)}
    return value


def heed_page(page: str) -> None:
    """Forget what was asked of another page's controls, before this one draws its own."""
    if st.session_state.get(_PAGE) != page:
        st.session_state[_PAGE] = page
        st.session_state.pop(_UNHEARD, None)


def unheard() -> list[tuple[str, str]]:
    """What the link asked for and controls do not offer, with the control's label first, until that is moved."""
    standing = {
        key: entry for key, entry in _unheard().items() if st.session_state.get(key, entry[2]) == entry[2]
    }
    st.session_state[_UNHEARD] = standing
    return [(label, said) for label, said, _ in standing.values()]


def _unheard() -> dict[str, tuple[str, str, Any]]:
    found: dict[str, tuple[str, str, Any]] = st.session_state.get(_UNHEARD, {})
    return found


def _offered(kind: str, args: Sequence[Any], options: Mapping[str, Any], text: str) -> bool:
    """Whether a control of that kind takes a parameter's text; what it checks itself it may take."""
    if not text:
        return True  # none chosen, or an empty field
    if kind in _CHOICES:
        offers = args[1] if len(args) > 1 else options["options"]
        words = options.get("format_func", str)
        return text in map(words, offers)
    if kind in _SWITCHES:
        return text.casefold() in ("true", "false")
    if kind in _NUMBERS:
        low, high = (1, args[0]) if kind == "pagination" else _range(args, options)
        with suppress(ValueError):
            number = float(text)
            return (low is None or low <= number) and (high is None or number <= high)
        return False
    return True


def _range(args: Sequence[Any], options: Mapping[str, Any]) -> tuple[Any, Any]:
    """The smallest and largest number that a control takes; None: any."""
    given = dict(zip(("label", "min_value", "max_value"), args, strict=False)) | dict(options)
    return given.get("min_value"), given.get("max_value")
