"""The certificate of one graph: counts in, guarantee out.

Like `ImageCertificate`, it keeps what was counted (integers) and how (settings); everything else is derived from
that, by the same functions whether it was just sampled or read from a file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from lrscore.certificate import Certificate
from lrscore.class_tree import ClassTree
from lrscore.collective import CollectiveCertificate, Limits
from lrscore.errors import InputError
from lrscore.graphs.alone import Alone
from lrscore.graphs.bounds import NodeBounds, halves, soft_bounds, vote_bounds
from lrscore.graphs.budget_grids import budget_grid, first_hopeless, side_by_side
from lrscore.graphs.collective import GraphBounds, certify_exactly
from lrscore.graphs.counts import GraphCounts, refuse
from lrscore.graphs.display import GraphDisplay
from lrscore.graphs.pairs import cluster_pairs, pair_edges, undirected_edges
from lrscore.graphs.partition import affinity, affinity_ranks
from lrscore.graphs.settings import GraphSettings
from lrscore.graphs.stored import (
    display_arrays,
    display_texts,
    label_arrays,
    stored_fields,
    stored_weights,
)
from lrscore.graphs.vote_thresholds import share_against
from lrscore.layouts import GRAPH
from lrscore.noise.flips import FlipNoise
from lrscore.records import Record, compact, named_curves
from lrscore.references import whole_labels, within_classes
from lrscore.statistics import confidence_in_words
from lrscore.stored_choice import choice_arrays, choice_texts
from lrscore.targeted import TargetedCurve, targeted_arrays
from lrscore.vote_choice import VoteChoice, choice_in_words, choose

UNKNOWN = -1  # reference label of nodes that nothing is counted about
BUDGET_KINDS = ("additions", "deletions", "edge additions", "edge deletions")
"""What budgets count, column by column; the last two where edges are flipped."""


@dataclass(frozen=True, eq=False)
class GraphCertificate(Certificate):
    """What is proven about the smoothed node classification of one graph.

    Guarantee: with probability at least `1 - alpha` over the sampling, for every budget at once, at least
    `collective(budget).certified` nodes keep their label under *every* perturbation that adds at most `additions` and
    deletes at most `deletions` attributes in the whole graph. The labels are those of the smoothed model: the class
    with the highest mean score (or vote share) under the noise of the node's cluster. Where edges are flipped, budgets
    have two columns more, for undirected edges added and deleted; else the edges are not attacked. The clusters and the
    noise levels, which were chosen by the edges, belong to the smoothed model and stay as they are.
    Sources: Schuchardt et al. 2023; docs/theory.md, 2.3, 2.6, 2.11, 3, 4; docs/graphs.md.

    Args:
        settings: how the graph was smoothed and sampled.
        edges: (2, E) int64.
        clusters: (n,) cluster of every node.
        labels: (n,) int64, chosen by the pilot.
        pilot_scores: (n, classes) float32, mean scores (or vote shares) over the pilot.
        pilot: (n, bins) counts of the label's scores in the pilot; two bins for votes; (n, classes - 1, bins) for
            margins.
        counts: the same of the estimation samples.
        trials: (J,) number of estimation samples of every group; 0 while a group waits for its turn: its nodes have no
            scores yet, their label 0 means nothing, and they abstain.
        reference: (n,) true classes, -1 = unknown, or None.
        class_names: names of the classes, or empty.
        provenance: free text about model, data, seed, device and versions.
        display: what a page draws: positions, names, attributes; no claim depends on it.
        curves: collective certificates stored with it.
        unsmoothed: (n,) labels that the model gives without noise, or None if nobody asked it.
        targeted: collective certificates of the nodes of a mask, see `with_targets`.
        chosen: what the pilot chose beside `labels`, with coarse labels or rivals; None without. `counts` then count
            the votes that fell into the node of the tree that was chosen.
    """

    outputs: ClassVar[str] = "nodes"
    void: ClassVar[int] = UNKNOWN
    whole_units: ClassVar[bool] = True  # attributes are added and deleted one by one
    of_the_pilot: ClassVar[tuple[str, ...]] = ("labels", "pilot_scores", "pilot")

    settings: GraphSettings
    edges: np.ndarray
    clusters: np.ndarray
    labels: np.ndarray
    pilot_scores: np.ndarray
    pilot: np.ndarray
    counts: np.ndarray
    trials: np.ndarray
    reference: np.ndarray | None = None
    class_names: tuple[str, ...] = ()
    provenance: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    display: GraphDisplay = field(default_factory=GraphDisplay)
    curves: tuple[CollectiveCertificate, ...] = ()
    unsmoothed: np.ndarray | None = None
    targeted: tuple[TargetedCurve, ...] = ()
    chosen: VoteChoice | None = None

    @property
    def nodes(self) -> int:
        """Number of nodes `N`."""
        return self.labels.size

    @cached_property
    def affinities(self) -> np.ndarray:
        """(J, J) number of edges between clusters."""
        return affinity(self.edges, self.clusters)

    @cached_property
    def ranks(self) -> np.ndarray:
        """(J, J) rank of cluster `j` for cluster `i`, 0 for itself."""
        return affinity_ranks(self.affinities)

    @cached_property
    def noises(self) -> tuple[FlipNoise, ...]:
        """The smoothing distribution of attributes, and of edges where they are flipped."""
        return self.settings.noises(self.ranks)

    @property
    def noise(self) -> FlipNoise:
        """The smoothing distribution of attributes."""
        return self.noises[0]

    @property
    def edge_noise(self) -> FlipNoise | None:
        """That of edges, (J, R) over pairs of clusters; None where they are not flipped."""
        return self.noises[1] if len(self.noises) > 1 else None

    @property
    def noise_levels(self) -> np.ndarray:
        """(2, I, J): flip probabilities to one and to zero on cluster `j` when predicting group `i`."""
        return np.stack([self.noise.to_one, self.noise.to_zero])

    @property
    def budget_kinds(self) -> tuple[str, ...]:
        """What the columns of budgets count."""
        return BUDGET_KINDS[: 2 * len(self.noises)]

    @cached_property
    def caps(self) -> np.ndarray | None:
        """(4, R) where edges are flipped: no attributes but in clusters, only so many edges to add and to delete."""
        if self.edge_noise is None:
            return None
        room = pair_edges(self.edges, self.clusters).astype(np.float64)
        attributes = np.zeros_like(room)
        attributes[:, : len(self.ranks)] = np.inf
        return np.concatenate([attributes, room])

    @cached_property
    def bounds(self) -> NodeBounds:
        """Everything derived per node: bounds, thresholds, rows of the weight matrices."""
        bounds = vote_bounds if self.settings.scores == "votes" else soft_bounds
        return bounds(self.counted, *self.noises)

    @cached_property
    def exact_bounds(self) -> GraphBounds:
        """What exact counts rest on. Votes: the vote shares. Soft scores: bounds on means and thresholds, made anew at
        half the error level each, so that both hold together at the plan's confidence."""
        votes = self.settings.scores == "votes"
        suffice = votes and not self.settings.runner_up
        nodes = self.bounds if votes else halves(self.counted, self.bounds, *self.noises)
        return GraphBounds(self.noises, nodes, shares_suffice=suffice, caps=self.caps)

    @cached_property
    def _alone(self) -> Alone:
        return Alone(self.exact_bounds)

    def _counted_together(
        self, budgets: ArrayLike, method: str, targets: np.ndarray | None, limits: Limits
    ) -> CollectiveCertificate:
        """As for all certificates, but for "exact": see `certify_exactly`."""
        budgets = self._all_kinds(np.asarray(budgets, dtype=np.float64))
        if method == "exact":
            return certify_exactly(self.exact_bounds, budgets, targets, limits)
        return super()._counted_together(budgets, method, targets, limits)

    def _all_kinds(self, budgets: np.ndarray) -> np.ndarray:
        """Budgets (M, 2) of attributes alone as (M, 4) where edges are flipped."""
        if len(self.noises) == 2 and budgets.ndim == 2 and budgets.shape[1] == 2:
            return np.pad(budgets, ((0, 0), (0, 2)))
        return budgets

    def _everywhere(self, allocation: np.ndarray) -> np.ndarray:
        """Allocations (2, J) of attributes alone as (4, R) where edges are flipped."""
        if self.edge_noise is None or len(allocation) == 4:
            return allocation
        places = self.edge_noise.to_one.shape[1]
        return np.pad(allocation, ((0, 2), (0, places - allocation.shape[1])))

    def spared(self, allocation: np.ndarray) -> np.ndarray:
        """(n,) bool: nodes that provably keep their label under one allocation (K, P) of whole units.

        (2, J) additions and deletions, or (4, R) where edges are flipped: the first J columns of attributes, and edges
        added and deleted in every pair of clusters.

        Under the count-level correction all but `k - 1` of them do.
        """
        return self.exact_bounds.spared(self._everywhere(allocation))

    def needed(self, allocation: np.ndarray) -> np.ndarray:
        """(n,) vote shares (or mean scores) above which labels survive one allocation (K, P), whatever the model."""
        return self.exact_bounds.needed(self._everywhere(allocation))

    @property
    def sampling_groups(self) -> np.ndarray:
        """(n,) cluster of every node."""
        return self.clusters

    @property
    def counted(self) -> GraphCounts:
        """What was counted, and how: all that the bounds read."""
        return GraphCounts(
            settings=self.settings,
            plan=self.plan,
            clusters=self.clusters,
            labels=self.labels,
            pilot_scores=self.pilot_scores,
            pilot=self.pilot,
            counts=self.counts,
            trials=self.trials,
            chosen=self.chosen,
        )

    def pilot_choice(self, tree: ClassTree | None) -> VoteChoice:
        """What the pilot votes choose under these settings, by the rule of `lrscore.vote_choice`."""
        return choose(
            self.counted.pilot_votes(),
            self.plan,
            self.settings.samples,
            lambda own, rival: np.maximum(share_against(own, rival) - 0.5, 0.0),
            runner_up=self.settings.runner_up,
            tree=tree,
        )

    def check_counts(self) -> None:
        """Counts, labels, edges and settings belong together.

        Raises:
            InputError: a shape or count contradicts another one.
        """
        nodes, edges, reference = self.nodes, self.edges, self.reference
        refuse(
            {
                "edges": edges.ndim == 2 and len(edges) == 2 and bool(((edges >= 0) & (edges < nodes)).all()),
                "reference": reference is None or reference.shape == (nodes,),
                "unsmoothed labels": self.unsmoothed is None
                or (
                    self.unsmoothed.shape == (nodes,)
                    and int(self.unsmoothed.max()) < self.pilot_scores.shape[1]
                ),
            }
        )
        self.counted.check()
        if self.settings.flips_edges:
            undirected_edges(edges, nodes)

    @property
    def probabilities(self) -> np.ndarray:
        """(n,) simultaneous lower bounds, at the plan's confidence: on the label's vote share, its mean score, or
        (margins) the smallest mean of `(1 + score - other class's score) / 2`. For soft scores they are a statement of
        their own, made beside the thresholds; only "exact" uses both, see `exact_bounds`."""
        return self.bounds.probabilities

    @property
    def thresholds(self) -> np.ndarray:
        """(n,) weighted budget every node withstands, in the divergence of its group's row; 0 where it abstains."""
        return self.bounds.thresholds

    @property
    def groups(self) -> np.ndarray:
        """(n,) row of the weight matrices that holds for a node: its cluster, or for votes a (cluster, order) pair."""
        return self.bounds.groups

    @property
    def weights(self) -> tuple[np.ndarray, ...]:
        """Costs of one addition and of one deletion in cluster `j` against row `g`, (G, J) each.

        Where edges are flipped, (G, R): then costs of one edge added and of one deleted in every pair of clusters, and
        columns of 0 for attributes after the first J, where there are none.
        """
        return self.bounds.weights

    @property
    def attribute_weights(self) -> tuple[np.ndarray, np.ndarray]:
        """(G, J) the weights of additions and of deletions of attributes."""
        additions, deletions = (weights[:, : len(self.ranks)] for weights in self.weights[:2])
        return additions, deletions

    @cached_property
    def radii(self) -> np.ndarray:
        """(n, K) int64: units of each kind of budget alone that a node withstands wherever they are spent: additions,
        deletions, and where edges are flipped, edges added and edges deleted.

        0 where not even one is certified; see `abstained` for nodes that claim nothing at all. Counted up to 255.
        """
        return self._alone.radii()

    def certified_mask(self, *units: int) -> np.ndarray:
        """(n,) bool: nodes that each by itself keep their label under that many units of each kind of budget.

        Additions and deletions, and where edges are flipped, edges added and deleted; those left out are 0.

        Each is held against its own worst allocation, by the bounds of the exact certificate. Under the count-level
        correction, as for `radii`, all but `k - 1` of the nodes do.
        """
        return self.certified_masks(np.array([units], dtype=np.int64))[0]

    def certified_masks(self, budgets: np.ndarray) -> np.ndarray:
        """(M, n) bool: the same at many whole budgets (M, 2) of additions and deletions, or (M, 4)."""
        return self._alone.certified(budgets)

    def largest_budgets(self) -> tuple[int, int]:
        """Additions alone, and deletions alone, from which on the envelope certifies nothing; at most 1024."""
        return self.largest_budget(0), self.largest_budget(1)

    def largest_budget(self, kind: int) -> int:
        """Units of one kind of budget alone from which on the envelope certifies nothing; at most 1024."""
        return first_hopeless(self._certified, kind)

    def largest_edge_budgets(self) -> tuple[int, int]:
        """The same of edges added and deleted; (0, 0) where they are not flipped."""
        if self.edge_noise is None:
            return 0, 0
        return self.largest_budget(2), self.largest_budget(3)

    def _certified(self, counts: np.ndarray, kind: int) -> np.ndarray:
        """Certified counts at budgets (M,) of one kind alone."""
        budgets = np.zeros((counts.size, len(self.budget_kinds)))
        budgets[:, kind] = counts
        return self.collective(budgets).certified

    def default_budgets(self) -> np.ndarray:
        """(M, 2) grid of whole (additions, deletions) from (0, 0) to `largest_budgets()`, at most 9 values each.

        Where edges are flipped, (M, 4): that grid without changes of edges, and one of changes of edges alone.
        """
        attributes = budget_grid(self.largest_budgets())
        if self.edge_noise is None:
            return attributes
        return side_by_side(attributes, budget_grid(self.largest_edge_budgets()))

    def with_reference(self, reference: np.ndarray) -> GraphCertificate:
        """The same certificate with true classes (n,) in the model's numbering, -1 = unknown.

        A class that the model does not know is right for no label.

        Raises:
            InputError: another shape, or anything but whole numbers from -1.
        """
        labels = whole_labels(reference, "reference labels")
        if labels.shape != (self.nodes,):
            raise InputError(f"reference must give {self.nodes} classes, got shape {labels.shape}")
        classes = max(self.pilot_scores.shape[1], int(labels.max(initial=0)) + 1)
        return replace(self, reference=within_classes(labels, classes, UNKNOWN, "reference labels"))

    def guarantee(self) -> str:
        """The statement that the certificate makes, in one or two sentences."""
        return self.stated(
            "The certified number of nodes keeps its label under every perturbation of the graph that adds and deletes "
            f"at most the chosen numbers of {self._attacked()} in total.{self.joint_risk()}"
            f"{choice_in_words(self.settings)}"
        )

    def _attacked(self) -> str:
        """What is added and deleted, in words."""
        if self.edge_noise is None:
            return "attributes"
        return "attributes and of undirected edges (clusters and noise levels stay those of this file)"

    def joint_risk(self) -> str:
        """What is said of the bounds on mean scores, which soft scores show beside their thresholds; else nothing."""
        if self.settings.scores == "votes" or not self.plan.valid:
            return ""
        return (
            " The lower bounds on mean scores are a second statement of this confidence; with probability at least "
            f"{confidence_in_words(self.plan.alpha, 2)} both hold."
        )

    def to_record(self) -> Record:
        """Everything the file holds; with the default envelope curve if the certificate carries none."""
        curves = self.curves or (self.collective(self.default_budgets()),)
        arrays = {
            "edges": compact(self.edges),
            "clusters": compact(self.clusters),
            "labels": compact(self.labels),
            "pilot_scores": self.pilot_scores,
            "pilot": compact(self.pilot),
            "counts": compact(self.counts),
            "trials": self.trials,
            "probabilities": self.probabilities,
            "thresholds": self.thresholds,
            "groups": compact(self.groups),
            "ranks": self.ranks,
            "noise_levels": self.noise_levels,
            "weights": np.stack(self.attribute_weights),
        }
        arrays |= choice_arrays(self.chosen, self.labels.shape)
        if self.bounds.rivals is not None:
            arrays["rivals"] = self.bounds.rivals
        if self.edge_noise is not None:
            arrays |= {
                "pairs": compact(cluster_pairs(len(self.ranks))),
                "edge_levels": np.stack([self.edge_noise.to_one, self.edge_noise.to_zero]),
                "edge_weights": np.stack(self.weights[2:]),
            }
        stored = (*curves, *(one.curve for one in self.targeted))
        if self.settings.scores == "soft" and any(one.proof.shares is not None for one in stored):
            nodes = self.exact_bounds.nodes
            arrays |= {"exact_probabilities": nodes.probabilities, "exact_thresholds": nodes.thresholds}
        arrays |= label_arrays(self.reference, self.unsmoothed) | display_arrays(self.display)
        texts = {
            "guarantee": self.guarantee(),
            "settings": json.dumps(self.settings.to_dict()),
            "plan": json.dumps(self.plan.to_dict()),
            "class_names": json.dumps(list(self.class_names)),
            "provenance": json.dumps(dict(self.provenance)),
            **choice_texts(self.chosen),
            **display_texts(self.display),
        }
        named = named_curves(curves) | targeted_arrays(self.targeted)
        return Record("graph", texts, arrays, GRAPH.dimensions, named)

    def stored_weights(self, record: Record) -> np.ndarray:
        """(K, G, P) all weights of a file, as `weights` has them."""
        return stored_weights(record, flips_edges=self.edge_noise is not None)

    @classmethod
    def from_record(cls, record: Record, *, under_way: bool = False) -> GraphCertificate:
        """The certificate that the counts of a record give; its derived arrays are not trusted.

        Args:
            under_way: whether it is of a run between two looks, whose counts need not belong together yet.

        Raises:
            LrscoreError, KeyError, ...: whatever a malformed record provokes; `records.reading` makes it a sentence.
        """
        certificate = cls(**stored_fields(record))
        if under_way:
            return certificate
        certificate.check_counts()
        return certificate
