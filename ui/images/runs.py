"""The work of a certification job: sample, publish every certificate that holds, keep the last one in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs import JobHandle
from lrscore.images.baselines import forward_passes
from lrscore.images.certificate import ImageCertificate
from lrscore.images.references import match_reference
from lrscore.images.settings import ImageSettings
from lrscore.references import other_classes
from lrscore.standing import Standing, Trail
from models.segmentation.names import VIEWS_COST, two_view_cost
from ui.certification.work import CertificationWork
from ui.images.sources import Source
from ui.running.machine import WORKING_SIZE, ModelShelf, Pacemaker

if TYPE_CHECKING:
    import torch


def work_of(settings: ImageSettings, size: tuple[int, int] = WORKING_SIZE) -> int:
    """Forward passes of a run on a picture of that size, in passes of the usual network."""
    return round(forward_passes(settings) * pass_cost(settings, size))


def pass_cost(settings: ImageSettings, size: tuple[int, int] = WORKING_SIZE) -> float:
    """What one noisy copy costs, or one set of views, in passes of the usual network; views as the bundled ones do."""
    views = settings.all_views()
    if views is None:
        return 1.0
    tiles = [view.window for view in views] == [0, None]
    return two_view_cost(*size, settings.grid) if tiles else VIEWS_COST


@dataclass(frozen=True, eq=False)
class RunRequest:
    """Everything a run needs, fixed when it is queued.

    Args:
        source: the picture.
        settings: how it is certified.
        seed: of all randomness.
        model: name of the model.
        folder: keeps the certificate as a file named by the job's id; None keeps none.
        begin: where it stood when it was cut off; None for a new one.
    """

    source: Source
    settings: ImageSettings
    seed: int
    model: str
    folder: Path | None = None
    begin: Standing | None = None

    @property
    def work(self) -> int:
        """Forward passes that it takes, in passes of the usual network."""
        height, width = self.source.image.shape[1:]
        return work_of(self.settings, (height, width))

    @property
    def title(self) -> str:
        """One line for the list of runs."""
        rows, cols = self.settings.grid
        levels = self.settings.levels_in_words()
        return f"{self.source.title} · {rows}×{cols} · {levels} · {self.settings.samples:,} samples"


def certification_work(
    request: RunRequest, shelf: ModelShelf, pacemaker: Pacemaker
) -> Callable[[JobHandle], ImageCertificate]:
    """The job of a run, see `CertificationWork`."""
    pixels = request.source.image[0].size
    work = CertificationWork(
        partial(_stream, request.source),
        request.settings,
        request.seed,
        request.model,
        request.folder,
        (pixels, request.work),
        request.begin,
    )
    return work.job(shelf, pacemaker)


def _stream(
    source: Source,
    model: Any,
    settings: ImageSettings,
    generator: torch.Generator,
    handle: JobHandle,
    trail: Trail | None,
) -> Iterator[ImageCertificate]:
    """Certificates of the picture, with its title and its reference labels where the model has the same classes."""
    from lrscore.images.certify import stream_image

    names = tuple(getattr(model, "class_names", ()))
    reference = match_reference(source.reference, source.class_names, names)

    def dress(found: ImageCertificate) -> ImageCertificate:
        titled = replace(found, provenance={**found.provenance, "title": source.argument})
        return titled if reference is None else titled.with_reference(reference)

    for found in stream_image(
        model,
        source.image,
        settings,
        generator=generator,
        device=handle.device,
        progress=handle.progress,
        cancel=handle.cancelled,
        trail=None if trail is None else trail.dressed(dress),
    ):
        yield dress(found)
    if source.reference is not None and reference is None:
        handle.remark(other_classes(source.class_names, names, "the picture's reference labels"))
