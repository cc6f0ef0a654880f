"""Re-check a stored graph certificate from its counts, every derived number by another route than the one that made it.

`lrscore.verify.verify_file` runs these checks beside the ones that all certificates share (confidence plan,
collective curves).
"""

from __future__ import annotations

import itertools
import math
from collections import Counter

import numpy as np

from lrscore.checks import Check, check_choice
from lrscore.collective.verify_work import spend
from lrscore.errors import CertificateError
from lrscore.graphs.bounds import mean_levels, mean_lower, soft_plan
from lrscore.graphs.certificate import GraphCertificate
from lrscore.records import Record

_ROUNDING = 1e-12  # how far another formula may differ, relative


def check_graph(record: Record, certificate: GraphCertificate) -> list[Check]:
    """All checks that are particular to graphs, in order.

    Raises:
        CertificateError: a claim does not follow from the counts.
    """
    done = [
        check(record, certificate)
        for check in (check_clusters, check_flip_weights, check_node_bounds, check_node_thresholds)
    ]
    return [*check_choice(certificate, "labels"), *done]


def check_clusters(record: Record, certificate: GraphCertificate) -> Check:
    """Clusters, their ranks and the noise levels follow from edges and settings."""
    clusters, ranks = certificate.clusters, record.arrays["ranks"].astype(np.int64)
    if not isinstance(certificate.settings.partition, str):
        given = np.unique(certificate.settings.partition, return_inverse=True)[1]
        if not np.array_equal(given, clusters):
            raise CertificateError("the clusters are not those of the settings")
    count = int(clusters.max()) + 1
    spend(count**2 + certificate.edges.shape[1])
    pairs = {tuple(sorted(pair)) for pair in certificate.edges.T.tolist() if pair[0] != pair[1]}
    links = np.zeros((count, count), dtype=np.int64)
    for one, other in pairs:
        links[clusters[one], clusters[other]] += 1
    links = links + links.T
    for cluster in range(count):
        others = sorted(
            (other for other in range(count) if other != cluster), key=lambda j: (-links[cluster, j], j)
        )
        if ranks.shape != (count, count) or ranks[cluster, [cluster, *others]].tolist() != list(range(count)):
            raise CertificateError(
                f"the ranks of the clusters for cluster {cluster} are not those of the edges"
            )
    if not np.array_equal(record.arrays["noise_levels"], certificate.settings.noise_levels(ranks)):
        raise CertificateError("the noise levels are not those of the settings")
    if certificate.settings.flips_edges:
        check_pairs(record, certificate, ranks, pairs)
    return Check("clusters and noise levels", f"{count} clusters, ranks from {len(pairs)} edges")


def check_pairs(
    record: Record, certificate: GraphCertificate, ranks: np.ndarray, edges: set[tuple[int, ...]]
) -> None:
    """Pairs of clusters, their room for edges, and the noise of edges follow from clusters, edges and settings."""
    clusters, members = certificate.clusters.tolist(), Counter(certificate.clusters.tolist())
    names = sorted(
        itertools.combinations_with_replacement(sorted(members), 2), key=lambda p: (p[0] != p[1], p)
    )
    if record.arrays["pairs"].tolist() != [list(pair) for pair in names]:
        raise CertificateError("the pairs of clusters are not those of the clusters")
    present = Counter(tuple(sorted((clusters[one], clusters[other]))) for one, other in edges)
    full = {(a, b): math.comb(members[a], 2) if a == b else members[a] * members[b] for a, b in names}
    room = [[full[pair] - present[pair] for pair in names], [present[pair] for pair in names]]
    if certificate.caps is None or certificate.caps[2:].tolist() != room:
        raise CertificateError("the room for edges in a pair of clusters is not that of the edges")
    levels = certificate.settings.edge_noise(ranks)
    stored = record.arrays["edge_levels"]
    if levels is None or not np.array_equal(stored, [levels.to_one, levels.to_zero]):
        raise CertificateError("the noise levels of edges are not those of the settings")


