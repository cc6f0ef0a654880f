"""The job of both certification pages: sample, publish every certificate that holds, keep the last one in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from jobs import JobHandle, retry_with_smaller_batches
from lrscore.certificate import Certificate
from lrscore.errors import Cancelled, InputError, LrscoreError, told
from lrscore.settings import SamplingSettings
from lrscore.standing import Standing, Trail
from lrscore.unfinished import Unfinished
from models.dressing import parted
from ui.running.machine import ModelShelf, Pacemaker
from ui.running.shelf_room import no_room

if TYPE_CHECKING:
    import torch

    Stream = Callable[[Any, Any, torch.Generator, JobHandle, Trail | None], Iterator["Made"]]

Made = TypeVar("Made", bound=Certificate)

_BATCHES = {"cpu": 16, "cuda": 128}  # as fast as 32 on CPUs, and a cancel waits half as long


@dataclass(frozen=True, eq=False)
class CertificationWork(Generic[Made]):
    """What a run does, whatever it certifies.

    Args:
        stream: certificates of (model, settings, generator, handle, trail), each of which holds, the last one the final
            one.
        settings: how the input is sampled.
        seed: of all randomness.
        model: its name.
        folder: keeps the certificate as a file named by the job's id; None keeps none.
        cost: size of the input and passes over it, as the pacemaker counts them.
        begin: where a run that was cut off stood; None for a new one.
    """

    stream: Stream[Made]
    settings: SamplingSettings
    seed: int
    model: str
    folder: Path | None
    cost: tuple[int, int]
    begin: Standing | None = None

    def job(self, shelf: ModelShelf, pacemaker: Pacemaker) -> Callable[[JobHandle], Made]:
        """The job: stream certificates, publish each, store the last one."""

        def work(handle: JobHandle) -> Made:
            model = shelf.get(self.model, handle.device)
            first = self.settings.batch_size or _BATCHES[handle.device.split(":")[0]]
            needed = max(self.settings.pilot_samples, self.settings.samples)
            file = None if self.folder is None else self.folder / f"{handle.identity}.nc"
            with nullcontext() if file is None else lasting(file, handle) as traces:
                certificate = retry_with_smaller_batches(
                    lambda batch_size: self._sample(model, handle, batch_size, traces),
                    min(first, needed),
                    handle.remark,
                )
                size, passes = self.cost
                pacemaker.note(handle.device + dressing_suffix(self.model), size, passes, handle.elapsed())
                if file is not None:
                    _keep_in_file(certificate, file, handle)
            return certificate

        return work

    def _sample(self, model: Any, handle: JobHandle, batch_size: int, traces: Unfinished | None) -> Made:
        import torch

        generator = torch.Generator(handle.device).manual_seed(self.seed)
        settings, certificate = replace(self.settings, batch_size=batch_size), None
        same_batches = self.begin is not None and self.begin.certificate.settings.batch_size == batch_size
        trail = None if traces is None else Trail(traces.keep, self.begin if same_batches else None)
        for certificate in self.stream(model, settings, generator, handle, trail):
            handle.publish(certificate)
        assert certificate is not None
        return certificate


@contextmanager
def lasting(file: Path, handle: JobHandle) -> Iterator[Unfinished]:
    """Mark a run as under way while the block lasts: what cuts it off, and is no wish of its owner and no fault of the
    run itself, leaves what it needs to go on.

    Args:
        file: where its certificate will be kept.

    Raises:
        LrscoreError: it is under way already.
    """
    traces = Unfinished(file)
    try:
        yield traces
    except BaseException as error:
        asked = handle.unwanted() if isinstance(error, Cancelled) else isinstance(error, LrscoreError)
        if not asked:
            traces.leave()
        raise
    finally:
        traces.end()


def dressing_suffix(model: str) -> str:
    """What is put around a model, as its name says it; empty for most."""
    try:
        return parted(model)[1].suffix
    except InputError:
        return ""


def _keep_in_file(certificate: Certificate, destination: Path, handle: JobHandle) -> None:
    """A full disk costs the file, not the result."""
    full = no_room(destination.parent)
    if full is not None:
        handle.remark(f"The certificate is shown but not stored: {full}")
        return
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        certificate.save(destination)
    except (LrscoreError, OSError) as error:
        handle.remark(f"The certificate is shown but could not be stored: {told(error)}.")
