"""What the pilot chooses beside the most frequent class: a coarser label, and whom the label is held against.

Everything here is a function of the pilot's votes and of what was settled before. The estimation samples choose
nothing, so every bound holds given the pilot (docs/theory.md, 3.1, 3.5, 3.7).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy.special import betaincinv

from lrscore.class_tree import ClassTree
from lrscore.errors import InputError
from lrscore.settings import SamplingSettings
from lrscore.statistics import ConfidencePlan
from lrscore.statistics.corrections import weights_from_pilot
from lrscore.statistics.rivals import PARTS, divided, rival_upper

LIKELY = 0.9
"""A node is likely to be certified if it is at this lower quantile of what the pilot leaves open."""
_CLEARLY = 1e-6
"""What a way must promise more, relatively, to be taken: no rounding of another machine decides."""
INSIDE, FIRST, SECOND = 0, 1, 2
"""Where a prediction falls: into the label, or on one of the two sides that the other classes are divided into."""

Thresholds = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Of lower bounds on the label and upper bounds on every rival, see `AdditiveNoise.threshold_against`."""


@dataclass(frozen=True, eq=False)
class VoteChoice:
    """The choice of the pilot for N outputs, and what the estimation samples counted of it.

    Args:
        nodes: (N,) node of every output; its class where there is no tree or the class is likely to be certified.
        contested: (N,) bool: outputs whose level is shared by bounds on the label and on two sides of other classes.
        rivals: (N,) estimation votes for the first of these sides.
        tree: of the classes, or None.
    """

    nodes: np.ndarray
    contested: np.ndarray
    rivals: np.ndarray
    tree: ClassTree | None = None

    @property
    def coarse(self) -> np.ndarray:
        """(N,) bool: outputs whose label is a group of classes."""
        if self.tree is None:
            return np.zeros(self.nodes.shape, dtype=bool)
        return self.nodes >= self.tree.classes

    def sides(self, votes: np.ndarray) -> np.ndarray:
        """(N, classes) uint8: where every class falls, for pilot votes (N, classes)."""
        classes = np.arange(votes.shape[1])
        inside = self.nodes[:, None] == classes if self.tree is None else self.tree.holds[self.nodes]
        sides = np.where(inside, INSIDE, FIRST).astype(np.uint8)
        if self.contested.any():
            sides[self.contested] = divided(votes[self.contested], inside[self.contested])
        return sides

    def folded(self, votes: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Votes (N, classes) as an opponent has to beat them: of a group of classes, all votes inside it stand for the
        label's class, and all others for one other class."""
        coarse = np.flatnonzero(self.coarse)
        if self.tree is None or not coarse.size:
            return votes
        inside = self.tree.holds[self.nodes[coarse]]
        folded, label = votes.copy(), labels[coarse]
        folded[coarse] = 0
        folded[coarse, label] = np.where(inside, votes[coarse], 0).sum(axis=1)
        folded[coarse, (label + 1) % votes.shape[1]] = np.where(inside, 0, votes[coarse]).sum(axis=1)
        return folded

    def check(self, votes: np.ndarray, agreements: np.ndarray, trials: np.ndarray) -> None:
        """Shapes, numbers and counts belong together.

        Raises:
            InputError: they do not.
        """
        outputs, classes = votes.shape
        facts = {
            "tree of classes": self.tree is None or self.tree.classes == classes,
            "coarse labels": self.nodes.shape == (outputs,)
            and bool((self.nodes >= 0).all())
            and int(self.nodes.max(initial=0)) < (classes if self.tree is None else self.tree.nodes),
            "contested outputs": self.contested.shape == (outputs,),
            "votes of rivals": self.rivals.shape == (outputs,)
            and bool((self.rivals >= 0).all() and (agreements + self.rivals <= trials).all()),
        }
        wrong = [name for name, holds in facts.items() if not holds]
        if wrong:
            raise InputError(f"counts that do not belong together: {', '.join(wrong)}")
        if (self.contested & self.coarse).any():
            raise InputError("counts that do not belong together: a group of classes is held against rivals")

    def at(self, places: np.ndarray) -> Self:
        """The choice for some of the outputs."""
        return replace(
            self, nodes=self.nodes[places], contested=self.contested[places], rivals=self.rivals[places]
        )

    def counting(self, rivals: np.ndarray) -> Self:
        """The same choice with further votes of the estimation samples."""
        return replace(self, rivals=self.rivals + rivals)

    def same_choice(self, other: VoteChoice) -> bool:
        """Whether another one chooses the same, whatever was counted."""
        return (
            self.tree == other.tree
            and np.array_equal(self.nodes, other.nodes)
            and np.array_equal(self.contested, other.contested)
        )

    def weights(self, votes: np.ndarray, pilot_samples: int) -> np.ndarray:
        """(N,) shares of the weighted correction: the chance that the label has a majority, or more than a side."""
        sides = self.sides(votes)
        inside = np.where(sides == INSIDE, votes, 0).sum(axis=1)
        larger = np.maximum(*(np.where(sides == side, votes, 0).sum(axis=1) for side in (FIRST, SECOND)))
        counted = np.where(self.contested, np.maximum(inside + larger, 1), pilot_samples)
        return weights_from_pilot(inside, counted)


def choose(
    votes: np.ndarray,
    plan: ConfidencePlan,
    samples: int,
    thresholds: Thresholds,
    *,
    runner_up: bool,
    tree: ClassTree | None = None,
) -> VoteChoice:
    """What the pilot's votes (N, classes) choose.

    Args:
        votes: of the pilot, all zero for outputs that have none yet.
        plan: how confidence will be shared.
        samples: estimation samples that are announced.
        thresholds: what more of is better: those of the noise, or what shares exceed one half by.
        runner_up: whether a label may be held against other classes instead of against half of the votes.
        tree: of the classes; None for classes alone.
    """
    judge = _Judge(plan, samples, thresholds)
    labels, pilot = votes.argmax(axis=1), np.maximum(votes.sum(axis=1), 1)
    own = votes[np.arange(len(votes)), labels]
    larger = np.zeros((len(votes), 2), dtype=np.int64)
    if runner_up:
        sides = divided(votes, labels[:, None] == np.arange(votes.shape[1]))
        larger = np.stack([np.where(sides == side, votes, 0).sum(axis=1) for side in (FIRST, SECOND)], axis=1)
    contested = np.zeros(len(votes), dtype=bool)
    if runner_up:
        plain, against = judge.expected(own, None, pilot), judge.expected(own, larger, pilot)
        contested = against > plain * (1 + _CLEARLY)
    nodes = labels.astype(np.int64)
    if tree is not None and tree.members:
        open_ = ~judge.likely(own, None, pilot)
        if runner_up:
            open_ &= ~(contested & judge.likely(own, larger, pilot))
        open_ &= votes.any(axis=1)
        for node in tree.finest_first():
            taken = open_ & judge.likely(votes[:, tree.holds[node]].sum(axis=1), None, pilot)
            nodes[taken], contested[taken] = node, False
            open_ &= ~taken
    return VoteChoice(nodes, contested, np.zeros(len(votes), dtype=np.int64), tree)


def unchosen(model: object, settings: SamplingSettings, outputs: int, classes: int) -> VoteChoice | None:
    """The choice before the pilot, with the tree that a model states; None where it only chooses classes.

    Raises:
        InputError: a hierarchy is asked for, and the model states no tree of its classes, or one of other classes.
    """
    if not settings.pilot_decides:
        return None
    tree = getattr(model, "class_tree", None) if settings.hierarchy else None
    if settings.hierarchy and not isinstance(tree, ClassTree):
        raise InputError(
            "hierarchy needs a model that states a tree of its classes (an attribute class_tree, or `hierarchy` in its "
            "description)"
        )
    if tree is not None and tree.classes != classes:
        raise InputError(f"the model's tree has {tree.classes} classes, its scores have {classes}")
    nothing = np.zeros(outputs, dtype=np.int64)
    return VoteChoice(nothing, nothing.astype(bool), nothing, tree)


def choice_in_words(settings: SamplingSettings) -> str:
    """What the guarantee says of the pilot's choice; nothing without one."""
    coarse = (
        " A label may be a group of classes, chosen by the pilot: most predictions under the noise then stay within "
        "the group."
        if settings.hierarchy
        else ""
    )
    against = (
        " Where the pilot chose so, a label is the most frequent class, by a lower bound on it and upper bounds on the "
        "others that share its level."
        if settings.runner_up
        else ""
    )
    return coarse + against


class _Judge:
    """Forecasts of thresholds from pilot votes, all outputs at the same level of the announced samples."""

    def __init__(self, plan: ConfidencePlan, samples: int, thresholds: Thresholds) -> None:
        self._plan, self._samples, self._thresholds = plan, samples, thresholds
        self._level = float(plan.common_level(samples))

    def expected(self, own: np.ndarray, sides: np.ndarray | None, pilot: np.ndarray) -> np.ndarray:
        """(N,) thresholds if the estimation samples vote as the pilot did."""
        return self._threshold(own / pilot, None if sides is None else sides / pilot[:, None])

    def likely(self, own: np.ndarray, sides: np.ndarray | None, pilot: np.ndarray) -> np.ndarray:
        """(N,) bool: something is certified even if the pilot was lucky, up to a chance of `1 - LIKELY`."""
        low = betaincinv(own + 0.5, pilot - own + 0.5, 1 - LIKELY)
        high = None
        if sides is not None:
            high = betaincinv(sides + 0.5, pilot[:, None] - sides + 0.5, LIKELY)
        return self._threshold(low, high) > 0

    def _threshold(self, share: np.ndarray, sides: np.ndarray | None) -> np.ndarray:
        samples = self._samples
        own = np.floor(share * samples * (1 + 1e-12)).astype(np.int64).clip(0, samples)
        if sides is None:
            lower = self._plan.bound(own, samples, self._level)
            return self._thresholds(lower, np.ones_like(lower))
        counted = np.ceil(sides * samples * (1 - 1e-12)).astype(np.int64).clip(0, samples)
        lower = self._plan.bound(own, samples, self._level / PARTS)
        upper = rival_upper(self._plan, counted, np.full(len(own), samples), self._level / PARTS)
        return self._thresholds(lower, upper)
