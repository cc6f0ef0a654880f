"""How the smoothed margins would change under every single flip, from the same noisy copies.

A noisy copy `z` weighs as much around the graph with one bit flipped as its likelihood ratio `L` says, so the change of
a smoothed score is `E[h(z) (L(z) - 1)]`, and the model is asked for nothing but scores. An edge's change is read from
the nodes near it: elsewhere it would be noise. What an edge that does not exist yet would change is read around the
graph that has it, as what its deletion would change there, turned round: copies around the graph without it hardly ever
have it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy import sparse

from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.counting import as_scores
from lrscore.graphs.pairs import pair_numbers
from lrscore.graphs.sampler import Drawn, GraphSampler
from lrscore.monitor import Monitor
from lrscore.statistics.overtaking import scores_for, strongest_rival

_NEAR = 0.15  # margin within which a node gets most of the effort
_EDGES_AT_ONCE = 1024


@dataclass(frozen=True, eq=False)
class Changes:
    """What one more flip does, for the sampled graph.

    Args:
        attributes: (n, d) change of the weighed margins of the aimed nodes if one attribute is flipped.
        edges: (E,) if one of the graph's edges is deleted, ascending by `lower * n + higher`.
        margins: (n,) smoothed margins at the sampled graph, NaN for nodes of groups that were not asked.
    """

    attributes: np.ndarray
    edges: np.ndarray
    margins: np.ndarray


@torch.inference_mode()
def measure_changes(
    sampler: GraphSampler,
    certificate: GraphCertificate,
    groups: list[int],
    aimed: np.ndarray,
    copies: int,
    monitor: Monitor,
    near: sparse.csr_array | None = None,
) -> Changes:
    """Draw copies around the sampler's graph, and weigh.

    Args:
        near: (n, n) which nodes are read for an edge at a node; None: no edges are asked for.
    """
    nodes, width = sampler.nodes, sampler.width
    ones = sampler.attributes.table.cpu().numpy().reshape(nodes, width)
    codes = sampler.edge_codes if near is not None else np.empty(0, dtype=np.int64)
    total, on_edges, smoothed = np.zeros(nodes * width), np.zeros(codes.size), np.full(nodes, np.nan)
    for group in groups:
        members = sampler.members[group]
        seen, parts = [], []
        for drawn, scores in sampler.drawn(copies, group, monitor):
            seen.append(drawn)
            parts.append(lead(as_scores(scores, certificate.settings.reading), certificate.labels[members]))
        margin, sizes = np.concatenate(parts), [len(part) for part in parts]  # margin (copies, m)
        mean = margin.mean(axis=0)
        smoothed[members] = mean
        weighed = (margin - mean) * (effort(mean) * aimed[members])  # (copies, m)
        values = weighed.sum(axis=1)
        with_one = np.zeros(nodes * width)
        for batch, part in zip(seen, np.split(values, np.cumsum(sizes)[:-1]), strict=True):
            with_one += np.bincount(batch.positions, part[batch.copies], nodes * width)
        total += _attribute_factors(certificate, group, ones) * with_one / len(values)
        if codes.size and near is not None:
            kept = _kept(seen, sizes, codes)
            local = _near_edges(kept, weighed, codes, near[:, members], nodes) / len(values)
            on_edges += _edge_factors(certificate, group, codes) * local
    return Changes(total.reshape(nodes, width), on_edges, smoothed)


def lead(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(..., m) by how much the label's score leads the best other one, for scores (..., m, classes)."""
    return scores_for(labels, scores) - scores_for(strongest_rival(scores, labels), scores)


def effort(margins: np.ndarray) -> np.ndarray:
    """How much the attack cares for nodes with such margins: most where they are nearly lost, little where they are."""
    return np.exp(-((np.maximum(margins, 0.0) / _NEAR) ** 2)) * (margins > -_NEAR) + 1e-3


def _attribute_factors(certificate: GraphCertificate, group: int, ones: np.ndarray) -> np.ndarray:
    """(n * d,) change of an attribute's likelihood ratio, whether the copy has a one, in units of having it."""
    to_one, to_zero = (kind[group, certificate.clusters][:, None] for kind in certificate.noise_levels)
    with np.errstate(divide="ignore", invalid="ignore"):
        adding = (1 - to_zero) / to_one - to_zero / (1 - to_one)
    factor = np.where(ones, _deleting(to_one, to_zero), adding)
    return np.where(np.isfinite(factor), factor, 0.0).ravel()


def _edge_factors(certificate: GraphCertificate, group: int, codes: np.ndarray) -> np.ndarray:
    """(E,) the same for edges that are deleted."""
    assert certificate.edge_noise is not None
    clusters = certificate.clusters
    first, second = np.divmod(codes, clusters.size)
    pairs = pair_numbers(len(certificate.ranks))[clusters[first], clusters[second]]
    noise = certificate.edge_noise
    factor = _deleting(noise.to_one[group, pairs], noise.to_zero[group, pairs])
    return np.where(np.isfinite(factor), factor, 0.0)


def _deleting(to_one: np.ndarray, to_zero: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return to_one / (1 - to_zero) - (1 - to_one) / to_zero


def _kept(seen: list[Drawn], sizes: list[int], codes: np.ndarray) -> sparse.csr_array:
    """(E, copies) which of the graph's edges every copy still has."""
    starts = np.cumsum([0, *sizes])
    rows, columns = [], []
    for batch, start in zip(seen, starts, strict=False):
        place = np.searchsorted(codes, batch.edges).clip(max=codes.size - 1)
        old = codes[place] == batch.edges
        rows.append(place[old])
        columns.append(start + batch.edge_copies[old])
    where = np.concatenate(rows), np.concatenate(columns)
    return sparse.csr_array((np.ones(where[0].size), where), shape=(codes.size, int(starts[-1])))


def _near_edges(
    kept: sparse.csr_array, weighed: np.ndarray, codes: np.ndarray, near: sparse.csr_array, nodes: int
) -> np.ndarray:
    """(E,) sum over copies that have an edge of the weighed margins (copies, m) of the members near it."""
    first, second = np.divmod(codes, nodes)
    found = np.empty(codes.size)
    for start in range(0, codes.size, _EDGES_AT_ONCE):
        some = slice(start, start + _EDGES_AT_ONCE)
        together = kept[some] @ weighed  # (e, m)
        reached = (near[first[some]] + near[second[some]]).astype(bool)
        found[some] = reached.multiply(together).sum(axis=1)
    return found
