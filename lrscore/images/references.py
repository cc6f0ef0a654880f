"""Reference labels in a model's own numbering, or none where model and reference speak of other classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lrscore.errors import InputError
from lrscore.metrics import VOID

OTHER_CLASSES = (
    "The model's classes are not those of the picture's reference labels, "
    "so nothing is counted as right or wrong."
)
"""What to say where `match_reference` gives none."""


def match_reference(
    reference: np.ndarray | None, names: Sequence[str], model_names: Sequence[str]
) -> np.ndarray | None:
    """Reference labels that the model's labels may be compared with.

    Args:
        reference: (H, W) class numbers, 255 = void, or None.
        names: class names of the reference; empty if nobody knows them, then its numbers are taken to be the model's.
        model_names: class names of the model; empty if it has none.

    Returns:
        (H, W) int64 in the model's numbering. None without a reference, and where the two do not have the same classes:
        a number that means "car" in one and "cat" in the other must not be compared.

    Raises:
        InputError: a number of the reference is none of its own classes, or, without names, none of the model's.
    """
    if reference is None:
        return None
    reference = np.asarray(reference).astype(np.int64)
    if not names or not model_names:
        return _within(reference, len(model_names)) if model_names else reference
    if len(set(names)) < len(names) or set(names) != set(model_names):
        return None
    numbers = np.full(VOID + 1, VOID, dtype=np.int64)
    numbers[: len(names)] = [model_names.index(name) for name in names]
    return numbers[_within(reference, len(names))]


def _within(reference: np.ndarray, classes: int) -> np.ndarray:
    strange = np.unique(reference[(reference != VOID) & ((reference < 0) | (reference >= classes))])
    if strange.size:
        raise InputError(
            f"reference labels must be classes 0 to {classes - 1} or {VOID} for void, got {strange[0]}"
        )
    return reference
