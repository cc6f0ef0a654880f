"""Page keys turn the page, whatever has the focus.

A presenter's remote control sends nothing but these two keys. Streamlit's own shortcuts stay silent while an input has
the focus, and a switch keeps the focus after it was pressed. A key that comes while the page is being drawn, before its
button is there, presses it as soon as it is.
"""

from __future__ import annotations

import streamlit as st

_SCRIPT = """
const PATIENCE = 50, MOMENT = 100; // so often, in so many milliseconds

export default function ({ data }) {
  let waiting = 0;
  const press = (key, left) => {
    const button = document.querySelector(`.st-key-${key} button`);
    if (button && !button.disabled) button.click();
    else if (!button && left > 0) waiting = setTimeout(() => press(key, left - 1), MOMENT);
  };
  const turn = (event) => {
    const key = data.buttons[event.key];
    if (!key || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    clearTimeout(waiting);
    press(key, PATIENCE);
  };
  window.addEventListener("keydown", turn, true);
  return () => {
    clearTimeout(waiting);
    window.removeEventListener("keydown", turn, true);
  };
}
"""


def turn_pages(previous: str, following: str) -> None:
    """Let PageUp and PageDown press two buttons.

    Args:
        previous, following: keys of the buttons.
    """
    keys = st.components.v2.component("lrs_page_keys", html="<span hidden></span>", js=_SCRIPT)
    keys(data={"buttons": {"PageUp": previous, "PageDown": following}}, key="page_keys")
