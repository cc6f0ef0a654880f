"""Adaptive sampling: spend further samples on the groups that still limit the certificate somebody looks at.

Which groups go on may depend on everything seen so far: the corrections "anytime" and "mixture" hold at every look of
every group. `lrscore.statistics.adaptive` has the arithmetic, this module the certificates it needs.
"""

from __future__ import annotations

import numpy as np

from lrscore.collective import certify_collectively
from lrscore.images.certificate import ImageCertificate
from lrscore.statistics import CollectiveView, choose_samples, group_gains, projected_bounds


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
    bounds = projected_bounds(*certificate.plan_counts(), certificate.plan, final_size)
    return certificate.noise.threshold(bounds)


def _to_next_size(trials: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    place = np.searchsorted(sizes, trials, side="right")
    goals = np.append(sizes, 0)[place]
    return np.maximum(goals - trials, 0)
