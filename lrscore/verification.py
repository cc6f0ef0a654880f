"""Re-check a stored certificate from its counts: what anyone can do with nothing but the file.

Neither torch nor the model is needed. Every derived number in the file is checked by another route than the one that
made it: bounds by the binomial tail instead of its quantile, thresholds by the probability they need instead of its
inverse, collective counts by the dual proof in rational arithmetic.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike

import numpy as np

from lrscore.certificates import ImageCertificate
from lrscore.collective import CollectiveCertificate, verify
from lrscore.errors import CertificateError, CertificateFileError, LrscoreError
from lrscore.files import certificate_of
from lrscore.records import Record, read_record
from lrscore.statistics import ConfidencePlan

_ROUNDING = 1e-9  # how far a forward formula may miss, relative, before a threshold counts as too high


@dataclass(frozen=True)
class Check:
    """One thing that was checked and holds: what, and how much of it."""

    subject: str
    detail: str


ImageCheck = Callable[[Record, ImageCertificate], Check]


def verify_file(path: str | PathLike[str]) -> list[Check]:
    """Check everything a certificate file claims.

    Returns:
        What was checked, in order.

    Raises:
        CertificateError: a claim does not follow from the counts.
        CertificateFileError: the file cannot be read, or its parts contradict each other in form.
    """
    record = read_record(path)
    certificate = certificate_of(record, path)
    checks: tuple[ImageCheck, ...] = (check_plan, check_bounds, check_noise, check_thresholds)
    done = []
    for check in checks:
        with _checking(path):
            done.append(check(record, certificate))
    for name, arrays in record.curves.items():
        with _checking(path):
            done.append(
                check_curve(name, CollectiveCertificate.from_arrays(arrays), record, certificate.plan)
            )
    return done


@contextmanager
def _checking(path: str | PathLike[str]) -> Iterator[None]:
    """What does not follow stays a `CertificateError`; what cannot even be compared makes the file inconsistent."""
    try:
        yield
    except CertificateError:
        raise
    except (LrscoreError, KeyError, ValueError) as error:
        raise CertificateFileError(f"{path} is inconsistent: {error}") from error


def check_plan(record: Record, certificate: ImageCertificate) -> Check:
    """The confidence plan is a valid one, is that of the settings, and the samples are those it planned."""
    plan = ConfidencePlan.from_dict(json.loads(record.texts["plan"]))
    if plan != certificate.plan:
        raise CertificateError("the confidence plan is not the one that the settings give")
    if not plan.valid:
        raise CertificateError("the correction paper-holm does not control the error: nothing is guaranteed")
    if record.texts["guarantee"] != certificate.guarantee():
        raise CertificateError("the guarantee sentence is not the one of these settings")
    planned = plan.looks or (certificate.settings.samples,)
    taken = sorted(set(certificate.trials.tolist()))
    if plan.correction != "mixture" and not set(taken) <= set(planned):
        raise CertificateError(f"{taken} samples per group were taken, but {list(planned)} were planned")
    return Check("confidence plan", f"{plan.correction}, alpha = {plan.alpha:g}, {plan.n_outputs} outputs")


def check_bounds(record: Record, certificate: ImageCertificate) -> Check:
    """Every probability bound, by the tail of the counts' distribution."""
    stored, plan = record.arrays["probabilities"].ravel(), certificate.plan
    agreements, trials = certificate.agreements.ravel(), certificate.trials[certificate.groups]
    plan.check(stored, agreements, trials, weights=certificate.plan_weights())
    return Check("confidence bounds", f"{stored.size} bounds, from their counts")


def check_noise(record: Record, certificate: ImageCertificate) -> Check:
    """Noise levels and groups are those of the settings; no weight is lower than its level gives."""
    levels, groups, weights = (record.arrays[name] for name in ("noise_levels", "groups", "weights"))
    if not np.array_equal(levels, certificate.noise_levels):
        raise CertificateError("the noise levels are not those of the settings")
    if not np.array_equal(groups.ravel(), certificate.groups):
        raise CertificateError("the output groups are not those of the grid")
    if not (weights >= certificate.noise.weight(levels) * (1 - 1e-15)).all():
        raise CertificateError("a weight is lower than its noise level gives")
    return Check("noise levels and weights", f"{levels.shape[0]} groups x {levels.shape[1]} regions")


def check_thresholds(record: Record, certificate: ImageCertificate) -> Check:
    """No threshold asks for more probability than its bound."""
    thresholds, bounds = record.arrays["thresholds"].ravel(), record.arrays["probabilities"].ravel()
    positive = ~(thresholds <= 0)
    slack = 1 - certificate.noise.needed_probability(thresholds[positive])
    if not ((bounds[positive] > 0.5) & (slack >= (1 - bounds[positive]) * (1 - _ROUNDING))).all():
        raise CertificateError("a threshold is higher than its probability bound allows")
    return Check("thresholds", f"{int(positive.sum())} above 0, {int((~positive).sum())} abstain")


def check_curve(name: str, curve: CollectiveCertificate, record: Record, plan: ConfidencePlan) -> Check:
    """The proof of one stored curve, in rational arithmetic, from the weights and thresholds of the file."""
    thresholds, groups = record.arrays["thresholds"].ravel(), record.arrays["groups"].ravel().astype(np.int64)
    try:
        verify(curve, record.arrays["weights"], thresholds, groups)
    except CertificateError as error:
        raise CertificateError(f"curve {name}: {error}") from error
    detail = f"{len(curve.budgets)} budgets, {curve.method}, proof checked in rational arithmetic"
    return Check(f"collective curve {name}", detail)
