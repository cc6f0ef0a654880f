"""The certificate of one image: counts in, guarantee out.

A certificate keeps what was counted (integers) and how (settings); bounds, thresholds, radii and collective
certificates are derived from that, by the same functions whether it was just sampled or read from a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from os import PathLike
from types import MappingProxyType

import numpy as np

from lrscore.collective import CollectiveCertificate, certify_collectively
from lrscore.collective.discount import discounted
from lrscore.errors import InputError
from lrscore.images.regions import GridRegions
from lrscore.images.settings import ImageSettings
from lrscore.noise import AdditiveNoise, additive_noise
from lrscore.statistics import ConfidencePlan, weights_from_pilot

VOID = 255  # reference label of pixels that nothing is claimed or counted about


@dataclass(frozen=True, eq=False)
class ImageCertificate:
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
    """

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
    def plan(self) -> ConfidencePlan:
        """How confidence is shared among the pixels."""
        return self.settings.plan(self.labels.size)

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
        return self.plan.lower(successes, trials, weights=self.plan_weights()).reshape(self.shape)

    def plan_counts(self) -> tuple[np.ndarray, np.ndarray]:
        """Agreements and trials (N,) as the plan reads them.

        A group that waits for its turn stands as a first look at which nothing agreed: its bounds are 0.
        """
        first = self.plan.stops(self.settings.samples)[0]
        return self.agreements.ravel(), np.where(self.trials > 0, self.trials, first)[self.groups]

    @property
    def sampled(self) -> np.ndarray:
        """(H, W) bool: pixels whose group has been sampled."""
        return (self.trials > 0)[self.groups].reshape(self.shape)

    def plan_weights(self) -> np.ndarray | None:
        """(N,) shares of the weighted correction, fixed by the pilot votes; None under the others."""
        if self.plan.correction != "weighted-bonferroni":
            return None
        votes = self.pilot_votes.reshape(-1, self.pilot_votes.shape[2])
        return weights_from_pilot(votes.max(axis=1), self.settings.pilot_samples)

    @property
    def look(self) -> int | None:
        """Number of the last preset look (from 0) of any group; None without preset looks."""
        return None if self.plan.looks is None else self.plan.looks.index(int(self.trials.max()))

    @property
    def copies_saved(self) -> int:
        """Noisy copies that adaptive sampling or stopping early did not draw."""
        return int(self.settings.samples * self.trials.size - self.trials.sum())

    @cached_property
    def thresholds(self) -> np.ndarray:
        """(N,) weighted budget every pixel withstands; 0 where it abstains."""
        return self.noise.threshold(self.probabilities).ravel()

    @property
    def abstained(self) -> np.ndarray:
        """(H, W) bool: the label is not certain enough to claim anything, not even without an attack."""
        return (self.thresholds <= 0).reshape(self.shape)

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

    def collective(
        self, budgets: np.ndarray, method: str = "envelope", targets: np.ndarray | None = None
    ) -> CollectiveCertificate:
        """How many pixels keep their label under every perturbation within each budget.

        Args:
            budgets: (M,) additive budgets, `noise.budget(eps)`.
            method: "naive", "paper", "envelope" or "exact".
            targets: (H, W) or (N,) bool, the pixels to count; all if None (abstaining ones are never certified).

        Returns:
            The collective certificate. Under the count-level correction `k - 1` is already subtracted.
        """
        chosen = (
            np.ones(self.labels.size, dtype=bool)
            if targets is None
            else np.asarray(targets, dtype=bool).ravel()
        )
        if chosen.size != self.labels.size:
            raise InputError(f"targets must mark {self.labels.size} pixels, got {chosen.size}")
        result = certify_collectively(
            self.weights, self.thresholds[chosen], self.groups[chosen], budgets, method=method
        )
        return discounted(result, self.plan.discount)

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
            and bool((self.pilot_votes.sum(axis=2) == np.where(samples > 0, pilot, 0)).all()),
            "labels": np.array_equal(self.labels, self.pilot_votes.argmax(axis=2)),
            "agreements": self.agreements.shape == self.shape and bool((self.agreements <= samples).all()),
            "trials": self.trials.shape == (self.regions.count,)
            and bool((self.trials >= 0).all() and self.trials.any())
            and (self.plan.sequential or bool((self.trials >= 1).all())),
            "reference": self.reference is None or self.reference.shape == self.shape,
        }
        wrong = [name for name, holds in facts.items() if not holds]
        if wrong:
            raise InputError(f"counts that do not belong together: {', '.join(wrong)}")

    def correct(self) -> np.ndarray:
        """(H, W) bool: the smoothed label, where there is one yet, equals the reference.

        Raises:
            InputError: the certificate has no reference.
        """
        if self.reference is None:
            raise InputError("the certificate holds no reference labels to compare with")
        return (self.labels == self.reference) & (self.reference != VOID) & self.sampled

    def with_reference(self, reference: np.ndarray) -> ImageCertificate:
        """The same certificate with ground truth (H, W), 255 = void."""
        reference = np.asarray(reference)
        if reference.shape != self.shape:
            raise InputError(f"reference must have shape {self.shape}, got {reference.shape}")
        return replace(self, reference=reference.astype(np.int64), correct_curves=())

    def guarantee(self) -> str:
        """The statement that the certificate makes, in one to three sentences."""
        if not self.plan.valid:
            return self.plan.sentence()
        built = (
            " It holds for a model that scores each region from the near view of that region and the far view, and "
            "from nothing else: counts can not show that."
            if self.settings.two_views
            else ""
        )
        return (
            f"{self.plan.sentence()} The certified number of pixels keeps its label under every perturbation "
            f"of the image whose {self.noise.norm} norm is at most the chosen budget.{built}"
        )

    def save(self, path: str | PathLike[str]) -> None:
        """Write one netCDF file, atomically; with the default envelope curve as proof if no curve is attached."""
        from lrscore.files import save_certificate

        save_certificate(self, path)
