"""Reference labels of any kind of input: whole numbers, in range, in a model's own numbering."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from lrscore.errors import InputError

VOID_NAMES = ("void", "unlabelled", "unlabeled", "ignore", "ignored", "ignoreregion")
"""Names that stand for no class at all."""
_WHITE = 255
_ALIASES = {
    "signsymbol": "sign",
    "trafficsign": "sign",
    "sidewalk": "pavement",
    "vegetation": "tree",
    "cyclist": "bicyclist",
    "airplane": "aeroplane",
    "motorcycle": "motorbike",
    "couch": "sofa",
    "tv": "tvmonitor",
    "television": "tvmonitor",
}


def whole_labels(values: object, what: str) -> np.ndarray:
    """Labels as int64, whatever type of number they came in.

    Args:
        values: array or tensor of whole numbers or truth values.
        what: what to call them in an error.

    Raises:
        InputError: NaN, fractions, or no numbers at all.
    """
    detach = getattr(values, "detach", None)
    array = np.asarray(values if detach is None else detach().cpu().numpy())
    if array.dtype.kind not in "biuf":
        raise InputError(f"{what} must be whole numbers, got {array.dtype}")
    flat = array.ravel()
    odd = flat[flat != np.rint(flat)] if array.dtype.kind == "f" else flat[:0]
    if odd.size or (array.size and float(np.abs(array.astype(np.float64)).max()) >= 2**53):
        raise InputError(f"{what} must be whole numbers, got {odd[0] if odd.size else array.max():g}")
    return array.astype(np.int64)


def within_classes(
    labels: np.ndarray, classes: int, unknown: int, what: str, *, called: str = "unknown"
) -> np.ndarray:
    """The labels, if each is a class from 0 on or the number that stands for no label.

    Raises:
        InputError: another number.
    """
    strange = np.unique(labels[(labels != unknown) & ((labels < 0) | (labels >= classes))])
    if strange.size:
        raise InputError(
            f"{what} must be classes 0 to {classes - 1} or {unknown} for {called}, got {strange[0]}"
        )
    return labels


def refuse_white(labels: np.ndarray, classes: int, what: str) -> None:
    """Refuse a mask of two classes that holds 0 and 255 and nothing else: white is void, and half of it would be lost.

    Args:
        labels: as stored, before any value is taken for void.
        classes: how many the mask distinguishes.
        what: to call the mask by.

    Raises:
        InputError: it is one.
    """
    if classes == 2 and np.array_equal(np.unique(labels), (0, _WHITE)):
        raise InputError(
            f"{what} holds 0 and {_WHITE} alone, and {_WHITE} is void: store 1 for the second class, or say that "
            f"{_WHITE} is void (--void {_WHITE}) if the mask knows one class only"
        )


def canonical(name: str) -> str:
    """A class name as it is compared: letters and digits in lower case, common second names replaced."""
    plain = re.sub(r"[\W_]+", "", name.casefold())
    return _ALIASES.get(plain, plain)


def is_void(name: str) -> bool:
    """Whether a name stands for pixels without a class."""
    return re.sub(r"[\W_]+", "", name.casefold()) in VOID_NAMES


def class_map(names: Sequence[str], model_names: Sequence[str]) -> tuple[int | None, ...] | None:
    """The model's number of every class name, None for void; None altogether if the two have other classes.

    Names are compared without case, spaces and punctuation, and with aliases; as spelled, where that would make two
    names of one list equal.
    """
    for compared in (canonical, str):
        own, theirs = [compared(name) for name in names], [compared(name) for name in model_names]
        if len(set(own)) < len(own) or len(set(theirs)) < len(theirs):
            continue
        here = {name for name, stored in zip(own, names, strict=True) if not is_void(stored)}
        there = {name for name, stored in zip(theirs, model_names, strict=True) if not is_void(stored)}
        if here == there:
            return tuple(theirs.index(name) if name in there else None for name in own)
        return None
    return None


def other_classes(names: Sequence[str], model_names: Sequence[str], what: str) -> str:
    """What to say where the two have other classes: which names only one of them has."""
    own, theirs = {canonical(name) for name in names}, {canonical(name) for name in model_names}
    here = [name for name in names if canonical(name) not in theirs and not is_void(name)]
    there = [name for name in model_names if canonical(name) not in own and not is_void(name)]
    parts = [
        f"only {owner} has {', '.join(some[:8])}{' ...' if len(some) > 8 else ''}"
        for owner, some in (("the reference", here), ("the model", there))
        if some
    ]
    return f"The model's classes are not those of {what}, so nothing is counted as right or wrong" + (
        f": {'; '.join(parts)}." if parts else "."
    )
