"""Labels, splits and names of nodes as the files of this field store them, in one numbering."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from lrscore.errors import InputError

UNKNOWN = -1
MAX_CLASSES = 1000
_NUMBER = re.compile(r"-?\d{1,9}(\.0*)?")


def class_numbers(values: np.ndarray, nodes: int) -> tuple[np.ndarray, tuple[str, ...]]:
    """Class numbers (n,) int64, -1 = unknown, and class names if the labels were texts or large numbers.

    Args:
        values: (n,) or (n, 1) whole numbers of any type (renumbered from 0 where they exceed `MAX_CLASSES`), truth
            values or texts, or one row of zeros and a one per node.
        nodes: how many there must be.

    Raises:
        InputError: another shape, numbers that are not whole or below -1, too many classes, or several for one node.
    """
    values = np.asarray(values)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim == 2 and values.shape[0] == nodes:
        return _of_rows(values), ()
    if values.shape != (nodes,):
        raise InputError(f"a graph with {nodes} nodes needs (n,) labels, got shape {values.shape}")
    if values.dtype.kind in "US":
        return numbers_of_texts(
            [text.decode() if isinstance(text, bytes) else str(text) for text in values.tolist()]
        )
    if values.dtype.kind not in "biuf" or (values != np.rint(values)).any():
        raise InputError(f"labels must be whole numbers, -1 (unknown) or 0 and above, got {_odd(values)}")
    if values.size and values.min() < UNKNOWN:
        raise InputError(f"labels must be -1 (unknown) or classes from 0, got {values.min():g}")
    if values.size and values.max() >= MAX_CLASSES:
        return _renumbered(values)
    return values.astype(np.int64), ()


def numbers_of_texts(texts: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Class numbers (n,) int64, -1 = unknown, and class names if the texts are not themselves numbers.

    Names are numbered in alphabetical order; "10" is class 10, whatever else there is. An empty text is unknown.

    Raises:
        InputError: too many classes, or numbers below -1.
    """
    texts = [text.strip() for text in texts]
    names = tuple(sorted({text for text in texts if text}))
    if names and all(map(_NUMBER.fullmatch, names)):
        return class_numbers(np.array([int(float(text or UNKNOWN)) for text in texts]), len(texts))
    _check_count(len(names))
    number = {name: place for place, name in enumerate(names)}
    return np.array([number.get(text, UNKNOWN) for text in texts], dtype=np.int64), names


def absent_classes(labels: np.ndarray) -> str:
    """What to say about class numbers (n,) that skip some; empty if they do not."""
    occurring = np.unique(labels[labels >= 0])
    classes = int(labels.max(initial=-1)) + 1
    if occurring.size == classes:
        return ""
    if occurring.size and occurring[0] == 1 and occurring.size == classes - 1:
        return f"no node is of class 0: the labels name the classes 1 to {classes - 1}, and a model must count so, too"
    return f"of the classes 0 to {classes - 1} only {occurring.size} occur"


def _renumbered(values: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Numbers too large to count up to are names: the classes that occur, in order, called by their numbers."""
    known = values >= 0
    distinct, places = np.unique(values[known], return_inverse=True)
    _check_count(distinct.size)
    numbers = np.full(values.shape, UNKNOWN, dtype=np.int64)
    numbers[known] = places
    return numbers, tuple(f"class {int(number)}" for number in distinct)


def _of_rows(rows: np.ndarray) -> np.ndarray:
    if rows.dtype.kind not in "biuf" or not np.isin(rows, (0, 1)).all() or (rows.sum(axis=1) > 1).any():
        raise InputError(
            f"labels of shape {rows.shape} must have at most one 1 in every row: nodes have one class"
        )
    _check_count(rows.shape[1])
    return np.where(rows.any(axis=1), rows.argmax(axis=1), UNKNOWN).astype(np.int64)


def _check_count(classes: int) -> None:
    if classes > MAX_CLASSES:
        raise InputError(f"a graph may have at most {MAX_CLASSES} classes, got {classes:,}")


def _odd(values: np.ndarray) -> str:
    """The first value that is no whole number, or the type of the values."""
    if values.dtype.kind != "f":
        return str(values.dtype)
    return f"{values[values != np.rint(values)][0]:g}"


def dense_labels(matrix: sp.csr_array) -> np.ndarray:
    """Labels stored as a sparse matrix: a row or column of class numbers, or one row per node with a one.

    Raises:
        InputError: too large to be labels.
    """
    if min(matrix.shape) > MAX_CLASSES:
        raise InputError(
            f"sparse labels must have one column per class, at most {MAX_CLASSES}, got {matrix.shape}"
        )
    dense = np.asarray(matrix.toarray())
    return dense.ravel() if 1 in dense.shape else dense


def stored_split(
    masks: Sequence[np.ndarray | None], nodes: int
) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray] | None, str]:
    """The split that came with a graph, and what to say about it.

    Args:
        masks: training, validation and test: each (n,) or, for several splits, (n, k) or (k, n) truth values, or node
            numbers; None where there is none.
        nodes: number of nodes.

    Returns:
        (training, validation, test) masks and a remark; None and "" if there is none of them.

    Raises:
        InputError: another shape or values, or nodes in two parts.
    """
    if all(mask is None for mask in masks):
        return None, ""
    several = "" if masks[0] is not None else "the file names no training nodes"
    parts = []
    for given in masks:
        mask, count = (np.zeros(nodes, dtype=bool), 1) if given is None else _mask(np.asarray(given), nodes)
        several = several or (f"the first of its {count} splits" if count > 1 else "")
        parts.append(mask)
    train, validation, test = parts
    if (train.astype(int) + validation + test > 1).any():
        raise InputError("training, validation and test nodes must not overlap")
    return (train, validation, test), several


def _mask(values: np.ndarray, nodes: int) -> tuple[np.ndarray, int]:
    """(n,) bool of one part of a split, and how many splits there are."""
    count = 1
    if values.ndim == 2 and nodes in values.shape:
        columns = values if values.shape[0] == nodes else values.T
        values, count = columns[:, 0], columns.shape[1]
    truths = values.dtype == bool or (values.shape == (nodes,) and np.isin(values, (0, 1)).all())
    if values.shape == (nodes,) and truths:
        return values.astype(bool), count
    numbers = values.ndim == 1 and values.dtype.kind in "iu"
    if not numbers or (values.size and (values.min() < 0 or values.max() >= nodes)):
        raise InputError(
            f"a stored split must be a mask of {nodes} nodes or node numbers, got shape {values.shape}"
        )
    mask = np.zeros(nodes, dtype=bool)
    mask[values] = True
    return mask, count
