"""Which groups of pixels draw further samples, and whether a certificate is of a run that had not come to its end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lrscore.collective import certify_collectively
from lrscore.images.certificate import ImageCertificate
from lrscore.images.settings import ImageSettings
from lrscore.statistics import CollectiveView, choose_samples, group_gains, projected_bounds


def short_by_numbers(trials: np.ndarray, settings: ImageSettings) -> bool | None:
    """Whether so many samples of the groups (I,) are of a run that would have drawn more; None where it takes the
    votes to tell: adaptive sampling may have left groups on purpose."""
    if not (trials < settings.samples).any():
        return False
    return None if settings.focus and trials.all() else True


def stopped_early(certificate: ImageCertificate) -> bool:
    """Whether the run that made a certificate would have drawn more: it was cut off, cancelled or is under way.

    Adaptive sampling that left groups on purpose has ended by itself.
    """
    short = short_by_numbers(certificate.trials, certificate.settings)
    if short is None:
        sizes = certificate.plan.stops(certificate.settings.samples)
        return bool(further_samples(certificate, sizes).any())
    return short


def further_samples(certificate: ImageCertificate, sizes: tuple[int, ...]) -> np.ndarray:
    """How many samples each group should draw before the next look.

    Args:
        certificate: the state after a look.
        sizes: sample sizes at which a group may be looked at, increasing.

    Returns:
        (I,) int; 0 where a group is complete. Without `settings.focus` every group goes on to the next size. With it,
        groups stop that together can change the certified count at those eps by less than `settings.tolerance` of all
        pixels, if the votes go on as they did.
    """
    if not certificate.settings.focus:
        return _to_next_size(certificate.trials, sizes)
    now = certificate.thresholds
    later = np.maximum(now, _projected_thresholds(certificate, sizes[-1]))
    budgets = certificate.noise.budget(np.array(certificate.settings.focus))
    proof = certify_collectively(certificate.weights, later, certificate.groups, budgets).proof
    multipliers = proof.multipliers[proof.leaf_multipliers[proof.roots]]
    view = CollectiveView(certificate.groups, certificate.weights, budgets, multipliers)
    tolerance = certificate.settings.tolerance * certificate.labels.size
    return choose_samples(
        group_gains(now, later, view), certificate.trials, sizes, tolerance=tolerance
    ).samples


def _projected_thresholds(certificate: ImageCertificate, final_size: int) -> np.ndarray:
    if certificate.chosen is None:
        bounds = projected_bounds(*certificate.plan_counts(), certificate.plan, final_size)
        return certificate.noise.threshold(bounds)
    share = final_size / np.maximum(certificate.trials, 1)[certificate.groups].reshape(certificate.shape)
    rivals = np.ceil(certificate.chosen.rivals.reshape(certificate.shape) * share).astype(np.int64)
    agreements = np.floor(certificate.agreements * share * (1 + 1e-12)).astype(np.int64)
    return replace(
        certificate,
        agreements=agreements,
        trials=np.full_like(certificate.trials, final_size),
        chosen=replace(certificate.chosen, rivals=np.minimum(rivals, final_size - agreements).ravel()),
    ).thresholds


def _to_next_size(trials: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    place = np.searchsorted(sizes, trials, side="right")
    goals = np.append(sizes, 0)[place]
    return np.maximum(goals - trials, 0)
