"""The certificate of one image: counts in, guarantee out.

A certificate keeps what was counted (integers) and how (settings); bounds, thresholds, radii and collective
certificates are derived from that, by the same functions whether it was just sampled or read from a file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from lrscore.certificate import Certificate
from lrscore.class_tree import ClassTree
from lrscore.collective import CollectiveCertificate
from lrscore.errors import InputError
from lrscore.images.references import checked_reference
from lrscore.images.regions import GridRegions
from lrscore.images.settings import ImageSettings
from lrscore.layouts import IMAGE
from lrscore.metrics import VOID
from lrscore.noise import AdditiveNoise, additive_noise
from lrscore.records import CORRECT, Record, compact, named_curves
from lrscore.statistics import weights_from_pilot
from lrscore.statistics.rivals import PARTS, rival_upper
from lrscore.stored_choice import choice_arrays, choice_texts, stored_choice
from lrscore.stored_texts import stored_names, stored_provenance, stored_settings
from lrscore.targeted import TARGETED, TargetedCurve, targeted_arrays, targeted_curves
from lrscore.vote_choice import VoteChoice, choice_in_words, choose

_WINDOWS = "the windows of the views that the settings name"
_TWO_VIEWS = "the near view of that region and the far view"


@dataclass(frozen=True, eq=False)
class ImageCertificate(Certificate):
    """What is proven about the smoothed segmentation of one image.

    Guarantee: with probability at least `1 - alpha` over the sampling, for every budget at once, at least
    `collective(budget).certified` pixels keep their label under *every* perturbation of the image within that
    budget, and each pixel keeps its label under every perturbation smaller than its own radius (under the count-level
    correction: all but `k - 1` of the pixels, whichever they are, so a single radius promises nothing). The labels are
    those of the smoothed model: the class that the base model predicts most often under the noise of the
    pixel's group. Sources: Schuchardt et al. 2023; docs/theory.md, 1 to 4.

    Args:
        settings: how the image was smoothed and sampled.
        image: (C, H, W) float32, the clean image.
        labels: (H, W) int64, the label of every pixel, chosen by the pilot votes.
        pilot_votes: (H, W, classes) counts.
        agreements: (H, W) counts of estimation samples that agreed with the label.
        trials: (I,) number of estimation samples of every group; 0 while a group waits for its turn: its pixels have
            no votes yet, their label 0 means nothing, and they abstain.
        reference: (H, W) ground truth, 255 = void, or None.
        class_names: names of the classes, or empty.
        provenance: free text about model, data, seed, device and versions.
        curves: collective certificates stored with it, counting all pixels.
        correct_curves: the same, counting the pixels that are `correct()`.
        unsmoothed: (H, W) labels that the model gives without noise, or None if nobody asked it.
        targeted: collective certificates of the pixels of a mask, see `with_targets`.
        chosen: what the pilot chose beside `labels`, with coarse labels or rivals; None without. `agreements` then
            count the samples that fell into the node chosen.
    """

    outputs: ClassVar[str] = "pixels"
    void: ClassVar[int] = VOID
    whole_units: ClassVar[bool] = False
    of_the_pilot: ClassVar[tuple[str, ...]] = ("labels", "pilot_votes")

    settings: ImageSettings
    image: np.ndarray
    labels: np.ndarray
    pilot_votes: np.ndarray
    agreements: np.ndarray
    trials: np.ndarray
    reference: np.ndarray | None = None
    class_names: tuple[str, ...] = ()
    provenance: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    curves: tuple[CollectiveCertificate, ...] = ()
    correct_curves: tuple[CollectiveCertificate, ...] = ()
    unsmoothed: np.ndarray | None = None
    targeted: tuple[TargetedCurve, ...] = ()
    chosen: VoteChoice | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.labels.shape[0], self.labels.shape[1]

    @property
    def noise(self) -> AdditiveNoise:
        """The smoothing distribution."""
        return additive_noise(self.settings.noise)

    @cached_property
    def regions(self) -> GridRegions:
        """The grid on this image."""
        return self.settings.regions(*self.shape)

    @cached_property
    def noise_levels(self) -> np.ndarray:
        """(I, J): level of the noise on region `j` when predicting group `i`."""
        return self.settings.noise_levels()

    @cached_property
    def weights(self) -> np.ndarray:
        """(I, J): cost factor of spending budget in region `j` against group `i`."""
        return self.noise.weight(self.noise_levels)

    @cached_property
    def groups(self) -> np.ndarray:
        """(N,) group of every pixel, row by row."""
        return self.regions.index_map().ravel()

    @cached_property
    def probabilities(self) -> np.ndarray:
        """(H, W) simultaneous lower bounds on the probability that the base model predicts the label."""
        successes, trials = self.plan_counts()
        bounds = self.plan.lower(successes, trials, weights=self.plan_weights(), parts=self.plan_parts())
        return bounds.reshape(self.shape)

    @cached_property
    def rivals(self) -> np.ndarray | None:
        """(H, W) upper bounds on the probability of every class but the label, holding together with `probabilities`;
        1 where the pilot did not ask for one. None without `settings.runner_up`."""
        if self.chosen is None or not self.settings.runner_up:
            return None
        (agreements, trials), sides = self.plan_counts(), self.rival_counts()
        levels = self.plan.levels(agreements, trials, weights=self.plan_weights()) * self.plan_parts()
        upper = rival_upper(self.plan, sides, trials, levels)
        return np.where(self.chosen.contested, upper, 1.0).reshape(self.shape)

    def rival_counts(self) -> np.ndarray:
        """(N, 2) estimation samples on each side of the rivals; nothing without rivals."""
        agreements, trials = self.plan_counts()
        first = np.zeros_like(agreements) if self.chosen is None else self.chosen.rivals
        return np.stack([first, trials - agreements - first], axis=1)

    def plan_parts(self) -> np.ndarray | float:
        """Share of each pixel's level that one of its bounds may spend."""
        return 1.0 if self.chosen is None else np.where(self.chosen.contested, 1 / PARTS, 1.0)

    @property
    def votes_per_pixel(self) -> np.ndarray:
        """(N, classes) pilot votes."""
        return self.pilot_votes.reshape(-1, self.pilot_votes.shape[2])

    def pilot_choice(self, tree: ClassTree | None) -> VoteChoice:
        """What the pilot votes choose under these settings, by the rule of `lrscore.vote_choice`."""
        return choose(
            self.votes_per_pixel,
            self.plan,
            self.settings.samples,
            self.noise.threshold_against,
            runner_up=self.settings.runner_up,
            tree=tree,
        )

    @property
    def sampling_groups(self) -> np.ndarray:
        """(N,) group of every pixel."""
        return self.groups

    def plan_counts(self) -> tuple[np.ndarray, np.ndarray]:
        """Agreements and trials (N,) as the plan reads them, see `planned_trials`."""
        return self.agreements.ravel(), self.planned_trials

    def plan_weights(self) -> np.ndarray | None:
        """(N,) shares of the weighted correction, fixed by the pilot votes; None under the others."""
        if self.plan.correction != "weighted-bonferroni":
            return None
        votes = self.votes_per_pixel
        if self.chosen is not None:
            return self.chosen.weights(votes, self.settings.pilot_samples)
        return weights_from_pilot(votes.max(axis=1), self.settings.pilot_samples)

    @property
    def copies_saved(self) -> int:
        """Noisy copies that adaptive sampling or stopping early did not draw."""
        return int(self.settings.samples * self.trials.size - self.trials.sum())

    @cached_property
    def thresholds(self) -> np.ndarray:
        """(N,) weighted budget every pixel withstands; 0 where it abstains."""
        if self.rivals is not None:
            return self.noise.threshold_against(self.probabilities, self.rivals).ravel()
        return self.noise.threshold(self.probabilities).ravel()

    @cached_property
    def radii(self) -> np.ndarray:
        """(H, W) own certified eps: the pixel keeps its label under every smaller perturbation.

        Under the count-level correction this holds for all but `k - 1` of the pixels.
        """
        largest = self.weights.max(axis=1)[self.groups]
        with np.errstate(divide="ignore", invalid="ignore"):
            budget = np.where(self.thresholds > 0, self.thresholds / largest, 0.0)
        return np.nextafter(self.noise.epsilon(budget), 0).reshape(self.shape)

    def certified_mask(self, epsilon: float) -> np.ndarray:
        """(H, W) bool: pixels that keep their label under every perturbation of norm `epsilon`, each by itself."""
        return ~self.abstained & (self.radii > epsilon)

    def largest_epsilon(self) -> float:
        """An eps from which on no method can certify anything (0 if everything abstains).

        It is the cheapest of `J + 1` explicit attacks that take every pixel: all in one region, or spread evenly.
        """
        highest = np.zeros(self.weights.shape[0])
        np.maximum.at(highest, self.groups, self.thresholds)
        if not (highest > 0).any():
            return 0.0
        reached = (highest > 0) & (self.weights > 0).any(axis=1)  # a group that sees nothing falls to nothing
        if not reached.any():
            return 0.0
        per_unit = np.column_stack([self.weights, self.weights.mean(axis=1)])[reached]  # (I', J + 1)
        with np.errstate(divide="ignore"):
            needed = (highest[reached, None] / per_unit).max(axis=0)
        return float(self.noise.epsilon(needed.min()))

    def default_budgets(self, count: int = 61) -> np.ndarray:
        """(count,) budgets, evenly spaced in eps from 0 to `largest_epsilon()`."""
        return self.noise.budget(np.linspace(0.0, self.largest_epsilon(), count))

    def check_counts(self) -> None:
        """Counts, labels and settings belong together.

        Raises:
            InputError: a shape or count contradicts another one.
        """
        height, width = self.shape
        samples, pilot = self.trials[self.groups].reshape(self.shape), self.settings.pilot_samples
        facts = {
            "image size": self.image.shape[1:] == self.shape,
            "pilot votes": self.pilot_votes.shape[:2] == (height, width)
            and bool(
                (self.pilot_votes >= 0).all()  # votes may not cancel
                and (self.pilot_votes.sum(axis=2) == np.where(samples > 0, pilot, 0)).all()
            ),
            "labels": np.array_equal(self.labels, self.pilot_votes.argmax(axis=2)),
            "agreements": self.agreements.shape == self.shape
            and bool((self.agreements >= 0).all() and (self.agreements <= samples).all()),
            "trials": self.trials.shape == (self.regions.count,)
            and bool((self.trials >= 0).all() and self.trials.any())
            and (self.plan.sequential or bool((self.trials >= 1).all())),
            "reference": self.reference is None or self.reference.shape == self.shape,
            "unsmoothed labels": self.unsmoothed is None
            or (
                self.unsmoothed.shape == self.shape
                and int(self.unsmoothed.min()) >= 0
                and int(self.unsmoothed.max()) < self.pilot_votes.shape[2]
            ),
            "values of the image": bool(np.isfinite(self.image).all()),
        }
        facts["choice of the pilot"] = (self.chosen is not None) == self.settings.pilot_decides and (
            self.chosen is None or (self.chosen.tree is not None) == self.settings.hierarchy
        )
        wrong = [name for name, holds in facts.items() if not holds]
        if wrong:
            raise InputError(f"counts that do not belong together: {', '.join(wrong)}")
        if self.reference is not None:
            checked_reference(self.reference, self.shape, self.pilot_votes.shape[2])
        if self.chosen is not None:
            self.chosen.check(self.votes_per_pixel, self.agreements.ravel(), samples.ravel())

    def with_reference(self, reference: np.ndarray) -> ImageCertificate:
        """The same certificate with ground truth (H, W): classes of the model, 255 = void.

        Raises:
            InputError: another shape, or anything that is neither.
        """
        known = checked_reference(reference, self.shape, self.pilot_votes.shape[2])
        return replace(self, reference=known, correct_curves=())

    def guarantee(self) -> str:
        """The statement that the certificate makes, in one to three sentences."""
        built = (
            f" It holds for a model that scores each region from {_WINDOWS}, and from nothing else: counts can not "
            "show that."
            if self.settings.all_views() is not None
            else ""
        )
        return self.stated(
            "The certified number of pixels keeps its label under every perturbation "
            f"of the image whose {self.noise.norm} norm is at most the chosen budget.{built}"
            f"{choice_in_words(self.settings)}"
        )

    def earlier_guarantee(self) -> str:
        """As for all certificates; there were two views before there were more."""
        return (
            super().earlier_guarantee().replace(_WINDOWS, _TWO_VIEWS if self.settings.two_views else _WINDOWS)
        )

    def to_record(self) -> Record:
        """Everything the file holds; with the default envelope curve if the certificate carries none."""
        curves = self.curves or (self.collective(self.default_budgets()),)
        arrays = {
            "image": _compact_image(self.image),
            "labels": compact(self.labels),
            "pilot_votes": compact(self.pilot_votes),
            "agreements": compact(self.agreements),
            "trials": self.trials,
            "probabilities": self.probabilities,
            "thresholds": self.thresholds.reshape(self.shape),
            "groups": compact(self.groups.reshape(self.shape)),
            "noise_levels": self.noise_levels,
            "weights": self.weights,
        }
        arrays |= choice_arrays(self.chosen, self.shape)
        if self.rivals is not None:
            arrays["rivals"] = self.rivals
        if self.reference is not None:
            arrays["reference"] = compact(self.reference)
        if self.unsmoothed is not None:
            arrays["unsmoothed"] = compact(self.unsmoothed)
        texts = {
            "guarantee": self.guarantee(),
            "settings": json.dumps(self.settings.to_dict()),
            "plan": json.dumps(self.plan.to_dict()),
            "look": json.dumps(self.look),
            "class_names": json.dumps(list(self.class_names)),
            "provenance": json.dumps(dict(self.provenance)),
            **choice_texts(self.chosen),
        }
        named = (
            named_curves(curves) | named_curves(self.correct_curves, CORRECT) | targeted_arrays(self.targeted)
        )
        return Record("image", texts, arrays, IMAGE.dimensions, named)

    @classmethod
    def from_record(cls, record: Record, *, under_way: bool = False) -> ImageCertificate:
        """The certificate that the counts of a record give; its derived arrays are not trusted.

        Args:
            under_way: whether it is of a run between two looks, whose counts need not belong together yet.

        Raises:
            LrscoreError, KeyError, ...: whatever a malformed record provokes; `records.reading` makes it a sentence.
        """
        whole = {
            name: record.arrays[name].astype(np.int64)
            for name in ("labels", "pilot_votes", "agreements", "trials")
        }
        image, reference = record.arrays["image"], record.arrays.get("reference")
        unsmoothed = record.arrays.get("unsmoothed")
        settings = ImageSettings(**stored_settings(record.texts))
        certificate = cls(
            settings=settings,
            image=image.astype(np.float32) / np.float32(255) if image.dtype == np.uint8 else image,
            **whole,
            reference=None if reference is None else reference.astype(np.int64),
            class_names=stored_names(record.texts, "class_names"),
            provenance=stored_provenance(record.texts),
            curves=_curves(record, correct=False),
            correct_curves=_curves(record, correct=True),
            unsmoothed=None if unsmoothed is None else unsmoothed.astype(np.int64),
            targeted=targeted_curves(record.curves),
            chosen=stored_choice(record, expected=settings.pilot_decides),
        )
        if under_way:
            return certificate
        certificate.check_counts()
        return certificate


def _curves(record: Record, *, correct: bool) -> tuple[CollectiveCertificate, ...]:
    return tuple(
        CollectiveCertificate.from_arrays(curve)
        for name, curve in record.curves.items()
        if name.startswith(CORRECT) == correct and not name.startswith(TARGETED)
    )


def _compact_image(image: np.ndarray) -> np.ndarray:
    """8-bit values if the image lies exactly on that lattice, else the image itself."""
    lattice = np.rint(image * 255).astype(np.uint8)
    exact = np.array_equal(lattice.astype(np.float32) / np.float32(255), image)
    return lattice if exact else image
