"""Certify one graph: sample, choose labels, count scores, and hand over a certificate."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from lrscore.errors import InputError
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

MOST_COPIES = 2**31 - 1
"""Of one look: counts are int32 until they are read."""


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
    classes = certificate.pilot_scores.shape[1]
    counts += count_label_scores(sampler, certificate.labels, classes, settings, copies, monitor, groups)
    trials[list(groups)] += copies
    return replace(certificate, counts=counts, trials=trials)


def count_label_scores(
    sampler: GraphSampler,
    labels: np.ndarray,
    classes: int,
    settings: GraphSettings,
    copies: int,
    monitor: Monitor,
    groups: Sequence[int],
) -> np.ndarray:
    """Histograms of the labels' scores in new copies, counted where the model runs and read once.

    Args:
        labels: (n,) of all nodes; only those of the groups' nodes are read.
        classes: of the model.

    Returns:
        Counts (n, ..., bins) int64 of the shape of `GraphCertificate.counts`; 0 outside of the groups.

    Raises:
        InputError: scores that are no probabilities, or more copies than int32 counts.
    """
    if copies > MOST_COPIES:
        raise InputError(f"samples of one look must be at most {MOST_COPIES}, got {copies}")
    shape = empty_histogram((sampler.nodes, classes), settings).counts.shape
    tally = torch.zeros(shape, dtype=torch.int32, device=sampler.device)
    fixed = torch.as_tensor(labels, device=sampler.device)
    rows = {group: torch.as_tensor(sampler.members[group], device=sampler.device) for group in groups}
    for group, batch in sampler.scores(copies, monitor, groups):
        nodes = rows[group]
        values = label_scores(batch, fixed[nodes], settings)  # (b, m) or (b, m, classes - 1)
        tally.index_add_(0, nodes, count_in_bins(values, shape[-1]))
    return sampler.to_host(tally).astype(np.int64)


def collect_scores(
    sampler: GraphSampler, settings: GraphSettings, monitor: Monitor, groups: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Pilot scores of some groups: their nodes (m,), ascending, and (pilot samples, m, classes) float32."""
    parts: dict[int, list[torch.Tensor]] = {group: [] for group in groups}
    for group, batch in sampler.scores(settings.pilot_samples, monitor, groups):
        parts[group].append(batch)
    nodes = np.concatenate([sampler.members[group] for group in groups])
    read = sampler.to_host(torch.cat([torch.cat(part) for part in parts.values()], dim=1))
    scores = as_scores(read, settings)
    order = np.argsort(nodes)
    return nodes[order], scores[:, order]


def as_scores(probabilities: np.ndarray, settings: GraphSettings) -> np.ndarray:
    """Probabilities (b, m, classes) as they are, or the one-hot vote for the highest (ties to the lower class)."""
    if settings.scores == "soft":
        return probabilities
    winner = probabilities.argmax(axis=2)
    return (winner[:, :, None] == np.arange(probabilities.shape[2])).astype(np.float32)


def label_scores(scores: torch.Tensor, labels: torch.Tensor, settings: GraphSettings) -> torch.Tensor:
    """What is counted of scores (b, m, classes) for labels (m,), where they are: scores, votes or margins of the label.

    As `label_histogram` reads them: the same numbers, bit by bit.
    """
    if settings.scores == "votes":
        # The first of ties, as `as_scores` decides
        return (scores.max(dim=2).indices == labels).to(torch.float32)
    index = labels[None, :, None].expand(len(scores), -1, 1)
    own = scores.gather(2, index)
    if not settings.margins:
        return own[..., 0]
    others = torch.arange(scores.shape[2] - 1, device=scores.device)[None]
    others = others + (others >= labels[:, None])  # (m, classes - 1)
    rivals = scores.double().gather(2, others[None].expand(len(scores), -1, -1))
    return 0.5 * (1.0 + (own.double() - rivals))


def count_in_bins(values: torch.Tensor, bins: int) -> torch.Tensor:
    """Counts (..., bins) int32 of values (b, ...) in [0, 1], as `ScoreHistogram` bins them; nothing is read."""
    column = (values * bins).long().clamp_(0, bins - 1)  # exact: a power of two
    counts = torch.zeros((*values.shape[1:], bins), dtype=torch.int32, device=values.device)
    return counts.scatter_add_(
        -1, column.movedim(0, -1), counts.new_ones(()).expand(column.movedim(0, -1).shape)
    )


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
