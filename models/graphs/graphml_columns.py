"""What the columns of a GraphML node table mean: attributes, class, name, layout, or nothing to us.

Every decision is about a column, never about a node: one key names the classes of the whole file.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Table = list[dict[str, Any]]

CLASS_KEYS = ("class", "label")  # in this order
NAME_KEYS = ("label", "name")
LAYOUT_KEYS = ("x", "y")
VIEWER_KEYS = ("size", "r", "g", "b", "a", "alpha", "z", "weight", "width", "height", "color", "colour")
_REPEATS, _FEW = 2, 10


def column(table: Table, name: str) -> list[Any]:
    """Values of one key by node, None where it is not given."""
    return [row.get(name) for row in table]


def binary_keys(table: Table, taken: set[str]) -> tuple[tuple[str, ...], str]:
    """Names of the 0/1 or true/false keys, in order of appearance, and what to say about those left out.

    Constant keys tell no node from another; they are what viewers and exporters add. They are kept only where a
    graph has nothing else.

    Args:
        table: data of every node.
        taken: lower-case names of keys with another meaning.
    """
    names = list(dict.fromkeys(name for row in table for name in row))
    binary = [
        name
        for name in names
        if name.lower() not in taken
        and all(
            isinstance(value, bool | int | float) and value in (0, 1)
            for value in column(table, name)
            if value is not None
        )
        and any(value is not None for value in column(table, name))
    ]
    constant = [name for name in binary if len({float(value or 0) for value in column(table, name)}) == 1]
    varied = tuple(name for name in binary if name not in constant)
    if not varied:
        return tuple(
            constant
        ), "no attribute tells nodes apart: all are the same everywhere" if constant else ""
    left = f"constant columns are no attributes: {', '.join(constant[:5])}" if constant else ""
    return varied, left


def class_key(table: Table) -> str | None:
    """The one key that names the classes: `class`, or `label` where labels repeat; None if nothing does."""
    for wanted in CLASS_KEYS:
        for name in _spelled(table, wanted):
            given = [value for value in column(table, name) if value not in (None, "")]
            if given and (
                wanted == "class" or _name_classes({str(value) for value in given}, len(given), len(table))
            ):
                return name
    return None


def _name_classes(distinct: set[str], given: int, nodes: int) -> bool:
    """Whether labels are classes: they repeat (often, if there are many), or one or two nodes of more have one.

    Labels that are all different, but for a few chance repeats, are names.
    """
    if len(distinct) == given:
        return given <= _REPEATS and given < nodes
    return len(distinct) <= _FEW or given >= _REPEATS * len(distinct)


def classes_of(table: Table, key: str | None) -> tuple[np.ndarray, tuple[str, ...]]:
    """Class numbers (n,), -1 = not given, and the names in alphabetical order."""
    given = [None if key is None or row.get(key) in (None, "") else str(row[key]) for row in table]
    names = tuple(sorted({name for name in given if name is not None}))
    number = {name: index for index, name in enumerate(names)}
    return np.array([-1 if name is None else number[name] for name in given], dtype=np.int64), names


def names_of(table: Table, ids: tuple[str, ...], class_name: str | None) -> tuple[str, ...]:
    """What to call the nodes: a `label` or `name` that is not their class, else their id."""
    for wanted in NAME_KEYS:
        for name in _spelled(table, wanted):
            if name != class_name:
                given = column(table, name)
                return tuple(
                    str(value) if value not in (None, "") else own
                    for value, own in zip(given, ids, strict=True)
                )
    return ids


def layout_of(table: Table) -> np.ndarray | None:
    """(n, 2) float32 positions if every node has finite numbers `x` and `y`."""
    try:
        places = np.array([[float(row[key]) for key in LAYOUT_KEYS] for row in table], dtype=np.float64)
    except (KeyError, TypeError, ValueError):
        return None
    fits = np.isfinite(places).all() and np.abs(places).max() < np.finfo(np.float32).max
    return places.astype(np.float32) if fits else None


def _spelled(table: Table, wanted: str) -> list[str]:
    return list(dict.fromkeys(name for row in table for name in row if name.lower() == wanted))
