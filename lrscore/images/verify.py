"""Re-check a stored image certificate from its counts, each derived number by another route than made it."""

from __future__ import annotations

import json

import numpy as np

from lrscore.checks import Check, check_choice
from lrscore.errors import CertificateError
from lrscore.images.certificate import ImageCertificate
from lrscore.records import Record

_ROUNDING = (
    1e-14  # relative error of the tail function; honest thresholds lie 1e-12 below what their bound allows
)


def check_image(record: Record, certificate: ImageCertificate) -> list[Check]:
    """All checks that are particular to images, in order.

    Raises:
        CertificateError: a claim does not follow from the counts.
    """
    done = [check(record, certificate) for check in (check_bounds, check_noise, check_thresholds)]
    return [*check_choice(certificate, "labels"), *done]


def check_bounds(record: Record, certificate: ImageCertificate) -> Check:
    """Every probability bound, by the tail of the counts' distribution."""
    stored, plan = record.arrays["probabilities"].ravel(), certificate.plan
    agreements, trials = certificate.plan_counts()
    weights, parts = certificate.plan_weights(), certificate.plan_parts()
    plan.check(stored, agreements, trials, weights=weights, parts=parts)
    if certificate.chosen is None:
        return Check("confidence bounds", f"{stored.size} bounds, from their counts")
    contested = certificate.chosen.contested
    rivals = record.arrays["rivals"].ravel() if certificate.settings.runner_up else np.ones(stored.size)
    if not (rivals[~contested] >= 1).all():
        raise CertificateError("a rival is bounded where the pilot did not ask for it")
    for side in certificate.rival_counts().T:
        plan.check(1 - rivals, trials - side, trials, weights=weights, parts=parts)
    return Check(
        "confidence bounds", f"{stored.size} bounds and {2 * int(contested.sum())} on rivals, from counts"
    )


def check_noise(record: Record, certificate: ImageCertificate) -> Check:
    """Noise levels, groups and look are those of settings and counts; no weight is lower than its level gives."""
    levels, groups, weights = (record.arrays[name] for name in ("noise_levels", "groups", "weights"))
    if not np.array_equal(levels, certificate.noise_levels):
        raise CertificateError("the noise levels are not those of the settings")
    if json.loads(record.texts["look"]) != certificate.look:
        raise CertificateError("the look is not the one that the sample numbers belong to")
    if not np.array_equal(groups.ravel(), certificate.groups):
        raise CertificateError("the output groups are not those of the grid")
    # The same exact operations on every machine: no allowance
    if not (weights >= certificate.noise.weight(levels)).all():
        raise CertificateError("a weight is lower than its noise level gives")
    return Check("noise levels and weights", f"{levels.shape[0]} groups x {levels.shape[1]} regions")


def check_thresholds(record: Record, certificate: ImageCertificate) -> Check:
    """No threshold asks for more probability than its bound."""
    thresholds, bounds = record.arrays["thresholds"].ravel(), record.arrays["probabilities"].ravel()
    positive = ~(thresholds <= 0)
    allowed = certificate.noise.allowed_error(thresholds[positive])
    proven = (bounds[positive] > 0.5) & (allowed >= (1 - bounds[positive]) * (1 - _ROUNDING))
    if certificate.chosen is not None and certificate.settings.runner_up:
        rest = np.flatnonzero(positive)[~proven & certificate.chosen.contested[positive]]
        rivals = record.arrays["rivals"].ravel()
        separated = certificate.noise.separates(thresholds[rest], bounds[rest], rivals[rest])
        proven[np.isin(np.flatnonzero(positive), rest)] = separated
    if not proven.all():
        raise CertificateError("a threshold is higher than its probability bound allows")
    return Check("thresholds", f"{int(positive.sum())} above 0, {int((~positive).sum())} abstain")
