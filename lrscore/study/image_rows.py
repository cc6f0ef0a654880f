"""The table's row of a picture: everything that is worth adding up, from its certificate alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from lrscore.collective import CollectiveCertificate, Limits
from lrscore.images.baselines.center import CenterCertificate
from lrscore.images.baselines.segcertify import segcertify
from lrscore.images.certificate import ImageCertificate
from lrscore.images.radius import epsilon_grid, largest_budget
from lrscore.metrics import VOID, average_certified_radius, certified_ratio, class_counts
from lrscore.study.items import Item
from lrscore.study.rows import DONE, GAIN, GAIN_AREA, heading_row, told_row
from lrscore.study.settings import SEGCERTIFY, tau_of

CENTER = "center"


def image_row(
    item: Item, certificate: ImageCertificate
) -> tuple[dict[str, Any], CollectiveCertificate | None]:
    """The row, and the collective certificate to keep as proof: that of the last collective method.

    What is certified is counted on one grid of norms: all pixels, and those that are right where the truth is known.
    """
    study = item.study
    epsilons = np.array(study.budgets) if study.budgets else epsilon_grid(largest_budget(certificate))
    budgets = certificate.noise.budget(epsilons)
    row = heading_row(item) | _facts(certificate) | {"status": DONE, "budgets": epsilons.tolist()}
    known = certificate.reference is not None and row["labelled"] > 0
    right = certificate.correct() if known else None
    limits, proof = Limits(node_limit=study.boxes), None
    for method in study.methods:
        tau = tau_of(method)
        if tau is None:
            everything = certificate.collective(budgets, method, limits=limits)
            proof, counted = everything, everything.certified
            correct = (
                None
                if right is None
                else certificate.collective(budgets, method, right, limits=limits).certified
            )
        elif certificate.regions.count == 1 and certificate.plan.correction == "bonferroni":
            fixed = segcertify(certificate, tau)
            counted = fixed.certified(epsilons)
            correct = None if right is None else fixed.certified(epsilons, right)
        else:
            continue  # SegCertify is about isotropic noise and looks once
        row |= _counted(method, counted, correct, epsilons, row)
        if tau is None and certificate.settings.hierarchy:
            gains = certificate.information_gain(budgets, method, limits=limits)
            row[f"{GAIN}{method}"] = gains.tolist()
            row[f"{GAIN_AREA}{method}"] = average_certified_radius(epsilons, gains)
        if tau is not None:
            row |= (
                _class_counts(certificate, fixed.abstained, f"_{SEGCERTIFY}:{tau:g}")
                if right is not None
                else {}
            )
    return row, proof


def center_row(
    item: Item, center: CenterCertificate, reference: np.ndarray | None, facts: dict[str, str], seconds: float
) -> dict[str, Any]:
    """The row of center smoothing, which has no certificate file."""
    epsilons = (
        np.array(item.study.budgets) if item.study.budgets else np.linspace(0, 6 * center.settings.level, 121)
    )
    pixels = int(center.labels.size)
    row = heading_row(item) | {
        "status": DONE,
        "device": facts["device"],
        "versions": facts["versions"],
        "alpha": center.settings.alpha_center + center.settings.alpha_certify,
        "noise": "gaussian",
        "budgets": epsilons.tolist(),
        "outputs": pixels,
        "abstained": pixels if center.abstained else 0,
        "seconds": seconds,
        "passes": center.settings.forward_passes,
    }
    abstained = np.full(center.labels.shape, center.abstained)
    correct = None
    if reference is not None:
        known = reference != VOID
        row["labelled"] = int(known.sum())
        right = int(((center.labels == reference) & known).sum())
        row["correct"] = 0 if center.abstained else right
        correct = np.maximum(right - center.certified_distance(epsilons), 0)
        counts = class_counts(center.labels, reference.astype(np.int64), VOID, abstained)
        row |= dict(zip(("hit", "true", "predicted"), _trimmed(counts), strict=True))
    return row | _counted(CENTER, center.certified(epsilons), correct, epsilons, row)


def _facts(certificate: ImageCertificate) -> dict[str, Any]:
    row = told_row(certificate) | {"noise": certificate.settings.noise}
    if certificate.reference is None:
        return row
    row["labelled"] = int((certificate.reference != VOID).sum())
    row["correct"] = int((certificate.correct() & ~certificate.abstained).sum())
    return row | _class_counts(certificate, certificate.unclassed)


def _class_counts(certificate: ImageCertificate, abstained: np.ndarray, suffix: str = "") -> dict[str, Any]:
    """What mean IoU is made of, per class: right, present and predicted pixels; they add up over pictures."""
    assert certificate.reference is not None
    classes = certificate.pilot_votes.shape[2]
    counts = class_counts(certificate.labels, certificate.reference, classes, abstained)
    names = ("hit", "true", "predicted")
    return {f"{name}{suffix}": values.tolist() for name, values in zip(names, counts, strict=True)}


def _counted(
    method: str, counted: np.ndarray, correct: np.ndarray | None, epsilons: np.ndarray, row: dict[str, Any]
) -> dict[str, Any]:
    """Certified counts of one method over the budgets, and the area under them: under accuracy where truth is known."""
    found: dict[str, Any] = {f"certified_{method}": [int(count) for count in counted]}
    share = certified_ratio(counted, row["outputs"])
    if correct is not None:
        found[f"certified_correct_{method}"] = [int(count) for count in correct]
        share = certified_ratio(correct, row["labelled"])
    return found | {f"radius_{method}": average_certified_radius(epsilons, share)}


def _trimmed(counts: np.ndarray) -> list[list[int]]:
    """Class counts without the classes after the last one that occurs."""
    last = int(np.flatnonzero(counts.any(axis=0)).max(initial=0)) + 1
    return counts[:, :last].tolist()
