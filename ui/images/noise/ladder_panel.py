"""Which noise the model stands on this picture: its smoothed against its unsmoothed prediction, level by level."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from jobs import JobHandle
from lrscore.agreement import ENOUGH
from lrscore.images.references import match_reference
from ui.images.request import Request
from ui.images.sources import Source
from ui.running.machine import ModelShelf
from ui.running.machine_resources import model_shelf, pacemaker
from ui.running.page_job import PageJob, device_name
from ui.style.words import duration

if TYPE_CHECKING:
    from lrscore.images.ladder import Rung

_VOTES, _RUNGS = 16, 7
_LADDER = PageJob("image_ladder")


@dataclass(frozen=True)
class FoundLadder:
    """The rungs that were measured, and on what."""

    title: str
    model: str
    rungs: tuple[Rung, ...]


def ladder_work(source: Source, request: Request, shelf: ModelShelf) -> Callable[[JobHandle], FoundLadder]:
    """A job that climbs the usual levels on one picture."""
    name, noise, seed = request.model, request.settings.noise, request.seed

    def work(handle: JobHandle) -> FoundLadder:
        import torch

        from lrscore.images.ladder import Picture, climb

        model = shelf.get(name, handle.device)
        classes = tuple(getattr(model, "class_names", ()))
        reference = match_reference(source.reference, source.class_names, classes)
        rungs = climb(
            model,
            [Picture(source.image, reference)],
            noise=noise,
            votes=_VOTES,
            generator=torch.Generator(handle.device).manual_seed(seed),
            device=handle.device,
            progress=handle.progress,
            cancel=handle.cancelled,
        )
        return FoundLadder(source.title, str(getattr(model, "name", name)), tuple(rungs))

    return work


def draw_ladder(source: Source, request: Request) -> None:
    """Button with an estimate, progress, and a table of the levels."""
    job = _LADDER.current()
    st.caption(
        "Smooths the picture by the same noise everywhere, level by level, and compares with what the model says "
        f"without noise. Below {100 * ENOUGH:.0f} % agreement a certificate would be about another prediction. "
        "It certifies nothing."
    )
    height, width = source.image.shape[1:]
    seconds = pacemaker().seconds(device_name(), height * width, _VOTES * _RUNGS)
    st.button(
        f"Check the model under noise · about {duration(seconds)}",
        key="check_noise",
        icon=":material/stairs:",
        disabled=job is not None and not job.state.finished,
        on_click=partial(_start, source, request),
    )
    if job is None:
        return
    _LADDER.draw(job)
    found: FoundLadder | None = job.result
    if found is not None:
        _draw_found(found)


def _start(source: Source, request: Request) -> None:
    _LADDER.start(ladder_work(source, request, model_shelf()), "Noise the model stands")


def _draw_found(found: FoundLadder) -> None:
    """A row per level; where too many labels change, the row says so."""
    st.markdown(f"**{found.model}** on {found.title}:")
    st.table(
        [
            {
                "Noise level": f"{rung.level:g}" if rung.level else "none",
                "Same label as without noise": f"{100 * rung.agreement:.1f} %",
                **({} if rung.accuracy is None else {"Right": f"{100 * rung.accuracy:.1f} %"}),
                "": "" if rung.agreement >= ENOUGH else "too much noise for this model",
            }
            for rung in found.rungs
        ]
    )