def check_flip_weights(record: Record, certificate: GraphCertificate) -> Check:
    """No weight is lower than its flip probabilities give."""
    rows, clusters = _check_weights(record, certificate, "weights", "noise_levels")
    detail = f"additions and deletions, {rows} rows x {clusters} clusters"
    if certificate.settings.flips_edges:
        _, pairs = _check_weights(record, certificate, "edge_weights", "edge_levels")
        detail += f", and edges in {pairs} pairs of clusters"
    return Check("weights", detail)


def _check_weights(record: Record, certificate: GraphCertificate, name: str, noise: str) -> tuple[int, int]:
    """Rows and places of weights that are none too low for these levels."""
    to_one, to_zero = record.arrays[noise]
    orders = node_orders(certificate)
    weights = record.arrays[name]
    if weights.shape != (2, to_one.shape[0] * len(orders), to_one.shape[1]):
        raise CertificateError(
            f"the {name} have shape {weights.shape}, which is not that of the noise levels"
        )
    spend(weights.size)
    for row in range(weights.shape[1]):
        group, order = divmod(row, len(orders))
        for cluster in range(weights.shape[2]):
            q_one, q_zero = float(to_one[group, cluster]), float(to_zero[group, cluster])
            added = slow_divergence((q_zero, 1 - q_zero), (1 - q_one, q_one), orders[order])
            deleted = slow_divergence((1 - q_one, q_one), (q_zero, 1 - q_zero), orders[order])
            least = np.array([0.0 if cost == 0 else cost * (1 + 1e-13) + 1e-15 for cost in (added, deleted)])
            if not (weights[:, row, cluster] >= least).all():
                raise CertificateError(
                    f"{name}: one of row {row}, place {cluster} is lower than its noise gives"
                )
    return weights.shape[1], weights.shape[2]


def slow_divergence(perturbed: tuple[float, ...], clean: tuple[float, ...], order: float) -> float:
    """Rényi divergence of two distributions on as many values, summed as it is defined; exactly 0 for equal ones."""
    if perturbed == clean:
        return 0.0
    if any(p > 0 and q == 0 for p, q in zip(perturbed, clean, strict=True)):
        return math.inf
    pairs = [(p, q) for p, q in zip(perturbed, clean, strict=True) if p > 0]
    if math.isinf(order):
        return max(math.log(p / q) for p, q in pairs)
    largest = max(math.log(p / q) for p, q in pairs)  # factored out against overflow at high orders
    total = math.fsum(p * math.exp((order - 1) * (math.log(p / q) - largest)) for p, q in pairs)
    return max(largest + math.log(total) / (order - 1), 0.0)


def node_orders(certificate: GraphCertificate) -> tuple[float, ...]:
    """The Rényi orders whose rows the weight matrices hold for every group."""
    return certificate.settings.orders if certificate.settings.scores == "votes" else (2.0,)


def check_node_bounds(record: Record, certificate: GraphCertificate) -> Check:
    """Every probability bound, from its counts."""
    check_pilot_scores(certificate)
    stored, plan = record.arrays["probabilities"], certificate.plan
    counted = certificate.counted
    if certificate.settings.scores == "votes":
        agreements = counted.histograms()[0].counts[:, 1]
        trials, weights, parts = counted.planned_trials, counted.pilot_weights(), counted.parts()
        plan.check(stored, agreements, trials, weights=weights, parts=parts)
        if counted.chosen is not None and certificate.settings.runner_up:
            rivals = record.arrays["rivals"]
            if not (rivals[~counted.chosen.contested] >= 1).all():
                raise CertificateError("a rival is bounded where the pilot did not ask for it")
            for side in counted.rival_counts().T:
                plan.check(1 - rivals, trials - side, trials, weights=weights, parts=parts)
    else:
        stops = {0, *plan.stops(certificate.settings.samples)}
        if (
            not set(certificate.trials.tolist()) <= stops
        ):  # "mixture" allows other sizes, bounds on means do not
            raise CertificateError("bounds on mean scores were made at a sample size that is no planned look")
        lower = mean_lower(counted.histograms()[0], mean_levels(counted))
        if not (stored <= lower * (1 + _ROUNDING)).all():
            raise CertificateError("a bound on a mean score is higher than its histogram gives")
    return Check("confidence bounds", f"{stored.size} bounds, from their counts")


