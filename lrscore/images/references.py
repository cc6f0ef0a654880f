"""Reference labels of a picture in a model's own numbering, or none where the two speak of other classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lrscore.errors import InputError
from lrscore.metrics import VOID
from lrscore.references import class_map, whole_labels, within_classes


def match_reference(
    reference: np.ndarray | None, names: Sequence[str], model_names: Sequence[str]
) -> np.ndarray | None:
    """Reference labels that the model's labels may be compared with.

    Args:
        reference: (H, W) class numbers, 255 = void, or None.
        names: class names of the reference; empty if nobody knows them, then its numbers are taken to be the model's.
        model_names: class names of the model; empty if it has none.

    Returns:
        (H, W) int64 in the model's numbering. None without a reference, and where the two do not have the same classes
        (see `lrscore.references.class_map`): a number that means "car" in one and "cat" in the other must not be
        compared.

    Raises:
        InputError: a number of the reference is none of its own classes, or, without names, none of the model's.
    """
    if reference is None:
        return None
    reference = whole_labels(reference, "reference labels")
    if not names or not model_names:
        return _within(reference, len(model_names)) if model_names else reference
    places = class_map(names, model_names)
    if places is None:
        return None
    numbers = np.full(VOID + 1, VOID, dtype=np.int64)
    numbers[: len(names)] = [VOID if place is None else place for place in places]
    return numbers[_within(reference, len(names))]


def checked_reference(reference: object, shape: tuple[int, int], classes: int) -> np.ndarray:
    """A reference (H, W) in the numbering of a model with so many classes.

    Raises:
        InputError: another shape, numbers that are not whole, or neither classes nor 255.
    """
    labels = whole_labels(reference, "reference labels")
    if labels.shape != shape:
        raise InputError(f"reference must have shape {shape}, got {labels.shape}")
    return _within(labels, classes)


def _within(reference: np.ndarray, classes: int) -> np.ndarray:
    return within_classes(reference, classes, VOID, "reference labels", called="void")
