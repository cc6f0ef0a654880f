"""What certificates of every kind of input share: the confidence plan, who has been sampled, the collective count."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar, Self, cast

import numpy as np
from numpy.typing import ArrayLike

from lrscore.class_tree import ClassTree
from lrscore.collective import CollectiveCertificate, Limits, Threat, certify_collectively
from lrscore.collective.discount import discounted
from lrscore.errors import InputError
from lrscore.plain_files import check_storable
from lrscore.records import Record, write_record
from lrscore.settings import SamplingSettings
from lrscore.statistics import ConfidencePlan
from lrscore.targeted import TargetedCurve, target_mask
from lrscore.vote_choice import VoteChoice

FIXED_BEFORE = " Alpha, correction and k were fixed before the samples were drawn."
"""Said by every certificate whose settings were not chosen afterwards; files from before it was said lack it."""


def drawn_in_words(
    trials: np.ndarray, settings: SamplingSettings, plan: ConfidencePlan, place: str = "group"
) -> str:
    """How many of the planned estimation samples the groups have had that were sampled, and which look that is.

    Args:
        trials: (I,) estimation samples of every group.
        plan: of the settings.
        place: what a group is to the reader: "region" or "cluster".
    """
    had = trials[trials > 0]
    if not had.size:
        return "no samples yet"
    least = int(had.min())
    words = f"{least:,} of {settings.samples:,} samples per {place}"
    if had.size < trials.size:
        words += f" in {had.size:,} of {trials.size:,} {place}s"
    if plan.looks is not None and least in plan.looks:
        words += f", look {plan.looks.index(least) + 1} of {len(plan.looks)}"
    return words


class Certificate(ABC):
    """What is proven about the smoothed labels of one input; `ImageCertificate` and `GraphCertificate` are the kinds.

    Guarantee: with probability at least `1 - settings.alpha` over the sampling, for every budget at once, at least
    `collective(budget).certified` outputs keep their label under *every* perturbation within that budget.

    A kind adds its counts and what follows from them: labels, weights, thresholds and groups of its `N` outputs. Arrays
    over outputs have the shape of `labels`: (H, W) for the pixels of an image, (n,) for the nodes of a graph.
    """

    outputs: ClassVar[str]
    """What the outputs are called, in the plural."""
    void: ClassVar[int]
    """Reference label of outputs whose class is not known."""
    whole_units: ClassVar[bool]
    """Whether an adversary spends its budget in whole units (counts)."""
    of_the_pilot: ClassVar[tuple[str, ...]]
    """Arrays over outputs that the pilot fills before a group is looked at."""

    settings: SamplingSettings
    labels: np.ndarray
    trials: np.ndarray
    reference: np.ndarray | None
    class_names: tuple[str, ...]
    provenance: Mapping[str, str]
    curves: tuple[CollectiveCertificate, ...]
    unsmoothed: np.ndarray | None
    targeted: tuple[TargetedCurve, ...]
    chosen: VoteChoice | None

    @property
    @abstractmethod
    def sampling_groups(self) -> np.ndarray:
        """(N,) the group whose noisy copies an output was sampled from: an index of `trials`."""

    @property
    @abstractmethod
    def thresholds(self) -> np.ndarray:
        """(N,) weighted budget every output withstands; 0 where it abstains."""

    @property
    @abstractmethod
    def groups(self) -> np.ndarray:
        """(N,) row of the weights that holds for an output."""

    @property
    @abstractmethod
    def weights(self) -> np.ndarray | tuple[np.ndarray, ...]:
        """Cost factors (groups, regions) of spending budget, one matrix for every kind of budget."""

    @property
    def caps(self) -> np.ndarray | None:
        """(kinds, regions) most that can be spent of each kind of budget in a region; None: no limits."""
        return None

    @abstractmethod
    def default_budgets(self) -> np.ndarray:
        """Budgets worth a curve, as `collective` takes them."""

    @abstractmethod
    def guarantee(self) -> str:
        """The statement that the certificate makes, in a few sentences."""

    def stated(self, claim: str) -> str:
        """The promise of the plan, how it was chosen, and what is claimed with it, in sentences.

        A result that was looked at under other settings than the samples were planned for says so first: choosing by
        what the samples showed has not been paid for (docs/theory.md, 3.6).
        """
        if not self.plan.valid:
            return self.plan.sentence()
        if names := self.settings.explored_in_words:
            return (
                f"EXPLORATION: {names} changed after the samples had been seen, at no cost in confidence, so nothing "
                f"is promised. Had this been fixed before, it would read: {self.plan.sentence()} {claim}"
            )
        return f"{self.plan.sentence()}{'' if self.plan.offered else FIXED_BEFORE} {claim}"

    def earlier_guarantee(self) -> str:
        """The same promise in the words of files that were written before it said how it was chosen, and what else is
        shown."""
        joint, words = self.joint_risk(), self.guarantee().replace(FIXED_BEFORE, "")
        return words.replace(joint, "") if joint else words

    def joint_risk(self) -> str:
        """What is said of further statements that are shown beside the thresholds; nothing if there are none."""
        return ""

    @abstractmethod
    def check_counts(self) -> None:
        """Counts, labels and settings belong together.

        Raises:
            InputError: a shape or count contradicts another one.
        """

    def stored_weights(self, record: Record) -> np.ndarray:
        """The weights that a record holds, in the form of `weights`."""
        return record.arrays["weights"]

    @abstractmethod
    def pilot_choice(self, tree: ClassTree | None) -> VoteChoice:
        """What the pilot votes choose under these settings, by the rule of `lrscore.vote_choice`."""

    @abstractmethod
    def to_record(self) -> Record:
        """Everything the file holds; with the default envelope curve if no curve is attached."""

    @cached_property
    def plan(self) -> ConfidencePlan:
        """How confidence is shared among the outputs."""
        return self.settings.plan(self.labels.size)

    @property
    def promised(self) -> bool:
        """Whether the guarantee stands: a valid correction, and no unpaid choice by what the samples showed."""
        return self.plan.valid and not self.settings.explored

    @property
    def sampled(self) -> np.ndarray:
        """Bool, shape of `labels`: outputs whose group has been sampled."""
        return (self.trials > 0)[self.sampling_groups].reshape(self.labels.shape)

    @property
    def short_of_plan(self) -> bool:
        """Whether a group has had fewer estimation samples than the settings announce: sampling was stopped before its
        end, or (of images) left the group on purpose, see `lrscore.images.further`."""
        return bool((self.trials < self.settings.samples).any())

    def how_far(self, place: str = "group") -> str:
        """How many of the planned samples there are, and which look that is, see `drawn_in_words`."""
        return drawn_in_words(self.trials, self.settings, self.plan, place)

    def at_last_look(self) -> Self | None:
        """What a run under way has certified: groups that have a pilot and no look yet wait, as they do before it. None
        if no group has been looked at."""
        if not self.trials.any():
            return None
        blank = {}
        for name in self.of_the_pilot:
            array = getattr(self, name)
            sampled = self.sampled.reshape(self.sampled.shape + (1,) * (array.ndim - self.sampled.ndim))
            blank[name] = np.where(sampled, array, np.zeros((), dtype=array.dtype))
        changed: Any = replace(cast(Any, self), **blank)
        if self.chosen is not None:  # of the pilots that wait nothing is chosen yet
            chosen = changed.pilot_choice(self.chosen.tree).counting(self.chosen.rivals)
            changed = replace(changed, chosen=chosen)
        return cast(Self, changed)

    @property
    def planned_trials(self) -> np.ndarray:
        """(N,) estimation samples of every output, as the plan reads them: see `ConfidencePlan.trials_as_read`."""
        return self.plan.trials_as_read(self.trials, self.settings.samples)[self.sampling_groups]

    @property
    def look(self) -> int | None:
        """Number of the last preset look (from 0) of any group; None without preset looks, and before the first."""
        if self.plan.looks is None or not self.trials.any():
            return None
        return self.plan.looks.index(int(self.trials.max()))

    @property
    def abstained(self) -> np.ndarray:
        """Bool, shape of `labels`: not certain enough to claim anything, not even without an attack."""
        return (self.thresholds <= 0).reshape(self.labels.shape)

    def collective(
        self,
        budgets: ArrayLike,
        method: str = "envelope",
        targets: np.ndarray | None = None,
        *,
        limits: Limits | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> CollectiveCertificate:
        """How many outputs keep their label under every perturbation within each budget.

        Args:
            budgets: for images (M,) additive budgets, `noise.budget(eps)`; for graphs (M, 2) columns (additions,
                deletions), or (M, 4) with those of edges where they are flipped; fractions are rounded down.
            method: "naive", "paper", "envelope" or "exact".
            targets: bool, shape of `labels` or (N,), the outputs to count; all if None (those that abstain are never
                certified).
            limits: where "exact" stops, what it has proven by then in hand.
            cancel: asked by "exact" before every box; True ends the search like a limit.

        Returns:
            The collective certificate. Where `k - 1` bounds are tolerated they are already subtracted: this is the only
            place that knows of it.
        """
        if targets is not None:
            targets = np.asarray(targets, dtype=bool)
            if targets.shape not in (self.labels.shape, (self.labels.size,)):
                raise InputError(f"targets must mark {self.labels.size} {self.outputs}, got {targets.size}")
            targets = targets.ravel()
        limits = limits or Limits()
        if cancel is not None:
            limits = replace(limits, cancel=cancel)
        return discounted(self._counted_together(budgets, method, targets, limits), self.plan.discount)

    def _counted_together(
        self, budgets: ArrayLike, method: str, targets: np.ndarray | None, limits: Limits
    ) -> CollectiveCertificate:
        """`collective` before the discount; a kind may know a sharper way to count."""
        return certify_collectively(
            self.weights,
            self.thresholds,
            self.groups,
            budgets,
            method=method,
            threat=Threat(self.caps, targets=targets, integer=self.whole_units),
            limits=limits,
        )

    def reconsidered(self, **changes: Any) -> Self:
        """The same counts under settings chosen after they had been seen, see `SamplingSettings.reconsidered`.

        Stored curves and masks go with the old settings.
        """
        settings = self.settings.reconsidered(**changes)
        gone = {name: () for name in ("curves", "correct_curves", "targeted") if hasattr(self, name)}
        changed: Any = replace(cast(Any, self), settings=settings, **gone)
        return cast(Self, changed)

    def with_targets(
        self, name: str, targets: ArrayLike, *, budgets: ArrayLike | None = None, method: str = "envelope"
    ) -> Self:
        """The same certificate with the collective certificate of some outputs stored in it, mask included.

        Args:
            name: of the mask: letters, digits and underscores; an older one of that name is replaced.
            targets: truth values, one per output.
            budgets, method: as in `collective`; the default budgets if None.

        Raises:
            InputError: another name or shape.
        """
        mask = target_mask(targets, self.labels.size, self.outputs)
        curve = self.collective(self.default_budgets() if budgets is None else budgets, method, mask)
        others = tuple(one for one in self.targeted if one.name != name)
        changed: Any = replace(cast(Any, self), targeted=(*others, TargetedCurve(name, mask, curve)))
        return cast(Self, changed)

    @property
    def agreement(self) -> float | None:
        """Share of the sampled outputs whose smoothed label is the model's label without noise; None if unknown."""
        if self.unsmoothed is None or not self.sampled.any():
            return None
        return float((self.labels == self.unsmoothed)[self.sampled].mean())

    def together(self, alone: ArrayLike) -> np.ndarray:
        """What counts of outputs that are certified each by itself claim together: all but the `k - 1` whose bounds may
        fail."""
        return np.maximum(np.asarray(alone) - self.plan.discount, 0)

    def correct(self) -> np.ndarray:
        """Bool, shape of `labels`: the smoothed label, where there is one yet, equals a known reference, or is a group
        of classes that holds it.

        Raises:
            InputError: the certificate has no reference.
        """
        if self.reference is None:
            raise InputError("the certificate holds no reference labels to compare with")
        known = (self.reference != self.void) & self.sampled
        if self.chosen is None or self.chosen.tree is None:
            return (self.labels == self.reference) & known
        tree = self.chosen.tree
        true = np.where(known & (self.reference < tree.classes), self.reference, 0).ravel()
        held = tree.holds[self.chosen.nodes, true].reshape(self.labels.shape)
        return held & known & (self.reference < tree.classes)

    @property
    def coarse(self) -> np.ndarray:
        """Bool, shape of `labels`: outputs whose label is a group of classes, not a class."""
        if self.chosen is None:
            return np.zeros(self.labels.shape, dtype=bool)
        return self.chosen.coarse.reshape(self.labels.shape)

    @property
    def unclassed(self) -> np.ndarray:
        """Bool, shape of `labels`: outputs that are given no class: they abstain, or have a group of classes."""
        return self.abstained | self.coarse

    @property
    def label_gains(self) -> np.ndarray:
        """(N,) what every label says, as a share of what a class says: 1, less where it is a group of classes."""
        if self.chosen is None or self.chosen.tree is None:
            return np.ones(self.labels.size)
        return self.chosen.tree.gains[self.chosen.nodes]

    def information_gain(
        self,
        budgets: ArrayLike,
        method: str = "envelope",
        *,
        correct: bool | None = None,
        limits: Limits | None = None,
    ) -> np.ndarray:
        """Certified information gain (M,): the mean over the outputs of what their labels say, where they are kept
        under every perturbation within the budget, and 0 elsewhere (docs/theory.md, 3.5).

        For labels that are classes this is certified accuracy, or the certified ratio.

        Args:
            budgets, method, limits: as in `collective`.
            correct: count labels that are right only, over the outputs whose class is known; by default where any is.
        """
        known = 0 if self.reference is None else int(np.count_nonzero(self.reference != self.void))
        correct = known > 0 if correct is None else correct
        counted = self.correct().ravel() if correct else np.ones(self.labels.size, dtype=bool)
        outputs = known if correct else self.labels.size
        values = np.unique(self.label_gains[counted])[::-1]
        total = np.zeros(len(np.asarray(budgets)))
        for value, below in zip(values, np.append(values[1:], 0.0), strict=True):
            told = self.collective(budgets, method, counted & (self.label_gains >= value), limits=limits)
            total += (value - below) * told.certified
        return total / max(outputs, 1)

    def save(self, path: str | PathLike[str]) -> None:
        """Write one netCDF file, atomically; with the default envelope curve as proof if no curve is attached.

        Raises:
            CertificateFileError: the file cannot be written, or holds more than can be read back; an older file of
                that name stays as it was.
        """
        record = self.to_record()
        check_storable(Path(path).name, record.kind, record.arrays, len(record.curves))
        write_record(record, path)
