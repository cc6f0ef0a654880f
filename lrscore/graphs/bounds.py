"""From counts to what every node withstands: probability bounds, thresholds, and which weights they go with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from lrscore.graphs.counts import GraphCounts
from lrscore.graphs.vote_thresholds import share_against, vote_threshold, vote_threshold_against
from lrscore.noise.flips import FlipNoise
from lrscore.statistics import ScoreHistogram, SoftMethod, SoftScorePlan
from lrscore.statistics.rivals import rival_upper


@dataclass(frozen=True, eq=False)
class NodeBounds:
    """Thresholds of every node for one or several Rényi orders, all holding at once.

    Args:
        probabilities: (n,) lower bounds, see `GraphCertificate.probabilities`.
        by_order: (n, A) threshold of every node in every order.
        clusters: (n,) cluster of every node.
        costs: of every kind of budget, (I, A, places) cost of one unit in a place against group `i`, by order:
            attributes added and deleted in a cluster, and where edges are flipped, edges added and deleted in a pair of
            clusters.
        rivals: (n,) upper bounds on every class but the label, 1 where the pilot did not ask for one; None without.
        orders: (A,) the Rényi orders.
    """

    probabilities: np.ndarray
    by_order: np.ndarray
    clusters: np.ndarray
    costs: tuple[np.ndarray, ...]
    rivals: np.ndarray | None = None
    orders: tuple[float, ...] = ()

    @property
    def shares(self) -> np.ndarray:
        """(n,) what exact shares are compared with: the bounds, or what a label leads by where rivals are bounded."""
        if self.rivals is None:
            return self.probabilities
        return share_against(self.probabilities, self.rivals)

    @property
    def chosen(self) -> np.ndarray:
        """(n,) the order each node uses in collective certificates.

        All orders hold together, so any choice is sound. It is the one that goes farthest against attacks spread over
        the places, all kinds of budget weighed equally (geometric mean).
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = np.zeros_like(self.by_order)
            for cost in self.costs:
                mean = cost.mean(axis=2)[self.clusters]  # (n, A)
                if np.isfinite(mean).all() and mean.all():
                    reach += np.log(self.by_order) - np.log(mean)
        return reach.argmax(axis=1)

    @property
    def thresholds(self) -> np.ndarray:
        """(n,) threshold in the chosen order."""
        return np.take_along_axis(self.by_order, self.chosen[:, None], axis=1)[:, 0]

    @property
    def groups(self) -> np.ndarray:
        """(n,) row `cluster * A + order` of `weights`."""
        return self.clusters * self.by_order.shape[1] + self.chosen

    @property
    def weights(self) -> tuple[np.ndarray, ...]:
        """Costs (I * A, places) of every kind of budget; 0 in places where a kind can not be spent."""
        places = max(cost.shape[2] for cost in self.costs)
        rows = [cost.reshape(-1, cost.shape[2]) for cost in self.costs]
        return tuple(np.pad(cost, ((0, 0), (0, places - cost.shape[1]))) for cost in rows)

    def in_order(self, number: int) -> np.ndarray:
        """(n,) row of `weights` if every node uses the same order."""
        return self.clusters * self.by_order.shape[1] + number

    def certified_alone(self, *units: int) -> np.ndarray:
        """(n,) bool: in some order, the dearest way to spend so many units of every kind (the first ones given) stays
        below the node's threshold."""
        cost = np.zeros(self.costs[0].shape[:2])  # (I, A)
        for count, one in zip(units, self.costs, strict=False):
            cost += _spent(count, one)
        return (cost[self.clusters] < self.by_order).any(axis=1)

    def radii(self) -> np.ndarray:
        """(n, kinds) int64 most units of each kind alone that are certified, 0 if none."""
        columns = []
        for cost in self.costs:
            dearest = cost.max(axis=2)[self.clusters]
            with np.errstate(divide="ignore", invalid="ignore"):
                below = np.ceil(np.where(dearest > 0, self.by_order / dearest, 0.0) * (1 - 1e-12)) - 1
            columns.append(np.maximum(below, 0).max(axis=1).astype(np.int64))
        return np.stack(columns, axis=1)


def _spent(count: int, cost: np.ndarray) -> np.ndarray:
    """(I, A) cost of `count` changes in the dearest cluster; none cost nothing, even where one costs infinity."""
    return count * cost.max(axis=2) if count else np.zeros(cost.shape[:2])


