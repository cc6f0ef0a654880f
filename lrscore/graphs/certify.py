"""Certify one graph: sample, choose labels, count scores, and hand over a certificate."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.counts import VOTE_BINS
from lrscore.graphs.display import describe_graph
from lrscore.graphs.input import GraphInput
from lrscore.graphs.partition import affinity, affinity_ranks, partition_nodes
from lrscore.graphs.sampler import GraphModel, GraphSampler
from lrscore.graphs.settings import GraphSettings
from lrscore.monitor import Monitor, Progress, Run
from lrscore.provenance import describe_run
from lrscore.statistics import ScoreHistogram, unit_margins


def certify_graph(
    model: GraphModel,
    graph: Any,
    settings: GraphSettings,
    *,
    generator: torch.Generator,
    device: str | torch.device = "cpu",
    progress: Progress | None = None,
    cancel: Callable[[], bool] | None = None,
) -> GraphCertificate:
    """Sample the localized smoothed model around a graph's attributes and certify its node labels.

    Guarantee: see `GraphCertificate`; it holds with probability at least `1 - settings.alpha` over the sampling.

    Args:
        model: any callable `(x, edge_index)` to class probabilities (B * n, classes), for `B` noisy copies of the
            graph as one disjoint union. `x` (B * n, d) float32, sparse CSR if the model has a true attribute
            `sparse_input` (columns of a row ascending), else dense. It must not change while it is sampled.
        graph: object with binary `x` (n, d) and `edge_index` (2, E), such as torch-geometric's `Data`.
        settings: clusters, noise, sample numbers and confidence.
        generator: all randomness; the same seed, device and settings give the same counts.
        device: where the model runs; the generator must live there.
        progress: called as `progress(done, total)` in noisy graphs.
        cancel: asked between batches; True raises `Cancelled`.

    Raises:
        InputError: graph or model output has the wrong shape or values, or the model cannot take the graph.
        SettingsError: partition or levels do not fit the graph.
        Cancelled: the caller cancelled.
    """
    stream = _stream(model, graph, settings, Run.on(device, generator, progress, cancel))
    return deque(stream, maxlen=1).pop()  # only the last look


def stream_graph(
    model: GraphModel,
    graph: Any,
    settings: GraphSettings,
    *,
    generator: torch.Generator,
    device: str | torch.device = "cpu",
    progress: Progress | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Iterator[GraphCertificate]:
    """Like `certify_graph`, but yield a certificate at every look the statistical plan allows.

    With the corrections "anytime" and "mixture" every certificate yielded holds, all of them together with
    probability at least `1 - alpha`; stopping early keeps the guarantee. The first one comes as soon as one cluster
    has been looked at: nodes of clusters that are not sampled yet abstain (`trials` 0, nothing claimed), and each
    further cluster adds to it. Then all clusters go on together from look to look. The other corrections yield once,
    at the end.
    """
    return _stream(model, graph, settings, Run.on(device, generator, progress, cancel))


def _stream(model: GraphModel, graph: Any, settings: GraphSettings, run: Run) -> Iterator[GraphCertificate]:
    """See `stream_graph`."""
    given = GraphInput.read(graph)
    display = describe_graph(graph, given)
    clusters = partition_nodes(given.edges, given.shape[0], settings.partition, settings.clusters)
    noise = settings.noise(affinity_ranks(affinity(given.edges, clusters)))
    sampler = GraphSampler(
        model,
        given,
        clusters,
        noise,
        run,
        batch_size=settings.batch_size,
        planned=(settings.pilot_samples, settings.samples),
    )
    everyone = list(range(len(sampler.members)))
    monitor = run.monitor(len(everyone) * (settings.pilot_samples + settings.samples))
    plan, certificate = settings.plan(sampler.nodes), None
    sizes = plan.stops(settings.samples)
    for groups in [[group] for group in everyone] if plan.sequential else [everyone]:
        nodes, scores = collect_scores(sampler, settings, monitor, groups)
        if certificate is None:
            blank = empty_histogram((sampler.nodes, scores.shape[2]), settings).counts
            certificate = GraphCertificate(
                settings=settings,
                edges=given.edges,
                clusters=clusters,
                labels=np.zeros(sampler.nodes, dtype=np.int64),
                pilot_scores=np.zeros((sampler.nodes, scores.shape[2]), dtype=np.float32),
                pilot=blank,
                counts=blank,
                trials=np.zeros(len(everyone), dtype=np.int64),
                class_names=tuple(getattr(model, "class_names", ())),
                provenance=describe_run(model, run, sampler.batch_size),
                display=display,
            )
        certificate = _labelled(certificate, nodes, scores)
        certificate = _continued(certificate, sampler, sizes[0], monitor, groups)
        yield certificate
    assert certificate is not None
    for done, goal in pairwise(sizes):
        certificate = _continued(certificate, sampler, goal - done, monitor, everyone)
        yield certificate


def _labelled(certificate: GraphCertificate, nodes: np.ndarray, scores: np.ndarray) -> GraphCertificate:
    """The certificate with the labels (m,) that pilot scores (b, m, classes) choose for some nodes."""
    labels, pilot_scores, pilot = (
        array.copy() for array in (certificate.labels, certificate.pilot_scores, certificate.pilot)
    )
    mean = scores.mean(axis=0)
    pilot_scores[nodes], labels[nodes] = mean, mean.argmax(axis=1)
    pilot[nodes] = label_histogram(scores, labels[nodes], certificate.settings).counts
    return replace(certificate, labels=labels, pilot_scores=pilot_scores, pilot=pilot)


def _continued(
    certificate: GraphCertificate, sampler: GraphSampler, copies: int, monitor: Monitor, groups: Sequence[int]
) -> GraphCertificate:
    """The certificate after so many further estimation samples of some groups."""
    counts, trials, settings = certificate.counts.copy(), certificate.trials.copy(), certificate.settings
    for group, batch in sampler.scores(copies, monitor, groups):
        members = sampler.members[group]
        scores = as_scores(batch, settings)
        counts[members] += label_histogram(scores, certificate.labels[members], settings).counts
    trials[list(groups)] += copies
    return replace(certificate, counts=counts, trials=trials)


def collect_scores(
    sampler: GraphSampler, settings: GraphSettings, monitor: Monitor, groups: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Pilot scores of some groups: their nodes (m,), ascending, and (pilot samples, m, classes) float32."""
    parts: dict[int, list[np.ndarray]] = {group: [] for group in groups}
    for group, batch in sampler.scores(settings.pilot_samples, monitor, groups):
        parts[group].append(as_scores(batch, settings))
    nodes = np.concatenate([sampler.members[group] for group in groups])
    scores = np.concatenate([np.concatenate(part) for part in parts.values()], axis=1)
    order = np.argsort(nodes)
    return nodes[order], scores[:, order]


def as_scores(probabilities: np.ndarray, settings: GraphSettings) -> np.ndarray:
    """Probabilities (b, m, classes) as they are, or the one-hot vote for the highest (ties to the lower class)."""
    if settings.scores == "soft":
        return probabilities
    winner = probabilities.argmax(axis=2)
    return (winner[:, :, None] == np.arange(probabilities.shape[2])).astype(np.float32)


def label_histogram(scores: np.ndarray, labels: np.ndarray, settings: GraphSettings) -> ScoreHistogram:
    """Counts of the label's scores, votes or margins for scores (b, m, classes) and labels (m,)."""
    empty = empty_histogram(scores.shape[1:], settings)
    if settings.margins:
        return empty.add(unit_margins(scores, labels))
    return empty.add(scores[:, np.arange(labels.size), labels])


def empty_histogram(shape: tuple[int, ...], settings: GraphSettings) -> ScoreHistogram:
    """The histogram without samples for (nodes, classes)."""
    nodes, classes = shape
    if settings.scores == "votes":
        return ScoreHistogram.empty(nodes, bins=VOTE_BINS)
    return ScoreHistogram.empty((nodes, classes - 1) if settings.margins else nodes, bins=settings.bins)
