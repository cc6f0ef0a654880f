"""Which model the segmentation page certifies: bundled ones, and those described in a folder of the server's owner."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import streamlit as st

from lrscore.errors import InputError
from lrscore.images.settings import ImageSettings
from models.segmentation.names import DEFAULT_MODEL, ISOTROPIC_MODEL, TWO_VIEW_MODEL
from models.segmentation.registry import available_models
from ui.images.own_model import uploaded_models
from ui.library.described import MODELS_VARIABLE, described_files

BUNDLED = "bundled"
_MOST = 200
TITLES = {
    BUNDLED: "Bundled, trained under localized noise",
    ISOTROPIC_MODEL: "Bundled, trained under isotropic noise",
}


def offered() -> dict[str, str]:
    """Models on offer by the name in links, each with what to load; the bundled one depends on the settings."""
    own = {name: str(path) for name, path in described_files("images").items()}
    return {BUNDLED: "", ISOTROPIC_MODEL: ISOTROPIC_MODEL, **own, **uploaded_models()}


def draw_model_choice() -> str:
    """The picker; what is chosen, by its name in links."""
    names = list(offered())
    return str(
        st.selectbox(
            "Model",
            names,
            key="image_model",
            bind="query-params",
            format_func=lambda name: TITLES.get(name, name),
            filter_mode=None,
            help="Own models: bring weights below, or describe any network in FILE.json (docs/own_network.md) and "
            f"start the server with {MODELS_VARIABLE} set to the folder of these files.",
        )
    )


def model_to_load(choice: str, settings: ImageSettings) -> str:
    """What the registry loads for a choice; the bundled one has two views where the settings ask for them."""
    own = offered().get(choice)  # nothing else: a link could name any module
    return own or (TWO_VIEW_MODEL if settings.two_views else DEFAULT_MODEL)


def draw_limits(load: str) -> None:
    """Where the chosen model fails, folded away; nothing for models that are not bundled: nobody wrote it down."""
    limits = next((entry.limits for entry in available_models() if entry.name == load), "")
    if limits:
        with st.popover("Where this model fails", icon=":material/warning:", type="tertiary"):
            st.markdown(limits)


def recorded_name(load: str) -> str:
    """How certificates name a model: a description's own name, or that of its network."""
    if not load.lower().endswith(".json"):
        return load
    return _described_name(load, os.stat(load).st_mtime_ns if Path(load).is_file() else 0)


@lru_cache(maxsize=_MOST)
def _described_name(load: str, stamp: int) -> str:
    from models.segmentation.described import Description

    try:
        description = Description.read(load)
    except InputError:
        return load
    return str(description.name or description.network or "own")


def choice_of(recorded: str) -> str:
    """The choice that a certificate's model is; the bundled one if it is not on offer."""
    found = (name for name, load in offered().items() if load and recorded_name(load) == recorded)
    return next(found, BUNDLED)
