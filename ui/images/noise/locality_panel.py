"""Measured locality on the page: which regions matter for which predictions."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from jobs import JobSnapshot
from lrscore.images.regions import GridRegions
from ui.charts.terms import draw_figure
from ui.components.viewer import (
    ColourScale,
    ImageLayer,
    Panel,
    RegionLayer,
    Regions,
    ViewerEvent,
    image_viewer,
)
from ui.images.noise.adoption import WANTED, use_levels, use_measured
from ui.images.noise.matrix_plot import distance_figure, matrix_figure
from ui.images.noise.work import DRAWS, FoundLocality, locality_work
from ui.images.request import Request
from ui.images.sources import Source
from ui.running.machine_resources import model_shelf, pacemaker
from ui.running.page_job import PageJob, device_name
from ui.style.chrome import quiet
from ui.style.palette import ALLOCATION
from ui.style.pictures import colour_picture
from ui.style.theme import current_theme
from ui.style.words import duration

_LOCALITY = PageJob(
    "image_locality",
    found=lambda job: "preview by gradients shown" if job.partial else "",
    kept=lambda job: "What was found until then is shown." if job.partial else "",
)
_PICKED = "locality_region"


def draw_locality(source: Source, request: Request) -> None:
    """Button, progress, heatmaps, and what to do with them."""
    job = _LOCALITY.current()
    st.caption(
        "Puts noise on one region at a time and counts the labels that change in every other region. "
        "It describes the model on this picture and helps to choose levels; no guarantee rests on it."
    )
    st.button(
        "Measure where the model looks",
        key="measure_locality",
        icon=":material/query_stats:",
        disabled=job is not None and not job.state.finished,
        on_click=partial(_start_measuring, source, request),
    )
    if job is None:
        return
    _LOCALITY.draw(job)
    found: FoundLocality | None = job.latest
    if found is not None:
        _draw_found(found, source, request)


def _start_measuring(source: Source, request: Request) -> None:
    """Queue a measurement."""
    _LOCALITY.start(
        locality_work(source, request.settings.grid, request.model, model_shelf()), "Measured locality"
    )


def serve_measured_preset(source: Source, request: Request) -> bool:
    """Give the preset "Measured" its levels as soon as there are any; nothing is measured unasked.

    Returns:
        Whether levels were adopted, so that the page should be drawn again.
    """
    if not st.session_state.get(WANTED):
        return False
    found = _measured_for(_LOCALITY.current(), source, request)
    if found is None:
        return False
    settings = request.settings
    use_measured(found.locality.levels(settings.level_min, settings.level_max))
    return True


def draw_measured_offer(source: Source | None, request: Request | None) -> None:
    """What the preset "Measured" waits for, with the button that starts it; nothing for other presets."""
    if source is None or request is None or not st.session_state.get(WANTED):
        return
    job = _LOCALITY.current()
    if job is not None and not job.state.finished:
        quiet("Measuring where the model looks: the progress stands below the picture.")
        return
    height, width = source.image.shape[1:]
    rows, cols = request.settings.grid
    seconds = pacemaker().seconds(device_name(), height * width, rows * cols * DRAWS)
    st.button(
        f"Measure first · about {duration(seconds)}",
        key="measure_first",
        icon=":material/query_stats:",
        width="stretch",
        on_click=partial(_start_measuring, source, request),
    )
    quiet("Where the model looks has not been measured here. Until then Run uses the levels of the slider.")


def _measured_for(job: JobSnapshot | None, source: Source, request: Request) -> FoundLocality | None:
    """The finished measurement of this model on this picture and grid, or None."""
    found: FoundLocality | None = job.result if job is not None else None
    return found if found is not None and belongs(found, source, request) else None


def belongs(found: FoundLocality, source: Source, request: Request) -> bool:
    """Whether this is about that model on that picture and grid."""
    asked = found.locality.grid == request.settings.grid and found.model == request.model
    return asked and np.array_equal(found.source.image, source.image)


def _draw_found(found: FoundLocality, source: Source, request: Request) -> None:
    rows, cols = found.locality.grid
    how = "Preview by gradients at the clean picture" if found.preview else "Measured"
    st.markdown(f"**{how}** on {found.source.title}, {rows}×{cols} regions: {found.locality.unit}.")
    theme, influence = current_theme(), found.locality.influence
    high = float(influence.max()) or 1.0
    left, right = st.columns(2, gap="large")
    with left:
        _draw_overlay(found, high)
    with right:
        draw_figure(
            matrix_figure(
                influence,
                theme,
                colours=ALLOCATION,
                high=high,
                title="Influence between regions",
            ),
            key="locality_matrix",
            alt="Heatmap of influence: one row per predicted region, one column per region with noise.",
        )
        draw_figure(
            distance_figure(found.locality.by_distance(), theme, unit="influence"),
            key="locality_distance",
            alt="Mean influence by grid distance.",
        )
    if found.preview or not belongs(found, source, request):
        return
    settings = request.settings
    levels = found.locality.levels(settings.level_min, settings.level_max)
    st.button(
        f"Use as noise levels ({settings.level_min:g} where it looks most, {settings.level_max:g} where it does not)",
        key="use_measured",
        icon=":material/tune:",
        on_click=partial(use_levels, levels, settings),
    )


def _draw_overlay(found: FoundLocality, high: float) -> None:
    """The regions that matter for one of them, over the picture; a click picks another one."""
    image = found.source.image
    regions = GridRegions(image.shape[1], image.shape[2], *found.locality.grid)
    chosen = int(st.session_state.get(_PICKED, regions.count // 2))
    chosen = chosen if chosen < regions.count else regions.count // 2
    values = found.locality.influence[chosen]
    layer = RegionLayer(
        "influence",
        ALLOCATION.apply(values, 0.0, high),
        tuple(f"{value:.2g}" for value in values),
        opacity=0.75,
        scale=ColourScale(ALLOCATION, 0.0, high, f"influence on region {chosen}"),
    )
    panel = Panel(
        f"What region {chosen} depends on",
        (ImageLayer("picture", colour_picture(image)), layer),
        f"Influence of every region on the predictions in region {chosen}. Pick a pixel for another region.",
    )
    image_viewer(
        [panel],
        key="locality_viewer",
        regions=Regions.from_slices((regions.slices(j) for j in range(regions.count)), outlined=True),
        height=360,
        on_click=_remember_region,
    )
    st.caption("Click into another region to see what its predictions depend on.")


def _remember_region(event: ViewerEvent | None) -> None:
    if event is not None and event.region is not None:
        st.session_state[_PICKED] = event.region
