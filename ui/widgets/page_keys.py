"""Page keys turn the page even after a slider was touched.

A slider that has the focus takes PageUp and PageDown for itself, and Streamlit's shortcuts stay silent in inputs. A
presenter's remote control sends nothing but these two keys.
"""

from __future__ import annotations

import streamlit as st

_SCRIPT = """
export default function ({ data }) {
  const turn = (event) => {
    const key = data.buttons[event.key];
    if (!key || !event.target.matches?.("input[type=range]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    event.target.blur();  // from now on Streamlit's own shortcut hears the keys
    document.querySelector(`.st-key-${key} button:not(:disabled)`)?.click();
  };
  document.addEventListener("keydown", turn, true);
  return () => document.removeEventListener("keydown", turn, true);
}
"""


def turn_pages(previous: str, following: str) -> None:
    """Let PageUp and PageDown press two buttons while a slider has the focus.

    Args:
        previous, following: keys of the buttons.
    """
    keys = st.components.v2.component("lrs_page_keys", html="<span hidden></span>", js=_SCRIPT)
    keys(data={"buttons": {"PageUp": previous, "PageDown": following}}, key="page_keys")
