"""Settings of a graph certification: frozen, validated on construction, varied with `dataclasses.replace`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lrscore.errors import SettingsError
from lrscore.graphs.pairs import MOST_CLUSTERS, cluster_pairs, pair_ranks
from lrscore.graphs.partition import PARTITIONS
from lrscore.graphs.reading import VOTE_BINS, Reading
from lrscore.noise.flips import FlipNoise
from lrscore.plain import number_array, numbers, store_plain
from lrscore.settings import Matrix, SamplingSettings, field_of, option, set_field, whole_number
from lrscore.statistics import SOFT_METHODS, least_samples

SCORES = ("soft", "votes")
_MOST_ORDERS = 64
DEFAULT_ORDERS = (1.5, 2.0, 4.0, float("inf"))


@dataclass(frozen=True)
class GraphSettings(SamplingSettings):
    """How one attributed graph is smoothed, sampled and certified.

    The smoothed model predicts the class of highest mean: of the model's probabilities ("soft") or of its votes.

    Args:
        clusters: number of clusters `J`; ignored when `partition` is an array.
        partition: "metis", "spectral", "louvain", or an (n,) array of cluster ids from 0.
        flip_to_one: probability that a zero attribute becomes one, in the (nearest, farthest) cluster.
        flip_to_zero: probability that a one becomes zero, in the (nearest, farthest) cluster.
        falloff: how the probabilities go from the nearest to the farthest cluster: with `(rank / largest) ** falloff`.
            1 is linear; 0 gives every other cluster the farthest noise.
        levels: (2, I, J) override: flip probabilities to one and to zero.
        flip_edges: None, or edges are flipped as well: the probabilities that a pair of nodes without an edge gets one,
            and that an edge is removed, each in the (nearest, farthest) pair of clusters. Flips of edges alone: with
            both flips of attributes (0, 0).
        edge_levels: (2, I, R) override of `flip_edges`, for every pair of clusters in the order of `cluster_pairs`.
        pilot_samples, samples, alpha, correction, batch_size, tolerated: see `SamplingSettings`.
        runner_up, hierarchy: see `SamplingSettings`; for votes.
        scores: "soft" or "votes".
        bound: for soft scores, how the threshold is bounded: "direct" (sharpest), "bernstein" or "dkw".
        margins: for soft scores, compare the label with every other class instead of with 1/2 (more work, and
            nodes whose label has a mean below 1/2 can be certified).
        orders: for votes, the Rényi orders tried, each above 1; every node uses the one that serves it best.
        bins: histogram bins of soft scores, a power of two.

    Raises:
        SettingsError: a value is outside its range, or two contradict each other.
    """

    clusters: int = option(5, "number of clusters")
    partition: str | tuple[int, ...] = option("metis", choices=PARTITIONS)
    flip_to_one: tuple[float, float] = option(
        (0.01, 0.01), "probability 0 -> 1 in nearest and farthest cluster", between=":", form="NEAR:FAR"
    )
    flip_to_zero: tuple[float, float] = option(
        (0.1, 0.9), "probability 1 -> 0 in nearest and farthest cluster", between=":", form="NEAR:FAR"
    )
    levels: tuple[Matrix, Matrix] | None = None
    pilot_samples: int = field(
        default=100, kw_only=True, metadata=field_of(SamplingSettings, "pilot_samples").metadata
    )
    samples: int = field(default=1000, kw_only=True, metadata=field_of(SamplingSettings, "samples").metadata)
    scores: str = option("soft", "smooth probabilities (soft) or votes", choices=SCORES)
    bound: str = option("direct", "how soft scores are bounded", choices=SOFT_METHODS)
    margins: bool = option(False, "compare with every other class instead of with 1/2")
    orders: tuple[float, ...] = option(DEFAULT_ORDERS, "Rényi orders tried for votes")
    bins: int = option(128, "histogram bins of soft scores, a power of two")
    falloff: float = option(1.0, "how fast the flips grow with the cluster's rank")
    flip_edges: tuple[tuple[float, float], tuple[float, float]] | None = None
    edge_levels: tuple[Matrix, Matrix] | None = None

    def __post_init__(self) -> None:
        store_plain(self)
        whole_number("clusters", self.clusters, 1)
        if isinstance(self.partition, str):
            _one_of("partition", self.partition, PARTITIONS, " or an array of cluster ids")
        else:
            set_field(self, "partition", _cluster_ids(self.partition))
        set_field(self, "flip_to_one", _flip_range("flip_to_one", self.flip_to_one))
        set_field(self, "flip_to_zero", _flip_range("flip_to_zero", self.flip_to_zero))
        if self.levels is not None:
            set_field(self, "levels", _flip_levels(self.levels))
        if self.flip_edges is not None:
            set_field(self, "flip_edges", _edge_flips(self.flip_edges))
        if self.edge_levels is not None:
            set_field(self, "edge_levels", _edge_levels(self.edge_levels))
        _one_of("scores", self.scores, SCORES)
        _one_of("bound", self.bound, SOFT_METHODS)
        if self.margins and self.scores == "votes":
            raise SettingsError("margins need soft scores, got scores='votes'")
        set_field(self, "orders", _orders(self.orders))
        if whole_number("bins", self.bins, 2) & (self.bins - 1) or self.bins > 4096:
            raise SettingsError(f"bins must be a power of two up to 4096, got {self.bins}")
        if not 0 <= self.falloff <= 100:
            raise SettingsError(f"falloff must be a number from 0 to 100, got {self.falloff!r:.80}")
        self.check_sampling()
        if self.pilot_decides and self.scores != "votes":
            raise SettingsError("runner_up and hierarchy need scores='votes'; soft scores have margins")
        if self.scores == "soft" and self.bound == "bernstein" and self.samples < 2:
            raise SettingsError("samples must be at least 2 for the bound bernstein, got 1")

    def least_samples(self, n_outputs: int) -> int:
        """As for all settings; soft scores must all lie in the highest bin."""
        return least_samples(
            float(self.alpha),
            self.correction,
            n_outputs,
            tolerated=self.tolerated,
            offered=self.offered,
            soft=None if self.scores == "votes" else self.bound,
            pilot_samples=self.pilot_samples,
            bins=self.bins,
        )

    def noise(self, ranks: np.ndarray) -> FlipNoise:
        """The noise of attributes for clusters with these (J, J) ranks.

        Between the nearest (rank 0, the cluster itself) and the farthest cluster (rank J - 1), the probabilities
        are interpolated by `(rank / (J - 1)) ** falloff`. One cluster alone has the nearest one's.

        Raises:
            SettingsError: `levels` are given for another number of clusters.
        """
        if self.levels is not None:
            noise = FlipNoise.from_levels(np.array(self.levels))
            if noise.to_one.shape != ranks.shape:
                raise SettingsError(
                    f"levels must be given for {ranks.shape[0]} groups and clusters, got {noise.to_one.shape}"
                )
            return noise
        fraction = np.where(ranks > 0, (ranks / max(ranks.shape[1] - 1, 1)) ** self.falloff, 0.0)
        pairs = (self.flip_to_one, self.flip_to_zero)
        return FlipNoise.from_levels(np.array([near + fraction * (far - near) for near, far in pairs]))

    @property
    def reading(self) -> Reading:
        """What is counted of the noisy graphs."""
        if self.scores == "votes":
            return Reading("votes", VOTE_BINS)
        return Reading("margins" if self.margins else "soft", self.bins)

    @property
    def flips_edges(self) -> bool:
        """Whether edges are flipped."""
        return self.flip_edges is not None or self.edge_levels is not None

    def edge_noise(self, ranks: np.ndarray) -> FlipNoise | None:
        """The noise (I, R) of edges for clusters with these (J, J) ranks, None if they are not flipped.

        Interpolated as for attributes, by the mean rank of the pair's two clusters (`pair_ranks`).

        Raises:
            SettingsError: `edge_levels` are given for another number of clusters, or there are too many.
        """
        if not self.flips_edges:
            return None
        clusters = len(ranks)
        if clusters > MOST_CLUSTERS:
            raise SettingsError(
                f"clusters must be at most {MOST_CLUSTERS} where edges are flipped, got {clusters}"
            )
        if self.edge_levels is not None:
            noise = FlipNoise.from_levels(np.array(self.edge_levels))
            expected = (clusters, len(cluster_pairs(clusters)))
            if noise.to_one.shape != expected:
                raise SettingsError(
                    f"edge_levels must be given for {clusters} groups and {expected[1]} pairs of clusters, "
                    f"got {noise.to_one.shape}"
                )
            return noise
        assert self.flip_edges is not None
        fraction = (pair_ranks(ranks) / max(clusters - 1, 1)) ** self.falloff
        fraction[pair_ranks(ranks) == 0] = 0.0
        return FlipNoise.from_levels(
            np.array([near + fraction * (far - near) for near, far in self.flip_edges])
        )

    def noises(self, ranks: np.ndarray) -> tuple[FlipNoise, ...]:
        """All that is flipped: attributes, and edges where they are. Sampler and certificate both take it from here."""
        edges = self.edge_noise(ranks)
        return (self.noise(ranks),) if edges is None else (self.noise(ranks), edges)

    def noise_levels(self, ranks: np.ndarray) -> np.ndarray:
        """The matrix (2, I, J) of flip probabilities to one and to zero, as they are sampled."""
        noise = self.noise(ranks)
        return np.stack([noise.to_one, noise.to_zero])


def _one_of(name: str, value: object, known: tuple[str, ...], more: str = "") -> None:
    if value not in known:
        raise SettingsError(f"{name} must be {', '.join(known)}{more}, got {value!r:.80}")


def _flip_range(name: str, value: Any) -> tuple[float, float]:
    expected = "two probabilities (nearest, farthest) in [0, 1)"
    flips = numbers(name, value, expected)
    if len(flips) != 2 or not all(0 <= flip < 1 for flip in flips):
        raise SettingsError(f"{name} must be {expected}, got {value!r:.80}")
    return flips[0], flips[1]


def _flip_levels(levels: Any) -> tuple[Matrix, Matrix]:
    expected = "(2, groups, clusters) flip probabilities in [0, 1)"
    array = number_array("levels", levels, expected)
    square = array.ndim == 3 and array.shape[0] == 2 and array.shape[1] == array.shape[2]
    if not square or not ((array >= 0) & (array < 1)).all():
        raise SettingsError(f"levels must be {expected}, got shape {array.shape}")
    to_one, to_zero = (tuple(tuple(row) for row in matrix) for matrix in array.tolist())
    return to_one, to_zero


def _edge_flips(value: Any) -> tuple[tuple[float, float], tuple[float, float]]:
    """Probabilities of a new edge and of a lost one, (nearest, farthest) each."""
    if not isinstance(value, tuple) or len(value) != 2:
        raise SettingsError(
            "flip_edges must be two pairs of probabilities, (nearest, farthest) of new and of lost edges, got "
            f"{value!r:.80}"
        )
    return _flip_range("flip_edges", value[0]), _flip_range("flip_edges", value[1])


def _edge_levels(levels: Any) -> tuple[Matrix, Matrix]:
    expected = "(2, groups, pairs of clusters) flip probabilities in [0, 1)"
    array = number_array("edge_levels", levels, expected)
    if array.ndim != 3 or array.shape[0] != 2 or not ((array >= 0) & (array < 1)).all():
        raise SettingsError(f"edge_levels must be {expected}, got shape {array.shape}")
    to_one, to_zero = (tuple(tuple(row) for row in matrix) for matrix in array.tolist())
    return to_one, to_zero


def _cluster_ids(partition: Any) -> tuple[int, ...]:
    ids = np.asarray(partition)
    if ids.ndim != 1 or ids.size == 0 or not np.issubdtype(ids.dtype, np.integer) or ids.min() < 0:
        raise SettingsError(f"partition must be a 1-d array of cluster ids from 0, got {partition!r:.80}")
    return tuple(int(i) for i in ids)


def _orders(orders: Any) -> tuple[float, ...]:
    values = numbers("orders", orders, "one or more numbers above 1")
    if not 1 <= len(values) <= _MOST_ORDERS or not all(order > 1 for order in values):
        raise SettingsError(
            f"orders must be one or more numbers above 1, at most {_MOST_ORDERS}, got {orders!r:.80}"
        )
    return values
