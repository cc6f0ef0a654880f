"""Checks that stored certificates of every kind share: the confidence plan, the proofs of the collective curves."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lrscore.certificate import Certificate
from lrscore.collective import CollectiveCertificate, verify
from lrscore.collective.discount import undiscounted
from lrscore.errors import CertificateError
from lrscore.records import CORRECT, Record
from lrscore.statistics import ConfidencePlan
from lrscore.targeted import TARGETED, stored_mask, target_mask


@dataclass(frozen=True)
class Check:
    """One thing that was checked and holds: what, and how much of it."""

    subject: str
    detail: str


def check_plan(record: Record, certificate: Certificate) -> Check:
    """The confidence plan is a valid one, is that of the settings, and the samples are those it planned."""
    plan = ConfidencePlan.from_dict(json.loads(record.texts["plan"]))
    if plan != certificate.plan:
        raise CertificateError("the confidence plan is not the one that the settings give")
    if not plan.valid:
        raise CertificateError("the correction paper-holm does not control the error: nothing is guaranteed")
    if record.texts["guarantee"] not in (certificate.guarantee(), certificate.earlier_guarantee()):
        raise CertificateError("the guarantee sentence is not the one of these settings")
    planned = plan.looks or (certificate.settings.samples,)
    waiting = {0} if plan.sequential else set()  # groups not sampled yet, which claim nothing
    taken = sorted(set(certificate.trials.tolist()) - waiting)
    if plan.correction != "mixture" and not set(taken) <= set(planned):
        raise CertificateError(f"{taken} samples per group were taken, but {list(planned)} were planned")
    explored = certificate.settings.explored_in_words
    remark = f"; EXPLORATION: {explored} chosen after the samples had been seen" if explored else ""
    return Check(
        "confidence plan", f"{plan.correction}, alpha = {plan.alpha:g}, {plan.n_outputs} outputs{remark}"
    )


def check_choice(certificate: Certificate, what: str) -> list[Check]:
    """Coarse labels, and whom labels are held against, are what the pilot's votes choose, and nothing else.

    Args:
        what: is held against rivals, in the plural.
    """
    chosen = certificate.chosen
    if chosen is None:
        return []
    if certificate.settings.explored:
        return [
            Check("choice of the pilot", "not checked: settings were changed after the samples had been seen")
        ]
    if not chosen.same_choice(certificate.pilot_choice(chosen.tree)):
        raise CertificateError("coarse labels or rivals are not those that the pilot votes choose")
    coarse, contested = int(chosen.coarse.sum()), int(chosen.contested.sum())
    return [
        Check("choice of the pilot", f"{coarse} groups of classes, {contested} {what} held against rivals")
    ]


Prover = Callable[[CollectiveCertificate, np.ndarray | None], None]
"""Raises CertificateError unless the proof of a claim about the outputs of a mask (all if None) shows it."""


def check_curve(
    name: str,
    curve: CollectiveCertificate,
    record: Record,
    certificate: Certificate,
    prove: Prover | None = None,
) -> Check:
    """The proof of one stored curve, in rational arithmetic, from the weights and thresholds of the file.

    The guarantee speaks of every perturbation within the budget: a proof may not assume caps but those of the input,
    nor whole units where the budget is no count. The outputs whose bounds may fail must have been subtracted. What
    counts as correct follows from labels and reference of the file.

    Args:
        prove: checks the proof; by default `lrscore.collective.verify` on weights, thresholds and groups of the file.
    """
    thresholds, groups = record.arrays["thresholds"].ravel(), record.arrays["groups"].ravel().astype(np.int64)
    caps = curve.proof.caps
    if not np.array_equal(
        caps, np.full(caps.shape, np.inf) if certificate.caps is None else certificate.caps
    ):
        raise CertificateError(f"curve {name}: it assumes caps on the regions, which the guarantee does not")
    if curve.proof.integer and not certificate.whole_units:
        raise CertificateError(f"curve {name}: it assumes whole units of a budget that is no count")
    targets = certificate.correct().ravel() if name.startswith(CORRECT) else None
    if name.startswith(TARGETED):
        targets = target_mask(stored_mask(name, record.curves[name]), groups.size, certificate.outputs)
    try:
        claim = undiscounted(curve, certificate.plan.discount)
        if prove is None:
            verify(claim, certificate.stored_weights(record), thresholds, groups, targets=targets)
        else:
            prove(claim, targets)
    except CertificateError as error:
        raise CertificateError(f"curve {name}: {error}") from error
    counted = f"{int(targets.sum()):,} outputs, " if targets is not None else ""
    detail = f"{counted}{len(curve.budgets)} budgets, {curve.method}, proof checked in rational arithmetic"
    return Check(f"collective curve {name}", detail)