def vote_bounds(counted: GraphCounts, *noises: FlipNoise) -> NodeBounds:
    """Clopper-Pearson bounds on vote shares; one bound per node serves all orders.

    Args:
        noises: of attributes, and of edges where they are flipped.
    """
    agreements = counted.histograms()[0].counts[:, 1]
    plan, trials, weights, parts = (
        counted.plan,
        counted.planned_trials,
        counted.pilot_weights(),
        counted.parts(),
    )
    probabilities = plan.lower(agreements, trials, weights=weights, parts=parts)
    orders, rivals = counted.settings.orders, None
    if counted.chosen is None or not counted.settings.runner_up:
        by_order = np.stack([vote_threshold(probabilities, order) for order in orders], axis=1)
    else:
        levels = plan.levels(agreements, trials, weights=weights) * parts
        upper = rival_upper(plan, counted.rival_counts(), trials, levels)
        rivals = np.where(counted.chosen.contested, upper, 1.0)
        by_order = np.stack(
            [vote_threshold_against(probabilities, rivals, order) for order in orders], axis=1
        )
    return replace(_with_weights(counted, noises, probabilities, by_order, orders), rivals=rivals)


def soft_bounds(counted: GraphCounts, *noises: FlipNoise) -> NodeBounds:
    """Variance-constrained thresholds of soft scores (order 2)."""
    histogram, pilot = counted.histograms()
    thresholds = soft_plan(counted).thresholds(histogram, pilot, weights=counted.pilot_weights())
    lower = mean_lower(histogram, mean_levels(counted))
    return _with_weights(counted, noises, lower, thresholds[:, None], (2.0,))


def halves(counted: GraphCounts, whole: NodeBounds, *noises: FlipNoise) -> NodeBounds:
    """Means and thresholds of soft scores that hold together at the plan's confidence: at half its error level each.

    None is above the bound at the whole level, which a threshold's bets alone would not exclude. So whatever rests on
    these holds wherever the two statements that are shown, `whole`, do (docs/theory.md, 3.3.5).
    """
    half = soft_bounds(halved(counted), *noises)
    return replace(
        half,
        probabilities=np.minimum(half.probabilities, whole.probabilities),
        by_order=np.minimum(half.by_order, whole.by_order),
    )


def halved(counted: GraphCounts) -> GraphCounts:
    """The same counts, read at half the error level."""
    return replace(counted, plan=replace(counted.plan, alpha=counted.plan.alpha / 2))


def soft_plan(counted: GraphCounts) -> SoftScorePlan:
    """The statistical plan of soft scores; tuned for the number of samples that the settings announce."""
    settings = counted.settings
    return SoftScorePlan(counted.plan, cast(SoftMethod, settings.bound), settings.samples)


def mean_levels(counted: GraphCounts) -> np.ndarray:
    """(n,) error levels of the bounds on mean scores.

    These bounds are for one look. Under "mixture", whose thresholds hold at every sample size, they share the level
    over the looks that are shown.
    """
    plan = counted.plan
    levels = plan.levels(None, counted.planned_trials, weights=counted.pilot_weights())
    looks = plan.stops(counted.settings.samples)
    return levels / len(looks) if plan.correction == "mixture" else levels


def mean_lower(histogram: ScoreHistogram, levels: np.ndarray) -> np.ndarray:
    """Empirical-Bernstein lower bounds (N,) of mean scores; of the smallest one, for margins.

    Maurer and Pontil 2009, Theorem 4, on the lower ends of the bins: with `L = ln(2 / level)`,
    `mean >= sample mean - sqrt(2 V L / n) - 7 L / (3 (n - 1))`.
    """
    samples, ends = histogram.samples, histogram.edges[:-1]
    log_term = np.log(2.0 / levels).reshape((-1,) + (1,) * (samples.ndim - 1))
    mean = histogram.counts @ ends / samples
    squares = (histogram.counts * (ends - mean[..., None]) ** 2).sum(axis=-1)
    variance = squares / np.maximum(samples - 1, 1)
    bound = (
        mean - np.sqrt(2 * variance * log_term / samples) - 7 * log_term / (3 * np.maximum(samples - 1, 1))
    )
    return np.maximum(bound.reshape(bound.shape[0], -1).min(axis=1), 0.0)


def _with_weights(
    counted: GraphCounts,
    noises: tuple[FlipNoise, ...],
    probabilities: np.ndarray,
    by_order: np.ndarray,
    orders: tuple[float, ...],
) -> NodeBounds:
    costs = [
        np.stack([noise.weight(order)[kind] for order in orders], axis=1)
        for noise in noises
        for kind in (0, 1)
    ]
    return NodeBounds(probabilities, by_order, counted.clusters, tuple(costs), orders=orders)
