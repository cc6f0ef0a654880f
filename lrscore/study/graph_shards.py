"""Graphs in shards: open, pilot, labels, estimation, certificate. Every function is pure and runs on any worker."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from lrscore.certificate import Certificate
from lrscore.errors import InputError
from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.certify import certify_graph
from lrscore.graphs.counting import (
    as_scores,
    collect_scores,
    count_label_scores,
    empty_histogram,
    label_histogram,
)
from lrscore.graphs.display import GraphDisplay, describe_graph
from lrscore.graphs.input import GraphInput
from lrscore.graphs.known_labels import known_labels
from lrscore.graphs.partition import affinity, affinity_ranks, partition_nodes
from lrscore.graphs.reading import Reading
from lrscore.graphs.sampler import GraphSampler
from lrscore.graphs.unsmoothed import unsmoothed_labels
from lrscore.monitor import Monitor, Run
from lrscore.records import compact
from lrscore.study.graph_rows import TESTS, graph_row
from lrscore.study.items import Item
from lrscore.study.shards import Finished, Heading, Part, Shard, cost_of, file_content, stream_of
from lrscore.study.worker import model_of, provenance_of, sampler_of, source_catalogue


@dataclass(frozen=True, eq=False)
class OpenedGraph:
    """A graph on its way through the cluster, with its partition: it is found once, whatever works on it.

    Args:
        given: its arrays.
        clusters: (n,) cluster of every node.
        display: what a page draws.
        reference: (n,) true classes in the model's numbering, or None.
        tests: (n,) bool, the nodes of the test split, or None.
        unsmoothed: (n,) labels of the clean graph.
        heading: how its work is cut.
    """

    given: GraphInput
    clusters: np.ndarray
    display: GraphDisplay
    reference: np.ndarray | None
    tests: np.ndarray | None
    unsmoothed: np.ndarray
    heading: Heading


def open_item(item: Item) -> OpenedGraph:
    """Read the graph, load the model, find the clusters, and see whether all go together.

    Raises:
        LrscoreError: something does not fit, or the files are others than where the study was started.
    """
    catalogue, settings = source_catalogue(item), item.setting.values
    graph = catalogue.load_graph(item.source)
    if not item.fingerprint:
        raise InputError(f"{item.source} could not be read when the study was started")
    model, given = model_of(item), GraphInput.read(graph)
    clusters = partition_nodes(given.edges, given.shape[0], settings.partition, settings.clusters)
    groups = int(clusters.max()) + 1
    labels, _ = known_labels(graph, model, given.shape[0])
    tests = getattr(graph, "test_mask", None)
    tests = None if tests is None else np.asarray(tests, dtype=bool)
    opened = OpenedGraph(
        given=given,
        clusters=clusters,
        display=describe_graph(graph, given),
        reference=labels,
        tests=tests if tests is not None and tests.shape == (given.shape[0],) else None,
        unsmoothed=unsmoothed_labels(model, graph, item.study.device),
        heading=Heading(tuple((group,) for group in range(groups)), 1, 0, 0),
    )
    sampler = _sampler(item, opened)
    heading = replace(
        opened.heading,
        batch=sampler.batch_size,
        pilot=settings.pilot_samples,
        samples=settings.samples,
        pilot_whole=True,
    )
    return replace(opened, heading=heading)


def pilot_shard(item: Item, opened: OpenedGraph, shard: Shard) -> Part:
    """The pilot of some clusters: for every reading mean scores (m, classes), and the histogram of the label that they
    choose.

    One shard holds the whole pilot of its clusters, because the histogram needs the label and the label all scores.
    """
    started = time.perf_counter()
    sampler = _sampler(item, opened)
    sampler.generator = stream_of(item, shard, item.study.device)
    nodes, given = collect_scores(sampler, shard.samples, Monitor(0), shard.groups)
    counts = {"nodes": compact(nodes)}
    for reading in shard.readings:
        scores = as_scores(given, reading)
        mean = scores.mean(axis=0)
        counts[_scores_of(reading)] = mean.astype(np.float32)
        counts[_histogram_of(reading)] = compact(label_histogram(scores, mean.argmax(axis=1), reading).counts)
    return Part(counts, time.perf_counter() - started, shard.samples * len(shard.groups))


def choose(merged: Part) -> Part:
    """The labels (m,) of a block's nodes under every reading: highest mean score in the pilot."""
    chosen = {
        name: compact(scores.argmax(axis=1))
        for name, scores in merged.counts.items()
        if scores.dtype == np.float32
    }
    classes = next(merged.counts[name].shape[1] for name in chosen)
    return Part(chosen | {"classes": np.array(classes)})