def check_pilot_scores(certificate: GraphCertificate) -> None:
    """The pilot's mean score of each label, which may decide shares of alpha, is that of its histogram."""
    if certificate.settings.margins:
        return
    label_scores = certificate.pilot_scores[np.arange(certificate.nodes), certificate.labels].astype(
        np.float64
    )
    if certificate.settings.scores == "votes":
        low = high = certificate.pilot[:, 1] / certificate.settings.pilot_samples
    else:
        pilot = certificate.counted.histograms()[1]
        low, high = (pilot.counts @ ends / pilot.samples for ends in (pilot.edges[:-1], pilot.edges[1:]))
    if not ((label_scores >= low - 1e-5) & (label_scores <= high + 1e-5)).all():  # they are float32 means
        raise CertificateError("a pilot score is not the one that the pilot's histogram gives")


def check_node_thresholds(record: Record, certificate: GraphCertificate) -> Check:
    """No threshold is higher than the counts prove, and every node is held against rows of its own cluster."""
    thresholds, groups = record.arrays["thresholds"], record.arrays["groups"].astype(np.int64)
    orders = node_orders(certificate)
    if not np.array_equal(groups // len(orders), certificate.clusters):
        raise CertificateError("a node is held against the weights of another cluster")
    if certificate.settings.scores == "votes":
        check_vote_thresholds(
            thresholds,
            record.arrays["probabilities"],
            np.array(orders)[groups % len(orders)],
            record.arrays["rivals"] if certificate.settings.runner_up else None,
        )
    else:
        counted = certificate.counted
        histogram, pilot = counted.histograms()
        soft_plan(counted).check(thresholds, histogram, pilot, weights=counted.pilot_weights())
    positive = int((thresholds > 0).sum())
    return Check("thresholds", f"{positive} above 0, {thresholds.size - positive} abstain")


def check_vote_thresholds(
    thresholds: np.ndarray, probabilities: np.ndarray, orders: np.ndarray, rivals: np.ndarray | None = None
) -> None:
    """Each threshold is at most the divergence of a fair coin from a coin with the bound as its bias, or the least one
    of votes that tie from votes with the bounds on label and rival."""
    spend(thresholds.size)
    for node in np.flatnonzero(~(thresholds <= 0)):
        share = float(probabilities[node])
        proven = slow_divergence((0.5, 0.5), (1 - share, share), float(orders[node])) if share > 0.5 else 0.0
        if rivals is not None and thresholds[node] > proven * (1 + _ROUNDING) and share > rivals[node]:
            proven = max(proven, tie_divergence(share, float(rivals[node]), float(orders[node])))
        if not thresholds[node] <= proven * (1 + _ROUNDING):
            raise CertificateError(
                f"the threshold of node {node} is higher than its probability bound allows"
            )


def tie_divergence(share: float, rival: float, order: float) -> float:
    """The least divergence, from votes of these shares for label, rival and the rest, of votes that tie the first two.

    It is convex in the votes that each gets in the tie: a search by thirds, whose error is far below what the threshold
    was rounded down by.
    """
    if share + rival >= 1:
        return 0.0
    clean = (share, rival, 1 - share - rival)

    def away(tie: float) -> float:
        return slow_divergence((tie, tie, max(1 - 2 * tie, 0.0)), clean, order)

    low, high = rival, share
    for _ in range(120):
        third = (high - low) / 3
        if away(low + third) <= away(high - third):
            high -= third
        else:
            low += third
    return away((low + high) / 2)
