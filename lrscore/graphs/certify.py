"""Certify one graph: sample, choose labels, count scores, and hand over a certificate."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
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
from lrscore.standing import Standing, Trail, go_on, state_of
from lrscore.statistics import ScoreHistogram, unit_margins
from lrscore.vote_choice import FIRST, INSIDE, unchosen

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
            `sparse_input` (columns of a row ascending), else dense. It must not change while it is sampled. Where edges
            are flipped, every call gets other edges, sorted, each in both directions.
        graph: object with binary `x` (n, d) and `edge_index` (2, E), such as torch-geometric's `Data`; undirected and
            without self-loops where edges are flipped.
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
    trail: Trail | None = None,
) -> Iterator[GraphCertificate]:
    """Like `certify_graph`, but yield a certificate at every look the statistical plan allows.

    With the corrections "anytime" and "mixture" every certificate yielded holds, all of them together with
    probability at least `1 - alpha`; stopping early keeps the guarantee. The first one comes as soon as one cluster
    has been looked at: nodes of clusters that are not sampled yet abstain (`trials` 0, nothing claimed), and each
    further cluster adds to it. Then all clusters go on together from look to look. The other corrections yield once,
    at the end.

    Args:
        trail: is told where the run stands, and says where it begins: a run that was cut off and goes on ends with the
            same counts to the bit. The certificate of its last look comes first then, if there is one.

    Raises:
        InputError: the run to go on with was another one, see `lrscore.standing.go_on`.
    """
    return _stream(model, graph, settings, Run.on(device, generator, progress, cancel), trail)


def _stream(
    model: GraphModel, graph: Any, settings: GraphSettings, run: Run, trail: Trail | None = None
) -> Iterator[GraphCertificate]:
    """See `stream_graph`."""
    given = GraphInput.read(graph)
    display = describe_graph(graph, given)
    clusters = partition_nodes(given.edges, given.shape[0], settings.partition, settings.clusters)
    ranks = affinity_ranks(affinity(given.edges, clusters))
    sampler = GraphSampler(
        model,
        given,
        clusters,
        settings.noises(ranks),
        run,
        batch_size=settings.batch_size,
        planned=(settings.pilot_samples, settings.samples),
    )
    everyone = list(range(len(sampler.members)))
    monitor = run.monitor(len(everyone) * (settings.pilot_samples + settings.samples))
    plan, begin = settings.plan(sampler.nodes), None if trail is None else trail.begin
    provenance, certificate = describe_run(model, run, sampler.batch_size), None
    if begin is not None:
        certificate = _standing_of(begin, given, settings, run, provenance, monitor)
        looked = certificate.at_last_look()
        if looked is not None:
            yield looked
    sizes = plan.stops(settings.samples)
    for groups in [[group] for group in everyone] if plan.sequential else [everyone]:
        if certificate is None or not _piloted(certificate)[groups].all():
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
                    provenance=provenance,
                    display=display,
                    chosen=unchosen(model, settings, sampler.nodes, scores.shape[2]),
                )
            certificate = _labelled(certificate, nodes, scores)
        if not certificate.trials[groups].all():
            certificate = _continued(certificate, sampler, sizes[0], monitor, groups, trail, begin)
            begin = None
            yield certificate
    assert certificate is not None
    for goal in sizes[1:]:
        if goal > (done := int(certificate.trials[0])):
            certificate = _continued(certificate, sampler, goal - done, monitor, everyone, trail, begin)
            begin = None
            yield certificate


def _piloted(certificate: GraphCertificate) -> np.ndarray:
    """(J,) bool: clusters whose pilot is complete."""
    piloted = np.zeros(certificate.trials.shape, dtype=bool)
    counted = certificate.pilot.reshape(len(certificate.pilot), -1).any(axis=1)
    piloted[certificate.clusters[counted]] = True
    return piloted


def _standing_of(
    begin: Standing,
    given: GraphInput,
    settings: GraphSettings,
    run: Run,
    provenance: Mapping[str, str],
    monitor: Monitor,
) -> GraphCertificate:
    """The certificate of a run that goes on."""
    before = begin.certificate
    assert isinstance(before, GraphCertificate)
    ones = before.display.ones
    same = np.array_equal(before.edges, given.edges) and (
        ones is None or np.array_equal(ones, np.stack([given.rows, given.columns]))
    )
    go_on(begin, run.generator, settings, provenance, same)
    monitor.advance(int(_piloted(before).sum()) * settings.pilot_samples + begin.copies)
    return before


def _labelled(certificate: GraphCertificate, nodes: np.ndarray, scores: np.ndarray) -> GraphCertificate:
    """The certificate with the labels (m,) that pilot scores (b, m, classes) choose for some nodes."""
    labels, pilot_scores, pilot = (
        array.copy() for array in (certificate.labels, certificate.pilot_scores, certificate.pilot)
    )
    mean = scores.mean(axis=0)
    pilot_scores[nodes], labels[nodes] = mean, mean.argmax(axis=1)
    pilot[nodes] = label_histogram(scores, labels[nodes], certificate.settings).counts
    labelled = replace(certificate, labels=labels, pilot_scores=pilot_scores, pilot=pilot)
    if labelled.chosen is None:
        return labelled
    chosen = labelled.pilot_choice(labelled.chosen.tree)
    return replace(labelled, chosen=chosen.counting(labelled.chosen.rivals))


def _continued(
    certificate: GraphCertificate,
    sampler: GraphSampler,
    copies: int,
    monitor: Monitor,
    groups: Sequence[int],
    trail: Trail | None,
    begin: Standing | None,
) -> GraphCertificate:
    """The certificate after so many further estimation samples of some groups.

    Args:
        trail: is told where the run stands, now and then and at the end.
        begin: what of the copies has been drawn already; None if nothing.
    """
    settings, classes = certificate.settings, certificate.pilot_scores.shape[1]
    choice = certificate.chosen
    blank = (
        certificate.counts if choice is None else np.zeros((certificate.nodes, VOTE_BINS + 1), dtype=np.int64)
    )
    since = np.zeros_like(blank) if begin is None else begin.since.copy()
    sides = None if choice is None else choice.sides(certificate.counted.pilot_votes())
    drawn = np.zeros_like(certificate.trials) if begin is None else begin.drawn.copy()
    chosen = list(groups)
    left = copies - int(drawn[chosen[0]])
    for piece in [left] if trail is None else trail.pieces(left, sampler.batch_size, len(chosen)):
        if sides is None:
            since += count_label_scores(
                sampler, certificate.labels, classes, settings, piece, monitor, chosen
            )
        else:
            inside, rivals = count_sides(sampler, sides, piece, monitor, chosen)
            outside = np.isin(certificate.clusters, chosen) * piece - inside
            since += np.stack([outside, inside, rivals], axis=1)
        drawn[chosen] += piece
        if trail is not None:
            trail.keep(Standing(certificate, since.copy(), drawn.copy(), state_of(sampler.generator)))
    trials = certificate.trials.copy()
    trials[chosen] += copies
    if choice is None:
        looked = replace(certificate, counts=certificate.counts + since, trials=trials)
    else:
        counts = certificate.counts + since[:, :VOTE_BINS]
        looked = replace(
            certificate, counts=counts, trials=trials, chosen=choice.counting(since[:, VOTE_BINS])
        )
    if trail is not None:
        nothing = np.zeros_like(since), np.zeros_like(drawn)
        trail.keep(Standing(looked, *nothing, state_of(sampler.generator)))
    return looked


def count_sides(
    sampler: GraphSampler, sides: np.ndarray, copies: int, monitor: Monitor, groups: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """How often each node's vote fell into its label, and on the first side of its rivals, in new copies.

    Args:
        sides: (n, classes) uint8, see `VoteChoice.sides`.

    Returns:
        Two arrays (n,) int64; 0 outside of the groups.

    Raises:
        InputError: scores that are no probabilities, or more copies than int32 counts.
    """
    if copies > MOST_COPIES:
        raise InputError(f"samples of one look must be at most {MOST_COPIES}, got {copies}")
    tally = torch.zeros((sampler.nodes, 2), dtype=torch.int32, device=sampler.device)
    table = torch.as_tensor(sides, device=sampler.device)
    rows = {group: torch.as_tensor(sampler.members[group], device=sampler.device) for group in groups}
    for group, batch in sampler.scores(copies, monitor, groups):
        nodes = rows[group]
        # The first of ties, as `as_scores` decides
        fell = table[nodes].gather(1, batch.max(dim=2).indices.T)  # (m, b)
        counted = torch.stack(
            [(fell == side).sum(dim=1, dtype=tally.dtype) for side in (INSIDE, FIRST)], dim=1
        )
        tally.index_add_(0, nodes, counted)
    inside, first = sampler.to_host(tally).astype(np.int64).T
    return inside, first


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
