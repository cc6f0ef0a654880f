"""The work of a graph certification job: sample, publish every certificate that holds, keep the last one in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs import JobHandle
from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.settings import GraphSettings
from lrscore.standing import Standing, Trail
from ui.certification.work import CertificationWork
from ui.graphs.sources import GraphSource
from ui.running.machine import ModelShelf, Pacemaker
from ui.style.words import counted

if TYPE_CHECKING:
    import torch


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
        begin: where it stood when it was cut off; None for a new one.
    """

    source: GraphSource
    settings: GraphSettings
    seed: int
    model: str
    clusters: int
    folder: Path | None = None
    begin: Standing | None = None

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
    """The job of a run, see `CertificationWork`."""
    work = CertificationWork(
        partial(_stream, run.source),
        run.settings,
        run.seed,
        run.model,
        run.folder,
        (run.entries, run.passes),
        run.begin,
    )
    return work.job(shelf, pacemaker)


def _stream(
    source: GraphSource,
    model: Any,
    settings: GraphSettings,
    generator: torch.Generator,
    handle: JobHandle,
    trail: Trail | None,
) -> Iterator[GraphCertificate]:
    """Certificates of the graph, with its title and its true classes where it has any."""
    from lrscore.graphs.certify import stream_graph
    from lrscore.graphs.known_labels import known_labels
    from lrscore.graphs.unsmoothed import unsmoothed_labels

    data = source.load()
    unsmoothed = unsmoothed_labels(model, data, handle.device)
    known, sentence = known_labels(data, model, unsmoothed.size)

    def dress(found: GraphCertificate) -> GraphCertificate:
        titled = {**found.provenance, "title": source.argument}
        certificate = replace(found, provenance=titled, unsmoothed=unsmoothed)
        return certificate if known is None else certificate.with_reference(known)

    for found in stream_graph(
        model,
        data,
        settings,
        generator=generator,
        device=handle.device,
        progress=handle.progress,
        cancel=handle.cancelled,
        trail=None if trail is None else trail.dressed(dress),
    ):
        yield dress(found)
    if sentence:
        handle.remark(sentence)