def estimation_shard(item: Item, opened: OpenedGraph, chosen: Part, shard: Shard) -> Part:
    """Histograms of the labels' scores for the nodes (m,) of the shard's clusters, ascending, under every reading."""
    started = time.perf_counter()
    sampler = _sampler(item, opened)
    sampler.generator = stream_of(item, shard, item.study.device)
    nodes = np.sort(np.concatenate([sampler.members[group] for group in shard.groups]))
    wanted = []
    for reading in shard.readings:
        labels = np.zeros(sampler.nodes, dtype=np.int64)
        labels[nodes] = chosen.counts[_scores_of(reading)]
        wanted.append((reading, labels))
    found = count_label_scores(
        sampler, wanted, int(chosen.counts["classes"]), shard.samples, Monitor(0), shard.groups
    )
    counts = {
        _histogram_of(reading): compact(counted[nodes])
        for reading, counted in zip(shard.readings, found, strict=True)
    }
    return Part(counts, time.perf_counter() - started, shard.samples * len(shard.groups))


def finish(
    item: Item,
    opened: OpenedGraph,
    blocks: Sequence[tuple[int, ...]],
    pilots: Sequence[Part],
    estimations: Sequence[Part],
) -> Finished:
    """The certificate of the merged counts of every block of clusters, and its row."""
    started = time.perf_counter()
    settings, nodes = item.setting.values, opened.given.shape[0]
    averages, histogram = _scores_of(settings.reading), _histogram_of(settings.reading)
    classes = pilots[0].counts[averages].shape[1]
    blank = empty_histogram((nodes, classes), settings.reading).counts
    scores = np.zeros((nodes, classes), dtype=np.float32)
    pilot, counts = blank.copy(), blank.copy()
    for first, second in zip(pilots, estimations, strict=True):
        own = first.counts["nodes"].astype(np.int64)
        scores[own], pilot[own] = first.counts[averages], first.counts[histogram]
        counts[own] = second.counts[histogram]
    seconds, passes = cost_of([*pilots, *estimations])
    told = provenance_of(item, opened.heading.batch) | {"seconds": f"{seconds:.3f}", "passes": str(passes)}
    certificate = GraphCertificate(
        settings=settings,
        edges=opened.given.edges,
        clusters=opened.clusters,
        labels=scores.argmax(axis=1),
        pilot_scores=scores,
        pilot=pilot,
        counts=counts,
        trials=np.full(len(opened.heading.alike), settings.samples, dtype=np.int64),
        class_names=tuple(getattr(model_of(item), "class_names", ())),
        provenance=told,
    )
    certificate.check_counts()
    return finished(item, certificate, opened, started)


def is_about(opened: OpenedGraph, certificate: Certificate) -> bool:
    """Whether a certificate is about a graph of these very edges, in these clusters."""
    return (
        isinstance(certificate, GraphCertificate)
        and np.array_equal(certificate.edges, opened.given.edges)
        and np.array_equal(certificate.clusters, opened.clusters)
    )


def whole(item: Item, opened: OpenedGraph) -> Finished:
    """An item that can not be cut: the pilot of the whole graph decides what is counted."""
    started = time.perf_counter()
    settings, device, batch = item.setting.values, item.study.device, opened.heading.batch
    # Another machine may have less memory, and another partition
    fixed = replace(settings, batch_size=batch, partition=tuple(opened.clusters.tolist()))
    certificate = certify_graph(
        model_of(item),
        source_catalogue(item).load_graph(item.source),
        fixed,
        generator=stream_of(item, None, device),
        device=device,
    )
    passes = int(certificate.trials.sum()) + certificate.trials.size * settings.pilot_samples
    seconds = time.perf_counter() - started
    told = provenance_of(item, batch) | {"seconds": f"{seconds:.3f}", "passes": str(passes)}
    certificate = replace(certificate, settings=settings, provenance=told)
    return finished(item, certificate, opened, time.perf_counter())


def finished(item: Item, certificate: GraphCertificate, opened: OpenedGraph, started: float) -> Finished:
    """The item's certificate with display and reference, and its row; `started` is when certifying began."""
    certificate = replace(certificate, display=opened.display, unsmoothed=opened.unsmoothed)
    if opened.reference is not None:
        certificate = certificate.with_reference(opened.reference)
    row, curve = graph_row(item, certificate, opened.tests)
    if curve is not None:
        certificate = replace(certificate, curves=(curve,))
    if opened.tests is not None:  # with the mask, the row can be counted again from the file alone
        certificate = certificate.with_targets(TESTS, opened.tests, budgets=np.zeros((1, 2)), method="naive")
    content = file_content(item, certificate)
    row["certifying_seconds"] = time.perf_counter() - started
    return Finished(row, content)


def _scores_of(reading: Reading) -> str:
    return f"scores of {reading.kind}, {reading.bins} bins"


def _histogram_of(reading: Reading) -> str:
    return f"histogram of {reading.kind}, {reading.bins} bins"


def _sampler(item: Item, opened: OpenedGraph) -> GraphSampler:
    def make() -> GraphSampler:
        settings, device = item.setting.values, item.study.device
        noises = settings.noises(affinity_ranks(affinity(opened.given.edges, opened.clusters)))
        return GraphSampler(
            model_of(item),
            opened.given,
            opened.clusters,
            noises,
            Run.on(device, torch.Generator(device)),
            batch_size=settings.batch_size,
            planned=(settings.pilot_samples, settings.samples),
        )

    return sampler_of(item, make)
