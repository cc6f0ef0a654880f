"""Certify one graph: sample, choose labels, count scores, and hand over a certificate."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.counting import (
    as_scores,
    collect_scores,
    count_label_scores,
    count_sides,
    empty_histogram,
    label_histogram,
)
from lrscore.graphs.display import describe_graph
from lrscore.graphs.input import GraphInput
from lrscore.graphs.partition import affinity, affinity_ranks, partition_nodes
from lrscore.graphs.reading import VOTE_BINS
from lrscore.graphs.sampler import GraphModel, GraphSampler
from lrscore.graphs.settings import GraphSettings
from lrscore.monitor import Monitor, Progress, Run
from lrscore.provenance import describe_run
from lrscore.standing import Look, Standing, Trail, go_on
from lrscore.vote_choice import unchosen


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
            nodes, given_scores = collect_scores(sampler, settings.pilot_samples, monitor, groups)
            scores = as_scores(given_scores, settings.reading)
            if certificate is None:
                blank = empty_histogram((sampler.nodes, scores.shape[2]), settings.reading).counts
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
    pilot[nodes] = label_histogram(scores, labels[nodes], certificate.settings.reading).counts
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
        np.zeros_like(certificate.counts)
        if choice is None
        else np.zeros((certificate.nodes, VOTE_BINS + 1), dtype=np.int64)
    )
    look = Look(certificate, blank, sampler.generator, trail, begin)
    sides = None if choice is None else choice.sides(certificate.counted.pilot_votes())
    chosen = list(groups)

    def counted(piece: int) -> np.ndarray:
        if sides is None:
            wanted = [(settings.reading, certificate.labels)]
            return count_label_scores(sampler, wanted, classes, piece, monitor, chosen)[0]
        inside, rivals = count_sides(sampler, sides, piece, monitor, chosen)
        outside = np.isin(certificate.clusters, chosen) * piece - inside
        return np.stack([outside, inside, rivals], axis=1)

    look.draw(chosen, copies, sampler.batch_size, counted)
    trials = certificate.trials.copy()
    trials[chosen] += copies
    since = look.since
    if choice is None:
        looked = replace(certificate, counts=certificate.counts + since, trials=trials)
    else:
        counts = certificate.counts + since[:, :VOTE_BINS]
        looked = replace(
            certificate, counts=counts, trials=trials, chosen=choice.counting(since[:, VOTE_BINS])
        )
    look.end(looked)
    return looked
