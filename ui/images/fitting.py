"""Whether a model of one's own takes a picture of the chosen size: tried when both are chosen, not found by a run."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial

import streamlit as st

from lrscore.errors import LrscoreError, SettingsError, told
from lrscore.images.settings import ImageSettings
from models.segmentation.names import ISOTROPIC_MODEL
from ui.images.models import BUNDLED
from ui.images.noise.editor import use_copies
from ui.images.request import Request
from ui.images.sources import Source
from ui.running.aside import StillReading, aside, draw_elapsed
from ui.running.machine import model_stamp
from ui.running.machine_resources import model_shelf
from ui.running.page_job import device_name

_ANY_SIZE = (BUNDLED, ISOTROPIC_MODEL)
_MOST = 200
_NO_VIEWS = "the controls ask for views, which serve all regions, and this model reads one picture at a time"


def fits(source: Source, request: Request) -> bool:
    """Whether nothing is known that keeps a run from beginning; says on the page what does.

    A model of one's own is loaded and asked once about a picture of this size, aside; until then it may be tried.
    """
    height, width = source.image.shape[1:]
    try:
        request.settings.regions(height, width)
    except SettingsError as error:
        st.error(told(error), icon=":material/grid_off:")
        return False
    if request.choice in _ANY_SIZE:
        return True
    key = _key(request, (height, width))
    if key not in _found():
        try:
            trial = partial(_problem, request.model, request.settings, source.image.shape)
            _keep(key, aside().get(key, trial))
        except StillReading:
            draw_elapsed(key, f"Trying the model on a picture of {width}×{height} pixels")
            return True
    problem = _found()[key]
    if problem == _NO_VIEWS:
        st.error(f"It can not be certified: {problem}.", icon=":material/layers:")
        st.button("Use copies for each region", key="use_copies", on_click=use_copies, width="stretch")
    elif problem:
        st.error(f"It can not be certified: {problem}{_advice(problem)}", icon=":material/aspect_ratio:")
    return not problem


def _problem(name: str, settings: ImageSettings, shape: tuple[int, int, int]) -> str:
    """Why the model can not be sampled on pictures of that shape, a sentence; nothing if it can."""
    import torch

    from lrscore.images.noisy_copies import NoisyCopies
    from lrscore.images.views import view_reader

    height, width = shape[1:]
    try:
        model = model_shelf().get(name, device_name())
        if settings.all_views() is not None and view_reader(model, settings.regions(height, width)) is None:
            return _NO_VIEWS
        NoisyCopies(model, settings, torch.zeros(shape, device=device_name()), 1)
    except LrscoreError as error:
        return f"the model does not take this picture of {width}×{height} pixels. {told(error)}."
    except MemoryError:  # a run makes room for itself, or says so
        return ""
    return ""


def _advice(problem: str) -> str:
    if '"multiple"' in problem:
        return " In its description this lets pictures be padded to sides that it takes."
    return " Choose a picture of another size, or another model."


def _key(request: Request, size: tuple[int, int]) -> Hashable:
    """Stands for a trial: the model as its file is now, the size, and the views if there are any."""
    views = request.settings.all_views()
    grid = None if views is None else request.settings.grid
    return "fitting", request.model, model_stamp(request.model), size, views, grid


@st.cache_resource(max_entries=1, show_spinner=False)
def _found() -> dict[Hashable, str]:
    """What trials have found, of this server."""
    return {}


def _keep(key: Hashable, problem: str) -> None:
    found = _found()
    for older in list(found)[: 1 - _MOST]:
        found.pop(older, None)
    found[key] = problem
