"""What every bound here does to its arguments: check them, and work once per distinct combination.

A million outputs share a few thousand distinct counts, so the expensive special functions are evaluated on
the distinct rows only.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lrscore.errors import InputError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def as_counts(name: str, values: ArrayLike) -> IntArray:
    """Return `values` as int64, or say which argument holds something that is not a count."""
    array = np.asarray(values)
    if array.dtype.kind == "f" and np.all(np.isfinite(array)) and np.all(array == np.floor(array)):
        array = array.astype(np.int64)
    if array.dtype.kind not in "iu":
        raise InputError(
            f"{name}: expected whole numbers, got dtype {np.asarray(values).dtype} with other values"
        )
    if array.size and array.min() < 0:
        raise InputError(f"{name}: expected counts of at least 0, got {array.min()}")
    return array.astype(np.int64)


def check_counts(successes: ArrayLike, trials: ArrayLike) -> tuple[IntArray, IntArray]:
    """Return both as int64 arrays of one shape; raise `InputError` unless `0 <= successes <= trials >= 1`."""
    successes, trials = as_counts("successes", successes), as_counts("trials", trials)
    try:
        successes, trials = np.broadcast_arrays(successes, trials)
    except ValueError:
        shapes = f"{successes.shape} and {trials.shape}"
        raise InputError(f"successes, trials: expected shapes that broadcast, got {shapes}") from None
    if trials.size and trials.min() < 1:
        raise InputError(f"trials: expected at least 1 sample, got {trials.min()}")
    if np.any(successes > trials):
        worst = np.argmax((successes > trials).ravel())
        got = f"{successes.ravel()[worst]} of {trials.ravel()[worst]}"
        raise InputError(f"successes: expected no more than trials, got {got}")
    return successes, trials


def check_levels(level: ArrayLike, *, below: float = 1.0) -> FloatArray:
    """Return `level` as float64; raise `InputError` unless `0 <= level < below` everywhere."""
    levels = np.asarray(level, dtype=np.float64)
    if levels.size and not np.all((levels >= 0.0) & (levels < below)):
        worst = levels.ravel()[np.argmin(((levels >= 0.0) & (levels < below)).ravel())]
        raise InputError(f"level: expected error levels in [0, {below:g}), got {worst}")
    return levels


def on_distinct_rows(function: Callable[..., FloatArray], *columns: ArrayLike) -> FloatArray:
    """Evaluate an elementwise `function` of several arrays once per distinct combination of their entries."""
    arrays = [np.asarray(column) for column in columns]
    try:
        shape = np.broadcast_shapes(*(array.shape for array in arrays))
    except ValueError:
        shapes = ", ".join(str(array.shape) for array in arrays)
        raise InputError(f"expected arrays whose shapes broadcast, got {shapes}") from None
    if 0 in shape:
        return np.zeros(shape)
    code = np.zeros(shape, dtype=np.int64)
    for array in arrays:
        values, inverse = np.unique(array, return_inverse=True)
        if values.size > 1:
            code = code * values.size + np.broadcast_to(inverse.reshape(array.shape), shape)
            # Renumbering after each column keeps the codes below the number of entries: no overflow.
            code = np.unique(code, return_inverse=True)[1].reshape(shape)
    _, first, inverse = np.unique(code, return_index=True, return_inverse=True)
    rows = [np.broadcast_to(array, shape).ravel()[first] for array in arrays]
    return function(*rows)[inverse.ravel()].reshape(shape)
