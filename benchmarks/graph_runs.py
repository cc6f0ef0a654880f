"""Sampling runs behind the graph tables: each is made once, kept in a folder, and counts scores and votes together."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch_geometric.data import Data

from lrscore.files import load_certificate
from lrscore.graph_certificate import GraphCertificate
from lrscore.graph_input import GraphInput
from lrscore.graph_sampling import GraphSampler
from lrscore.graph_settings import GraphSettings
from lrscore.graphs import as_scores, collect_scores, label_histogram
from lrscore.partition import affinity, affinity_ranks, partition_nodes
from lrscore.provenance import describe_run
from lrscore.sampling import Monitor
from models.graphs.registry import load_graph, load_graph_model


@dataclass(frozen=True)
class Run:
    """One graph, one model, one noise.

    Args:
        graph, model: names.
        settings: noise and sample numbers; soft scores and votes are counted whatever `scores` says.
        tag: file name of the run.
    """

    graph: str
    model: str
    settings: GraphSettings
    tag: str


@dataclass(frozen=True)
class RunResult:
    """Two certificates from the same noisy graphs.

    Args:
        soft, votes: certificates on scores and on votes.
        data: the graph.
        rate: noisy graphs a second, or 0 if the run was read from the folder.
    """

    soft: GraphCertificate
    votes: GraphCertificate
    data: Data
    rate: float


def run_once(run: Run, folder: Path, progress: Callable[[int, int], object] | None = None) -> RunResult:
    """The run's certificates, from the folder if they are there."""
    data = load_graph(run.graph)
    paths = [folder / f"{run.tag}-{kind}.nc" for kind in ("soft", "votes")]
    if all(path.is_file() for path in paths):
        soft, votes = (load_certificate(path) for path in paths)
        return RunResult(soft, votes, data, 0.0)
    started = time.perf_counter()
    soft, votes = sample_both(load_graph_model(run.model), data, run.settings, progress)
    copies = len(soft.trials) * (run.settings.samples + run.settings.pilot_samples)
    rate = copies / (time.perf_counter() - started)
    folder.mkdir(parents=True, exist_ok=True)
    kept = []
    for certificate, path in zip((soft, votes), paths, strict=True):
        told = replace(
            certificate.with_reference(data.y.numpy()),
            provenance={**certificate.provenance, "rate": f"{rate:.0f} noisy graphs a second"},
            curves=(certificate.collective(np.zeros((1, 2))),),
        )
        told.save(path)
        kept.append(told)
    return RunResult(kept[0], kept[1], data, rate)


def sample_both(
    model: torch.nn.Module,
    data: Data,
    settings: GraphSettings,
    progress: Callable[[int, int], object] | None = None,
) -> tuple[GraphCertificate, GraphCertificate]:
    """Certificates on soft scores and on votes from one stream of noisy graphs, seed 0."""
    given, generator = GraphInput.read(data), torch.Generator().manual_seed(0)
    clusters = partition_nodes(given.edges, given.shape[0], settings.partition, settings.clusters)
    noise = settings.noise(affinity_ranks(affinity(given.edges, clusters)))
    cpu = torch.device("cpu")
    sampler = GraphSampler(model, given, clusters, noise, generator=generator, device=cpu)
    monitor = Monitor(len(sampler.members) * (settings.pilot_samples + settings.samples), progress)
    kinds = [replace(settings, scores="soft"), replace(settings, scores="votes")]
    pilot = collect_scores(sampler, kinds[0], monitor)
    certificates = []
    for kind in kinds:
        scores = as_scores(pilot, kind)
        mean = scores.mean(axis=0)
        histogram = label_histogram(scores, mean.argmax(axis=1), kind).counts
        certificates.append(
            GraphCertificate(
                settings=kind,
                edges=given.edges,
                clusters=clusters,
                labels=mean.argmax(axis=1),
                pilot_scores=mean.astype(np.float32),
                pilot=histogram,
                counts=np.zeros_like(histogram),
                trials=np.full(len(sampler.members), settings.samples),
                provenance=describe_run(model, generator, cpu, sampler.batch_size),
            )
        )
    for group, batch in sampler.scores(settings.samples, monitor):
        members = sampler.members[group]
        for certificate in certificates:
            scores = as_scores(batch, certificate.settings)
            histogram = label_histogram(scores, certificate.labels[members], certificate.settings)
            certificate.counts[members] += histogram.counts
    return certificates[0], certificates[1]
