"""Which model the segmentation page certifies: bundled ones, and those described in a folder of the server's owner."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import streamlit as st

from lrscore.errors import InputError
from lrscore.images.settings import ImageSettings
from models.descriptions import is_description
from models.dressing import Dressing, parted
from models.segmentation.names import DEFAULT_MODEL, ISOTROPIC_MODEL, TWO_VIEW_MODEL, VIEWS_MODEL
from models.segmentation.registry import available_models
from ui.images.own_model import uploaded_models
from ui.library.described import MODELS_VARIABLE, described_files
from ui.running.machine import model_stamp
from ui.widgets.linked import linked

BUNDLED = "bundled"
_MOST = 200
AS_IT_IS = "as it is"
ARITHMETIC = {AS_IT_IS: "As the model is", "float32": "float32", "bfloat16": "bfloat16", "float16": "float16"}
DRESSING = {"denoise": False, "precision": AS_IT_IS}
"""The controls of `draw_dressing`, with their defaults."""
TITLES = {
    BUNDLED: "Bundled, for this noise",
    ISOTROPIC_MODEL: "Bundled, trained under isotropic noise",
}


def offered() -> dict[str, str]:
    """Models on offer by the name in links, each with what to load; the bundled one depends on the settings."""
    own = {name: str(path) for name, path in described_files("images").items()}
    return {BUNDLED: "", ISOTROPIC_MODEL: ISOTROPIC_MODEL, **own, **uploaded_models()}


def draw_model_choice(changed: Callable[[], None]) -> str:
    """The picker; what is chosen, by its name in links.

    Args:
        changed: called when somebody chose another one, before anything is drawn.
    """
    names = list(offered())
    return str(
        linked(
            st.selectbox,
            "Model",
            names,
            key="image_model",
            on_change=changed,
            format_func=lambda name: TITLES.get(name, name),
            filter_mode=None,
            help="Own models: bring weights below, or describe a network in FILE.json (docs/own_network.md) and "
            f"start the server with {MODELS_VARIABLE} set to the folder of these files.",
        )
    )


def draw_dressing() -> str:
    """What is put around the model: a denoiser, another arithmetic; as its name says it (`models.dressing`)."""
    denoise = linked(
        st.toggle,
        "Denoiser in front",
        key="image_denoise",
        help="For models that were not trained under noise. It is told the noise level of every pixel, and is part of "
        "the model that is certified.",
    )
    precision = linked(
        st.selectbox,
        "Arithmetic",
        list(ARITHMETIC),
        key="image_precision",
        format_func=ARITHMETIC.__getitem__,
        help="Part of the model that is certified. bfloat16 is faster on some processors: measure it below. The "
        "estimate beside Run follows what this machine has done.",
    )
    return Dressing(bool(denoise), None if precision == AS_IT_IS else str(precision)).suffix


def dressing_of(recorded: str) -> dict[str, Any]:
    """The values of those controls for the name of a certificate's model."""
    dressing = _parted(recorded)[1]
    return {"denoise": dressing.denoise, "precision": dressing.precision or AS_IT_IS}


def _parted(name: str) -> tuple[str, Dressing]:
    """See `models.dressing.parted`; a name that contradicts itself stays as it is."""
    try:
        return parted(name)
    except InputError:
        return name, Dressing()


def model_to_load(choice: str, settings: ImageSettings) -> str:
    """What the registry loads for a choice; the bundled one is built of the views that the settings ask for."""
    own = offered().get(choice)  # nothing else: a link could name any module
    views = settings.all_views()
    if own or views is None:
        return own or DEFAULT_MODEL
    return TWO_VIEW_MODEL if [view.window for view in views] == [0, None] else VIEWS_MODEL


def draw_limits(load: str) -> None:
    """Where the chosen model fails, folded away; nothing for models that are not bundled: nobody wrote it down."""
    limits = next((entry.limits for entry in available_models() if entry.name == load), "")
    if limits:
        with st.popover("Where this model fails", icon=":material/warning:", type="tertiary"):
            st.markdown(limits)


def recorded_name(load: str) -> str:
    """How certificates name a model: a description's own name, or that of its network."""
    load, dressing = _parted(load)
    return _recorded_base(load) + dressing.suffix


def _recorded_base(load: str) -> str:
    if not is_description(load):
        return load
    return _described_name(load, model_stamp(load))


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
    base = _parted(recorded)[0]
    found = (name for name, load in offered().items() if load and recorded_name(load) == base)
    return next(found, BUNDLED)


def load_of_record(recorded: str, settings: ImageSettings) -> str:
    """What the registry loads to certify with the model that a file names: one that is on offer, nothing else.

    Raises:
        InputError: it is not on offer; a file's text never names code or files to load.
    """
    load = model_to_load(choice_of(recorded), settings) + _parted(recorded)[1].suffix
    if recorded_name(load) != recorded:
        raise InputError(f"its model {recorded!r:.80} is not on offer here")
    return load
