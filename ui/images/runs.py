"""The work of a certification job: sample, publish every certificate that holds, keep the last one in a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from jobs import JobHandle, retry_with_smaller_batches
from lrscore.images.baselines import forward_passes
from lrscore.images.certificate import ImageCertificate
from lrscore.images.references import OTHER_CLASSES, match_reference
from lrscore.images.settings import ImageSettings
from models.segmentation.names import DEFAULT_MODEL, TWO_VIEW_MODEL, two_view_cost
from ui.certification.work import keep_in_file
from ui.images.sources import Source
from ui.running.machine import WORKING_SIZE, ModelShelf, Pacemaker

if TYPE_CHECKING:
    import torch


_BATCHES = {"cpu": 16, "cuda": 128}  # as fast as 32 on CPUs, and a cancel waits half as long


def model_for(settings: ImageSettings) -> str:
    """The bundled model that settings of the segmentation page are for."""
    return TWO_VIEW_MODEL if settings.two_views else DEFAULT_MODEL


def work_of(settings: ImageSettings, size: tuple[int, int] = WORKING_SIZE) -> int:
    """Forward passes of a run on a picture of that size, in passes of the usual network."""
    return round(forward_passes(settings) * pass_cost(settings, size))


def pass_cost(settings: ImageSettings, size: tuple[int, int] = WORKING_SIZE) -> float:
    """What one noisy copy costs, or one pair of views, in passes of the usual network."""
    return two_view_cost(*size, settings.grid) if settings.two_views else 1.0


@dataclass(frozen=True, eq=False)
class RunRequest:
    """Everything a run needs, fixed when it is queued.

    Args:
        source: the picture.
        settings: how it is certified.
        seed: of all randomness.
        model: name of the model.
        folder: keeps the certificate as a file named by the job's id; None keeps none.
    """

    source: Source
    settings: ImageSettings
    seed: int
    model: str
    folder: Path | None = None

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
    """The job: stream certificates, publish each, store the last one."""

    def work(handle: JobHandle) -> ImageCertificate:
        import torch

        model = shelf.get(request.model, handle.device)
        first = request.settings.batch_size or _BATCHES[handle.device.split(":")[0]]
        needed = max(request.settings.pilot_samples, request.settings.samples)

        def attempt(batch_size: int) -> ImageCertificate:
            generator = torch.Generator(handle.device).manual_seed(request.seed)
            return _sample(request, model, generator, handle, batch_size)

        certificate = retry_with_smaller_batches(attempt, min(first, needed), handle.remark)
        pacemaker.note(handle.device, certificate.labels.size, request.work, handle.elapsed())
        if request.folder is not None:
            keep_in_file(certificate, request.folder / f"{handle.identity}.nc", handle)
        return certificate

    return work


def _sample(
    request: RunRequest,
    model: Callable[[torch.Tensor], torch.Tensor],
    generator: torch.Generator,
    handle: JobHandle,
    batch_size: int,
) -> ImageCertificate:
    from lrscore.images.certify import stream_image

    source = request.source
    reference = match_reference(source.reference, source.class_names, getattr(model, "class_names", ()))
    certificate = None
    for found in stream_image(
        model,
        source.image,
        replace(request.settings, batch_size=batch_size),
        generator=generator,
        device=handle.device,
        progress=handle.progress,
        cancel=handle.cancelled,
    ):
        certificate = replace(found, provenance={**found.provenance, "title": source.argument})
        if reference is not None:
            certificate = certificate.with_reference(reference)
        handle.publish(certificate)
    assert certificate is not None
    if source.reference is not None and reference is None:
        handle.remark(OTHER_CLASSES)
    return certificate
