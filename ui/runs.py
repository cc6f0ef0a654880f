"""The work of a certification job: sample, publish every certificate that holds, keep the last one in a file."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs import JobHandle, retry_with_smaller_batches, settle
from lrscore.baselines import forward_passes
from lrscore.certificates import ImageCertificate
from lrscore.errors import LrscoreError
from lrscore.references import OTHER_CLASSES, match_reference
from lrscore.settings import ImageSettings
from models.names import DEFAULT_MODEL, TWO_VIEW_MODEL, two_view_cost
from ui.gallery import Source

if TYPE_CHECKING:
    import torch

    from lrscore.graph_certificate import GraphCertificate

PASSES_PER_SECOND = {"cpu": 90.0, "cuda": 4000.0}
"""Forward passes a second at 180x240 until this machine has been measured."""

WORKING_SIZE = (180, 240)
_WORKING_PIXELS = WORKING_SIZE[0] * WORKING_SIZE[1]
_BATCHES = {"cpu": 16, "cuda": 128}  # as fast as 32 on CPUs, and a cancel waits half as long


def load_image_model(name: str) -> Any:
    """The segmentation model of that name, torch imported only when one is asked for."""
    from models.registry import load_model

    return load_model(name)


class ModelShelf:
    """Loaded models by name and device; each is loaded once, by whoever needs it first.

    Args:
        load: gives the model of a name.
    """

    def __init__(self, load: Callable[[str], Any] = load_image_model) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._models: dict[tuple[str, str], Any] = {}

    def get(self, name: str, device: str) -> Callable[..., torch.Tensor]:
        """The model, on its device.

        Raises:
            InputError: unknown name or unusable weights.
        """
        with self._lock:
            if (name, device) not in self._models:
                model = self._load(name)
                self._models[name, device] = model.to(device)
                settle()
            return self._models[name, device]


class Pacemaker:
    """Remembers how many passes a second each device has done, for estimates. Safe between threads.

    Args:
        typical: passes a second over `unit` pixels, by kind of device, until this machine has been measured.
        unit: pixels, or whatever else the cost of a pass follows.
    """

    def __init__(self, typical: Mapping[str, float] = PASSES_PER_SECOND, unit: int = _WORKING_PIXELS) -> None:
        self._typical, self._unit = typical, unit
        self._lock = threading.Lock()
        self._rates: dict[str, float] = {}

    def note(self, device: str, pixels: int, passes: int, seconds: float) -> None:
        """A run did that many passes over pictures of that many pixels."""
        if passes > 0 and seconds > 0:
            with self._lock:
                self._rates[device] = passes * pixels / self._unit / seconds

    def seconds(self, device: str, pixels: int, passes: int) -> float:
        """Estimated duration of a run."""
        with self._lock:
            rate = self._rates.get(device, self._typical[device.split(":")[0]])
        return passes * pixels / self._unit / rate


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
    from lrscore.images import stream_image

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


def keep_in_file(
    certificate: ImageCertificate | GraphCertificate, destination: Path, handle: JobHandle
) -> None:
    """A full disk costs the file, not the result."""
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        certificate.save(destination)
    except (LrscoreError, OSError) as error:
        handle.remark(f"The certificate is shown but could not be stored: {error}.")
