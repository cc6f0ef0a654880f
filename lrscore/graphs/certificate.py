"""The certificate of one graph: counts in, guarantee out.

Like `ImageCertificate`, it keeps what was counted (integers) and how (settings); everything else is derived from
that, by the same functions whether it was just sampled or read from a file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from lrscore.class_tree import ClassTree
from lrscore.collective import CollectiveCertificate, Limits
from lrscore.errors import InputError
from lrscore.graphs.budget_grids import MOST_UNITS, budget_grid, first_hopeless, side_by_side
from lrscore.graphs.collective import certify_exactly, proven_at_once
from lrscore.graphs.counts import refuse
from lrscore.graphs.display import GraphDisplay
from lrscore.graphs.node_claims import NodeClaims
from lrscore.graphs.pairs import cluster_pairs, undirected_edges
from lrscore.graphs.settings import GraphSettings
from lrscore.graphs.stored import (
    display_arrays,
    display_texts,
    label_arrays,
    stored_fields,
    stored_weights,
)
from lrscore.graphs.vote_thresholds import share_against
from lrscore.layouts import GRAPH, SIZES
from lrscore.records import Record, compact, named_curves
from lrscore.references import whole_labels, within_classes
from lrscore.statistics import confidence_in_words
from lrscore.stored_choice import choice_arrays, choice_texts
from lrscore.targeted import TargetedCurve, targeted_arrays
from lrscore.vote_choice import VoteChoice, choice_in_words, choose

_SHORT = 10  # boxes of a search that says how far budgets go
UNKNOWN = -1  # reference label of nodes that nothing is counted about


@dataclass(frozen=True, eq=False)
class GraphCertificate(NodeClaims):
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

    def _counted_together(
        self, budgets: ArrayLike, method: str, targets: np.ndarray | None, limits: Limits
    ) -> CollectiveCertificate:
        """As for all certificates, but for "exact": see `certify_exactly`."""
        budgets = self._all_kinds(np.asarray(budgets, dtype=np.float64))
        if method == "exact":
            return certify_exactly(self.exact_bounds, budgets, targets, limits)
        return super()._counted_together(budgets, method, targets, limits)

    @property
    def sampling_groups(self) -> np.ndarray:
        """(n,) cluster of every node."""
        return self.clusters

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
                "reference": reference is None
                or (
                    reference.shape == (nodes,)
                    and int(reference.min()) >= UNKNOWN
                    and int(reference.max()) < SIZES["class"]
                ),
                "unsmoothed labels": self.unsmoothed is None
                or (
                    self.unsmoothed.shape == (nodes,)
                    and int(self.unsmoothed.min()) >= 0
                    and int(self.unsmoothed.max()) < self.pilot_scores.shape[1]
                ),
            }
        )
        self.counted.check()
        if self.settings.flips_edges:
            undirected_edges(edges, nodes)

    def largest_budgets(self, method: str = "envelope") -> tuple[int, int]:
        """Additions alone, and deletions alone, from which on a method certifies nothing: see `largest_budget`."""
        return self.largest_budget(0, method), self.largest_budget(1, method)

    def largest_budget(self, kind: int, method: str = "envelope") -> int:
        """Units of one kind of budget alone from which on a method certifies nothing; at most 1024.

        "exact" is asked for what it proves with a short search: a long one may prove something beyond.
        """
        end = first_hopeless(partial(self._certified, method=method), kind)
        if method == "exact":
            while end < MOST_UNITS and self._searched(end, kind):
                end += max(1, end // 8)
        return min(end, MOST_UNITS)

    def _searched(self, units: int, kind: int) -> bool:
        """Whether a short search proves anything at so many units of one kind alone."""
        budgets = np.zeros((1, len(self.budget_kinds)))
        budgets[:, kind] = units
        return bool(self.collective(budgets, "exact", limits=Limits(node_limit=_SHORT)).certified[0])

    def largest_edge_budgets(self, method: str = "envelope") -> tuple[int, int]:
        """The same of edges added and deleted; (0, 0) where they are not flipped."""
        if self.edge_noise is None:
            return 0, 0
        return self.largest_budget(2, method), self.largest_budget(3, method)

    def _certified(self, counts: np.ndarray, kind: int, *, method: str) -> np.ndarray:
        """Certified counts at budgets (M,) of one kind alone; by "exact", what it proves without a search."""
        budgets = np.zeros((counts.size, len(self.budget_kinds)))
        budgets[:, kind] = counts
        if method != "exact":
            return self.collective(budgets, method).certified
        return np.maximum(
            self.collective(budgets).certified, self.together(proven_at_once(self.exact_bounds, budgets))
        )

    def default_budgets(self, method: str = "envelope") -> np.ndarray:
        """(M, 2) grid of whole (additions, deletions) from (0, 0) to `largest_budgets(method)`, at most 9 values each.

        Where edges are flipped, (M, 4): that grid without changes of edges, and one of changes of edges alone.
        """
        attributes = budget_grid(self.largest_budgets(method))
        if self.edge_noise is None:
            return attributes
        return side_by_side(attributes, budget_grid(self.largest_edge_budgets(method)))

    def with_reference(self, reference: np.ndarray) -> GraphCertificate:
        """The same certificate with true classes (n,) in the model's numbering, -1 = unknown.

        A class that the model does not know is right for no label.

        Raises:
            InputError: another shape, or anything but whole numbers from -1.
        """
        labels = whole_labels(reference, "reference labels")
        if labels.shape != (self.nodes,):
            raise InputError(f"reference must give {self.nodes} classes, got shape {labels.shape}")
        classes = min(max(self.pilot_scores.shape[1], int(labels.max(initial=0)) + 1), SIZES["class"])
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
