"""A button that copies the page's address: the link to everything on screen."""

from __future__ import annotations

import streamlit as st

_HTML = '<button class="copy" type="button">Copy link</button>'

_STYLE = """
.copy { font: inherit; font-size: 0.9rem; min-height: 2.5rem; padding: 0 0.8rem; cursor: pointer; white-space: nowrap;
  color: var(--st-text-color); background: transparent; border: 1px solid var(--st-border-color);
  border-radius: var(--st-button-radius, 0.4rem); }
.copy:hover, .copy:focus-visible { border-color: var(--st-primary-color); color: var(--st-primary-color); }
"""

_SCRIPT = """
export default function ({ parentElement }) {
  const button = parentElement.querySelector(".copy");
  const copy = async () => {
    const address = window.location.href;
    try {
      await navigator.clipboard.writeText(address);
    } catch {  // no permission, or not a secure context: the old way
      const field = document.createElement("textarea");
      field.value = address;
      parentElement.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    button.textContent = "Link copied";
    setTimeout(() => (button.textContent = "Copy link"), 1600);
  };
  button.onclick = copy;
}
"""


def copy_link_button(key: str = "copy_link") -> None:
    """Draw the button."""
    button = st.components.v2.component("lrs_copy_link", html=_HTML, css=_STYLE, js=_SCRIPT)
    button(key=key)
