"""A row of presets: each sets every control it names, and the one that the controls stand at is marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from ui.certification.options import Preset
from ui.links import Page, adopt_values, named
from ui.style.chrome import quiet


def matching(presets: Sequence[Preset], values: Mapping[str, Any]) -> Preset | None:
    """The first preset that these control values are, whatever the seed."""
    for preset in presets:
        if all(values.get(name) == value for name, value in preset.values.items() if name != "seed"):
            return preset
    return None


def draw_presets(page: Page, presets: Sequence[Preset], values: Mapping[str, Any]) -> None:
    """Draw the row; it sets the controls before they are drawn again.

    Args:
        page: whose controls it sets.
        presets: on offer.
        values: what the controls stand at.
    """
    key, current = named(page, "preset"), matching(presets, values)
    st.session_state[key] = current.name if current else None
    titles = {preset.name: preset.title for preset in presets}
    st.pills(
        "Preset",
        list(titles),
        format_func=titles.__getitem__,
        key=key,
        on_change=_apply,
        wrap=True,
        args=(page, presets),
        help="  \n".join(f"**{preset.title}**: {preset.description}" for preset in presets),
    )
    if current is not None:
        quiet(current.description)


def _apply(page: Page, presets: Sequence[Preset]) -> None:
    """Callback: set every control that the chosen preset names."""
    name = st.session_state.get(named(page, "preset"))
    chosen = next((preset for preset in presets if preset.name == name), None)
    if chosen is not None:
        adopt_values(page, chosen.values)
