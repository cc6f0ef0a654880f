"""The work of a graph certification job: sample, publish every certificate that holds, keep the last one in a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from jobs import JobHandle, retry_with_smaller_batches
from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.settings import GraphSettings
from ui.certification.work import keep_in_file
from ui.graphs.sources import GraphSource
from ui.running.machine import ModelShelf, Pacemaker
from ui.style.words import counted

if TYPE_CHECKING:
    import torch

_BATCHES = {"cpu": 16, "cuda": 128}


@dataclass(frozen=True, eq=False)
class GraphRun:
    """Everything a run needs, fixed when it is queued.

    Args:
        source: the graph.
        settings: how it is certified.
        seed: of all randomness.
        model: name of the network.
        clusters: how many clusters the partition really has.
        folder: keeps the certificate as a file named by the job's id; None keeps none.
    """

    source: GraphSource
    settings: GraphSettings
    seed: int
    model: str
    clusters: int
    folder: Path | None = None

    @property
    def passes(self) -> int:
        """Noisy graphs that are pushed through the model."""
        return self.clusters * (self.settings.pilot_samples + self.settings.samples)

    @property
    def entries(self) -> int:
        """Ones in a noisy graph, about."""
        return max(1, round(self.source.cost(max(self.settings.flip_to_one))))

    @property
    def title(self) -> str:
        """One line for the list of runs."""
        near, far = self.settings.flip_to_zero
        return (
            f"{self.source.title} · {counted(self.clusters, 'cluster')} · {near:g} to {far:g} · "
            f"{counted(self.settings.samples, 'sample')}"
        )


def graph_work(
    run: GraphRun, shelf: ModelShelf, pacemaker: Pacemaker
) -> Callable[[JobHandle], GraphCertificate]:
    """The job: stream certificates, publish each, store the last one."""

    def work(handle: JobHandle) -> GraphCertificate:
        import torch

        model = shelf.get(run.model, handle.device)
        first = run.settings.batch_size or _BATCHES[handle.device.split(":")[0]]
        needed = max(run.settings.pilot_samples, run.settings.samples)

        def attempt(batch_size: int) -> GraphCertificate:
            generator = torch.Generator(handle.device).manual_seed(run.seed)
            return _sample(run, model, generator, handle, batch_size)

        certificate = retry_with_smaller_batches(attempt, min(first, needed), handle.remark)
        pacemaker.note(handle.device, run.entries, run.passes, handle.elapsed())
        if run.folder is not None:
            keep_in_file(certificate, run.folder / f"{handle.identity}.nc", handle)
        return certificate

    return work


def _sample(
    run: GraphRun,
    model: Callable[..., torch.Tensor],
    generator: torch.Generator,
    handle: JobHandle,
    batch_size: int,
) -> GraphCertificate:
    from lrscore.graphs.certify import stream_graph

    data = run.source.load()
    certificate = None
    for found in stream_graph(
        model,
        data,
        replace(run.settings, batch_size=batch_size),
        generator=generator,
        device=handle.device,
        progress=handle.progress,
        cancel=handle.cancelled,
    ):
        certificate = replace(found, provenance={**found.provenance, "title": run.source.argument})
        if getattr(data, "y", None) is not None:
            certificate = certificate.with_reference(data.y.numpy())
        handle.publish(certificate)
    assert certificate is not None
    return certificate
