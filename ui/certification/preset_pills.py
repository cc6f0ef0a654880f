"""A row of presets: each sets every control it names, and the one that the controls stand at is marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from ui.certification.options import Preset


def matching(presets: Sequence[Preset], values: Mapping[str, Any], ignored: str) -> Preset | None:
    """The first preset that these control values are, whatever the value called `ignored` (the seed)."""
    for preset in presets:
        if all(values.get(name) == value for name, value in preset.values.items() if name != ignored):
            return preset
    return None


def draw_presets(
    presets: Sequence[Preset], values: Mapping[str, Any], *, key: str, seed: str, label: str = "Preset"
) -> None:
    """Draw the row; it sets the controls before they are drawn again.

    Args:
        presets: on offer.
        values: what the controls stand at.
        key: of the row.
        seed: name of the control whose value does not matter.
    """
    current = matching(presets, values, seed)
    st.session_state[key] = current.name if current else None
    titles = {preset.name: preset.title for preset in presets}
    st.pills(
        label,
        list(titles),
        format_func=titles.__getitem__,
        key=key,
        on_change=_apply,
        wrap=True,
        args=(presets, key),
        help="  \n".join(f"**{preset.title}**: {preset.description}" for preset in presets),
    )
    if current is not None:
        st.html(f'<p class="lrs-quiet">{current.description}</p>')


def adopt_values(values: Mapping[str, Any]) -> None:
    """Set controls by name, before they are drawn."""
    for name, value in values.items():
        st.session_state[name] = value


def _apply(presets: Sequence[Preset], key: str) -> None:
    """Callback: set every control that the chosen preset names."""
    chosen = next((preset for preset in presets if preset.name == st.session_state.get(key)), None)
    if chosen is not None:
        adopt_values(chosen.values)
