"""Page keys turn the page, whatever has the focus.

A presenter's remote control sends nothing but these two keys. Streamlit's own shortcuts stay silent while an input has
the focus, and a switch keeps the focus after it was pressed.
"""

from __future__ import annotations

import streamlit as st

_SCRIPT = """
export default function ({ data }) {
  const turn = (event) => {
    const key = data.buttons[event.key];
    if (!key || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    document.querySelector(`.st-key-${key} button:not(:disabled)`)?.click();
  };
  window.addEventListener("keydown", turn, true);
  return () => window.removeEventListener("keydown", turn, true);
}
"""


def turn_pages(previous: str, following: str) -> None:
    """Let PageUp and PageDown press two buttons.

    Args:
        previous, following: keys of the buttons.
    """
    keys = st.components.v2.component("lrs_page_keys", html="<span hidden></span>", js=_SCRIPT)
    keys(data={"buttons": {"PageUp": previous, "PageDown": following}}, key="page_keys")
