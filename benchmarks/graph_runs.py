"""Sampling runs behind the graph tables: each made once, kept in a folder; scores, margins and votes together."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from lrscore.files import load_certificate
from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.counting import as_scores, collect_scores, label_histogram
from lrscore.graphs.input import GraphInput
from lrscore.graphs.partition import affinity, affinity_ranks, partition_nodes
from lrscore.graphs.sampler import GraphSampler
from lrscore.graphs.settings import GraphSettings
from lrscore.monitor import Run as Sampling
from lrscore.provenance import describe_run
from models.graphs.registry import load_graph, load_graph_model

if TYPE_CHECKING:
    from torch_geometric.data import Data


@dataclass(frozen=True)
class Run:
    """One graph, one model, one noise.

    Args:
        graph, model: names.
        settings: noise and sample numbers; scores, margins and votes are counted whatever they say.
        tag: file name of the run.
    """

    graph: str
    model: str
    settings: GraphSettings
    tag: str


@dataclass(frozen=True)
class RunResult:
    """Three certificates from the same noisy graphs.

    Args:
        soft, margins, votes: certificates on scores against 1/2, on scores against every other class, and on votes.
        data: the graph.
    """

    soft: GraphCertificate
    margins: GraphCertificate
    votes: GraphCertificate
    data: Data


def kinds_of(settings: GraphSettings) -> dict[str, GraphSettings]:
    """The settings of the three certificates of a run, by their name in `RunResult`."""
    return {
        "soft": replace(settings, scores="soft", margins=False),
        "margins": replace(settings, scores="soft", margins=True),
        "votes": replace(settings, scores="votes", margins=False),
    }


def run_once(run: Run, folder: Path, progress: Callable[[int, int], object] | None = None) -> RunResult:
    """The run's certificates, from the folder if they are there."""
    data = load_graph(run.graph)
    paths = {kind: folder / f"{run.tag}-{kind}.nc" for kind in kinds_of(run.settings)}
    if all(path.is_file() for path in paths.values()):
        return RunResult(**{kind: load_certificate(path) for kind, path in paths.items()}, data=data)
    started = time.process_time()
    certificates = sample_kinds(load_graph_model(run.model), data, run.settings, progress)
    seconds = time.process_time() - started
    copies = len(certificates["soft"].trials) * (run.settings.samples + run.settings.pilot_samples)
    rate = f"{copies / seconds:.0f} noisy graphs a second of processor time"
    folder.mkdir(parents=True, exist_ok=True)
    for kind, certificate in certificates.items():
        told = replace(
            certificate.with_reference(data.y.numpy()),
            provenance={**certificate.provenance, "title": run.graph, "rate": rate},
            curves=(certificate.collective(np.zeros((1, 2))),),
        )
        told.save(paths[kind])
        certificates[kind] = told
    return RunResult(**certificates, data=data)


def sample_kinds(
    model: torch.nn.Module,
    data: Data,
    settings: GraphSettings,
    progress: Callable[[int, int], object] | None = None,
) -> dict[str, GraphCertificate]:
    """Certificates of every kind from one stream of noisy graphs, seed 0."""
    given = GraphInput.read(data)
    sampling = Sampling.on("cpu", torch.Generator().manual_seed(0), progress)
    clusters = partition_nodes(given.edges, given.shape[0], settings.partition, settings.clusters)
    noises = settings.noises(affinity_ranks(affinity(given.edges, clusters)))
    sampler = GraphSampler(model, given, clusters, noises, sampling)
    monitor = sampling.monitor(len(sampler.members) * (settings.pilot_samples + settings.samples))
    kinds = kinds_of(settings)
    _, pilot = collect_scores(sampler, kinds["soft"], monitor, range(len(sampler.members)))
    certificates = {}
    for name, kind in kinds.items():
        scores = as_scores(pilot, kind)
        mean = scores.mean(axis=0)
        labels = mean.argmax(axis=1)
        histogram = label_histogram(scores, labels, kind).counts
        certificates[name] = GraphCertificate(
            settings=kind,
            edges=given.edges,
            clusters=clusters,
            labels=labels,
            pilot_scores=mean.astype(np.float32),
            pilot=histogram,
            counts=np.zeros_like(histogram),
            trials=np.full(len(sampler.members), settings.samples),
            provenance=describe_run(model, sampling, sampler.batch_size),
        )
    for group, batch in sampler.scores(settings.samples, monitor):
        members = sampler.members[group]
        for certificate in certificates.values():
            scores = as_scores(sampler.to_host(batch), certificate.settings)
            histogram = label_histogram(scores, certificate.labels[members], certificate.settings)
            certificate.counts[members] += histogram.counts
    return certificates
