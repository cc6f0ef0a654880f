"""Plain Python values in settings: what can be written into a file, whatever numbers the caller had at hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from lrscore.errors import SettingsError

_HUGE = 309


def store_plain(settings: Any) -> None:
    """Replace every value of a frozen dataclass by plain Python, while it is being built.

    NumPy's and torch's numbers and arrays become numbers and tuples. A field declared as a number, a truth value or
    a text (alone, or with None) takes nothing else: a text is no number, a number no truth value.

    Raises:
        SettingsError: a value of another kind than its field declares.
    """
    for field in fields(settings):
        value = plain(getattr(settings, field.name))
        kinds = {kind.strip() for kind in str(field.type).split("|")}
        if not (value is None and "None" in kinds):
            value = _of_kind(field.name, value, kinds - {"None"})
        object.__setattr__(settings, field.name, value)


def plain(value: Any) -> Any:
    """A value without NumPy and torch in it: numbers, texts, truth values, tuples of such."""
    if isinstance(value, np.ndarray | np.generic) or hasattr(value, "detach"):
        value = value.tolist()
    if isinstance(value, list | tuple | range):
        return tuple(plain(item) for item in value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return value


def _of_kind(name: str, value: Any, kinds: set[str]) -> Any:
    """The value, checked against the kinds of a field; other kinds than the plain ones are left to who knows them."""
    if kinds == {"bool"} and not isinstance(value, bool):
        raise SettingsError(f"{name} must be true or false, got {value!r:.80}")
    if kinds == {"int"} and (isinstance(value, bool) or not isinstance(value, int)):
        raise SettingsError(f"{name} must be a whole number, got {value!r:.80}")
    if kinds == {"str"} and not isinstance(value, str):
        raise SettingsError(f"{name} must be a text, got {value!r:.80}")
    if kinds == {"float"}:
        return _real(name, value)
    return value


def _real(name: str, value: Any) -> Any:
    """A number that can be stored: fractions and decimals become floats, whole numbers stay."""
    if isinstance(value, bool | str | tuple | dict) or value is None:
        raise SettingsError(f"{name} must be a number, got {value!r:.80}")
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise SettingsError(f"{name} must be a number, got {value!r:.80}") from error
    if isinstance(value, int | float):
        return value
    if math.isnan(number):
        raise SettingsError(f"{name} must be a number, got {value!r:.80}")
    return number


def numbers(name: str, value: Any, expected: str) -> tuple[float, ...]:
    """A sequence of numbers as floats.

    Args:
        expected: what it must be, for the error.

    Raises:
        SettingsError: no sequence, or something in it is no number.
    """
    if not isinstance(value, list | tuple) or not all(_is_number(item) for item in value):
        raise SettingsError(f"{name} must be {expected}, got {value!r:.80}")
    try:
        return tuple(float(item) for item in value)
    except OverflowError as error:
        raise SettingsError(f"{name} must be {expected}, got a number of {_HUGE} digits or more") from error


def number_array(name: str, value: Any, expected: str) -> np.ndarray:
    """Nested sequences of numbers as a float64 array.

    Raises:
        SettingsError: ragged, or something in it is no number.
    """
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise SettingsError(f"{name} must be {expected}, got rows of different lengths") from error
    if array.dtype.kind not in "iuf":
        raise SettingsError(f"{name} must be {expected}, got {value!r:.80}")
    return array.astype(np.float64)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
