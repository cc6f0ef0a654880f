"""An attack on the smoothed model: what one adversary achieves within the budget (docs/theory.md, 8).

The certificate bounds every adversary from above, an attack shows one from below: as many outputs as it changes can be
changed. It proves nothing about others. Certified count <= surviving count must hold whatever the attack does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch

from lrscore.errors import InputError
from lrscore.images.attack.budget import spent_budget
from lrscore.images.attack.search import AttackSearch
from lrscore.images.attack.settings import AttackSettings
from lrscore.images.certificate import ImageCertificate
from lrscore.images.sampler import ImageModel, ImageSampler
from lrscore.monitor import Monitor, Run
from lrscore.statistics.overtaking import chance_of_lead, overtaken, scores_for, strongest_rival
from lrscore.streams import apart

__all__ = ["AttackSettings", "ImageAttack", "attack_image"]


@dataclass(frozen=True, eq=False)
class ImageAttack:
    """One perturbation within the budget, and the smoothed model's labels there.

    The labels at the perturbed image are *estimated*, from fresh samples that the search has not seen. Sampling noise
    alone flips the vote of a pixel whose classes are about equally likely; such flips are not counted. A pixel is
    `changed` only where its label is established at the clean image (it does not abstain), another class led in a
    first set of samples, and a second, disjoint set says so significantly: an exact binomial test of that class
    against the label, Bonferroni over all pixels tested. With probability at least `1 - error` over the samples,
    *every* pixel marked changed has lost to that class. Other pixels where another class leads are `leaning`.

    Args:
        image: (C, H, W) float32, the perturbed image; values may leave [0, 1], as the threat model allows.
        epsilon: the budget's norm.
        spent: (J,) additive budget used in every region, rounded up.
        labels: (H, W) the most voted class at the perturbed image; the certificate's where nothing was sampled.
        attacked: (H, W) bool, the pixels that were counted: targets that do not abstain.
        changed: (H, W) bool, attacked pixels whose label has changed.
        leaning: (H, W) bool, further attacked pixels where another class leads, but not significantly.
        samples: noisy copies of each group in the first and the second set.
        error: probability that any pixel in `changed` should not be there.
    """

    image: np.ndarray
    epsilon: float
    spent: np.ndarray
    labels: np.ndarray
    attacked: np.ndarray
    changed: np.ndarray
    leaning: np.ndarray
    samples: tuple[int, int]
    error: float

    @property
    def surviving(self) -> int:
        """Attacked pixels that are not shown to have changed: at least the certified count of the same pixels."""
        return int(self.attacked.sum() - self.changed.sum())


def attack_image(
    model: ImageModel,
    certificate: ImageCertificate,
    settings: AttackSettings,
    *,
    generator: torch.Generator,
    device: str | torch.device = "cpu",
    progress: Callable[[int, int], object] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> ImageAttack:
    """Look for a perturbation within the budget that changes many labels of the smoothed model.

    Projected gradient steps against the margins of the labels in expectation over the noise (Athalye et al. 2018), each
    group under its own noise as in sampling. Effort goes to the pixels that are near their decision boundary: labels
    that stand firm can not be won within the budget, labels that have fallen need not fall further. Afterwards the
    smoothed model is sampled again at the perturbed image.

    Args:
        model: as in `lrscore.certify_image`, and differentiable in its input.
        certificate: image, labels, noise and votes of the smoothed model, made with the same model.
        settings: budget, targets, effort.
        generator, device, progress, cancel: as in `lrscore.certify_image`.

    Raises:
        InputError: the model has no gradients, or arrays do not fit the certificate.
        Cancelled: the caller cancelled.
    """
    run = Run.on(device, apart(generator, "attack"), progress, cancel)
    sampler = ImageSampler(model, torch.from_numpy(certificate.image.copy()), certificate.settings, run)
    attacked = _attacked(certificate, settings)
    search = AttackSearch(sampler, certificate, settings, attacked)
    groups = len(np.unique(certificate.regions.index_map()[attacked]))
    monitor = run.monitor(search.passes + groups * (settings.pilot_samples + settings.samples))
    image = search.run(monitor)
    attack = ImageAttack(
        image=image,
        epsilon=settings.epsilon,
        spent=spent_budget(
            certificate.image, image, certificate.regions.index_map(), certificate.noise.exponent
        ),
        labels=certificate.labels,
        attacked=attacked,
        changed=np.zeros_like(attacked),
        leaning=np.zeros_like(attacked),
        samples=(settings.pilot_samples, settings.samples),
        error=settings.error,
    )
    return _measure(sampler, certificate, attack, monitor) if attack.spent.any() else attack


def _attacked(certificate: ImageCertificate, settings: AttackSettings) -> np.ndarray:
    """(H, W) targets that do not abstain."""
    if settings.targets is None:
        return ~certificate.abstained
    targets = np.asarray(settings.targets, dtype=bool)
    if targets.shape != certificate.shape:
        raise InputError(f"targets must have shape {certificate.shape}, got {targets.shape}")
    return targets & ~certificate.abstained


def _measure(
    sampler: ImageSampler, certificate: ImageCertificate, attack: ImageAttack, monitor: Monitor
) -> ImageAttack:
    """The attack with what fresh samples say about it."""
    index = certificate.regions.index_map()
    sampler.image = torch.from_numpy(attack.image).to(sampler.image.device)
    folded = _folding(certificate)
    first = folded(
        sampler.count_votes(attack.samples[0], monitor, np.unique(index[attack.attacked]).tolist())
    )
    rival = strongest_rival(first.votes, certificate.labels)
    tested = attack.attacked & (scores_for(rival, first.votes) > scores_for(certificate.labels, first.votes))
    second = folded(sampler.count_votes(attack.samples[1], monitor, np.unique(index[tested]).tolist()))
    won, lost = scores_for(rival, second.votes), scores_for(certificate.labels, second.votes)
    changed = overtaken(chance_of_lead(won, lost), tested, attack.error)
    seen, votes = first.seen + second.seen, first.votes + second.votes
    labels = np.where(seen.any(axis=2), seen.argmax(axis=2), certificate.labels)
    led = np.where(votes.any(axis=2), votes.argmax(axis=2), certificate.labels)
    leaning = attack.attacked & ~changed & (led != certificate.labels)
    return replace(attack, labels=labels, changed=changed, leaning=leaning)


class _Votes(NamedTuple):
    """Votes (H, W, classes): as they were seen, and as an opponent has to beat them, see `VoteChoice.folded`."""

    seen: np.ndarray
    votes: np.ndarray


def _folding(certificate: ImageCertificate) -> Callable[[np.ndarray], _Votes]:
    def folded(seen: np.ndarray) -> _Votes:
        if certificate.chosen is None:
            return _Votes(seen, seen)
        flat = certificate.chosen.folded(seen.reshape(-1, seen.shape[2]), certificate.labels.ravel())
        return _Votes(seen, flat.reshape(seen.shape))

    return folded
