"""Metrics of certified predictions (docs/theory.md, 7). Void pixels (label 255) are left out of everything."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lrscore.errors import InputError

VOID = 255
"""Reference label of a pixel without a class: nothing is claimed or counted about it."""


def certified_ratio(certified: np.ndarray, outputs: int) -> np.ndarray:
    """Share of `outputs` that is proven to keep its label, for certified counts of any shape; 0 of 0 is 0."""
    return np.asarray(certified, dtype=np.float64) / max(outputs, 1)


def certified_accuracy(certified_correct: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Share of the labelled outputs proven to keep their label *and* predicted correctly.

    Args:
        certified_correct: certified counts with the correct outputs as targets.
        reference: ground truth, 255 = void.
    """
    return certified_ratio(certified_correct, int((np.asarray(reference) != VOID).sum()))


def average_certified_radius(epsilons: np.ndarray, curve: np.ndarray) -> float:
    """Area under a certified curve: the mean certified eps.

    Args:
        epsilons: (M,) increasing from 0.
        curve: (M,) non-increasing, certified ratio or accuracy at each eps. What lies beyond the last eps counts
            as 0. Between two points the lower (right) value is used, so the area is never over-stated.

    Raises:
        InputError: lengths differ, or eps does not increase from 0.
    """
    epsilons, curve = np.asarray(epsilons, dtype=np.float64), np.asarray(curve, dtype=np.float64)
    if epsilons.shape != curve.shape or epsilons.ndim != 1:
        raise InputError(
            f"epsilons and curve must be 1-d and equally long, got {epsilons.shape}, {curve.shape}"
        )
    if epsilons.size == 0 or epsilons[0] != 0 or (np.diff(epsilons) <= 0).any():
        raise InputError("epsilons must start at 0 and increase")
    return float(np.sum(np.diff(epsilons) * curve[1:]))


def pixel_accuracy(labels: np.ndarray, reference: np.ndarray, abstained: np.ndarray | None = None) -> float:
    """Share of labelled outputs predicted correctly; abstaining ones count as wrong. 0 if nothing is labelled."""
    labels, reference, answered = _aligned(labels, reference, abstained)
    valid = reference != VOID
    return float((answered & (labels == reference))[valid].mean()) if valid.any() else 0.0


def mean_iou(
    labels: np.ndarray, reference: np.ndarray, classes: int, abstained: np.ndarray | None = None
) -> float:
    """Mean over the classes present (in prediction or reference) of intersection over union.

    An abstaining output is wrong: it is missing from its true class and, having no prediction, in the union of
    no other. 0 if nothing is labelled.

    Args:
        labels: predicted classes in [0, classes), any shape; several images may be stacked.
        reference: ground truth of the same shape, 255 = void.
        abstained: bool of the same shape.
    """
    return mean_iou_of_counts(class_counts(labels, reference, classes, abstained))


def class_iou(
    labels: np.ndarray, reference: np.ndarray, classes: int, abstained: np.ndarray | None = None
) -> np.ndarray:
    """(classes,) intersection over union; NaN where a class is neither predicted nor present."""
    return iou_of_counts(class_counts(labels, reference, classes, abstained))


def class_counts(
    labels: np.ndarray, reference: np.ndarray, classes: int, abstained: np.ndarray | None = None
) -> np.ndarray:
    """(3, classes) int: outputs of each class predicted right, present, and predicted, among the labelled ones.

    Counts of several images may be added: their intersection over union is that of all images together.

    Args:
        labels, reference, classes, abstained: as in `mean_iou`.
    """
    labels, reference, answered = _aligned(labels, reference, abstained)
    valid = reference != VOID
    labels, reference, answered = labels[valid], reference[valid], answered[valid]
    counted = (reference[answered & (labels == reference)], reference, labels[answered])
    return np.stack([np.bincount(values, minlength=classes)[:classes] for values in counted])


def iou_of_counts(counts: np.ndarray) -> np.ndarray:
    """(classes,) intersection over union from `class_counts` (3, classes); NaN where a class does not occur."""
    hit, true, predicted = counts
    union = true + predicted - hit
    return np.divide(hit, union, out=np.full(union.shape, np.nan), where=union > 0)


def mean_iou_of_counts(counts: np.ndarray) -> float:
    """Mean of `iou_of_counts` over the classes that occur; 0 if none does."""
    iou = iou_of_counts(counts)
    return float(np.nanmean(iou)) if not np.isnan(iou).all() else 0.0


def pareto_front(first: Sequence[float], second: Sequence[float]) -> list[int]:
    """Positions of the points that no other point beats in one coordinate without losing in the other.

    Args:
        first, second: (P,) coordinates of the points; more is better. Of equal points the earliest is kept.

    Returns:
        positions by falling `first`, and so by rising `second`.
    """
    best, kept = -np.inf, []
    for position in sorted(range(len(first)), key=lambda place: (-first[place], -second[place])):
        if second[position] > best:
            best = second[position]
            kept.append(position)
    return kept


def certified_mean_iou(
    labels: np.ndarray, reference: np.ndarray, certified: np.ndarray, classes: int
) -> float:
    """Lower bound on the mean IoU *over the reference's classes* for every perturbation.

    An output that is not individually certified is counted as wrong, and as a false positive of whichever class hurts
    most. `mean_iou` also averages over classes that are only predicted: an attack can bring such classes in, and this
    bound does not cover that mean. Not for masks under a count-level correction, which promise no single output.
    Per class, correct certified outputs are the least intersection, and every uncertified output may join the union:
    `iou_c >= hit_c / (true_c + false certified positives_c + uncertified outputs outside c)`.
    0 if nothing is labelled.
    """
    labels, reference, held = _aligned(labels, reference, ~np.asarray(certified, dtype=bool))
    valid = reference != VOID
    labels, reference, held = labels[valid], reference[valid], held[valid]
    true = np.bincount(reference, minlength=classes)[:classes]
    if true.sum() == 0:
        return 0.0
    hit = np.bincount(reference[held & (labels == reference)], minlength=classes)[:classes]
    false = np.bincount(labels[held & (labels != reference)], minlength=classes)[:classes]
    loose = (~held).sum() - np.bincount(reference[~held], minlength=classes)[:classes]
    present = true > 0
    return float((hit[present] / (true + false + loose)[present]).mean())


def _aligned(
    labels: np.ndarray, reference: np.ndarray, abstained: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Flat labels, reference and answered mask of equal length."""
    labels, reference = np.asarray(labels), np.asarray(reference)
    answered = np.ones(labels.shape, dtype=bool) if abstained is None else ~np.asarray(abstained, dtype=bool)
    if labels.shape != reference.shape or labels.shape != answered.shape:
        raise InputError(
            f"labels {labels.shape}, reference {reference.shape} and abstained {answered.shape} must have one shape"
        )
    return labels.ravel(), reference.ravel(), answered.ravel()
