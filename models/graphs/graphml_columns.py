"""What the columns of a GraphML node table mean: attributes, class, name, layout, or nothing to us.

Every decision is about a column, never about a node: one key names the classes of the whole file. A column holds what
is given for some nodes and a default for the others: with a key for every node, a full table would be a thousand times
as large as the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from lrscore.errors import InputError
from lrscore.graphs.input import MAX_ATTRIBUTES
from models.graphs.arrays import MAX_ONES
from models.graphs.labels import numbers_of_texts

CLASS_KEYS = ("class", "label")  # in this order
NAME_KEYS = ("label", "name")
LAYOUT_KEYS = ("x", "y")
VIEWER_KEYS = ("size", "r", "g", "b", "a", "alpha", "z", "weight", "width", "height", "color", "colour")
_REPEATS, _FEW, _LISTED = 2, 10, 5


@dataclass(frozen=True)
class Table:
    """Data of nodes by key.

    Args:
        nodes: how many there are.
        given: by key, in order of appearance, the values of the nodes that have one, by the node's number.
        defaults: the others' values, by key; None where a key has none.
    """

    nodes: int
    given: Mapping[str, Mapping[int, Any]]
    defaults: Mapping[str, Any]

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]], defaults: Mapping[str, Any]) -> Table:
        """From the data of every node; an empty text is no value."""
        given: dict[str, dict[int, Any]] = {name: {} for name in defaults}
        nodes = 0
        for number, row in enumerate(rows):
            nodes = number + 1
            for name, value in row.items():
                if value != "":
                    given.setdefault(name, {})[number] = value
        return cls(nodes, given, defaults)

    def column(self, name: str) -> list[Any]:
        """Values of one key by node, None where there is none."""
        given, default = self.given.get(name, {}), self.defaults.get(name)
        return [given.get(node, default) for node in range(self.nodes)]

    def occurring(self, name: str) -> list[Any]:
        """The values in a column, repeats and None included, without the column."""
        given = self.given.get(name, {})
        return [*given.values(), *([self.defaults.get(name)] if len(given) < self.nodes else ())]


def binary_keys(table: Table, taken: set[str]) -> tuple[tuple[str, ...], str]:
    """Names of the 0/1 or true/false keys, in order of appearance, and what to say about those left out.

    Constant keys tell no node from another; they are what viewers and exporters add. They are kept only where a
    graph has nothing else.

    Args:
        table: data of every node.
        taken: lower-case names of keys with another meaning.
    """
    binary, constant = [], []
    for name in table.given:
        if name.lower() not in taken and _is_binary(table, name):
            binary.append(name)
            if len({float(value or 0) for value in table.occurring(name)}) == 1:
                constant.append(name)
    alike = set(constant)
    varied = tuple(name for name in binary if name not in alike)
    if not varied:
        return tuple(
            constant
        ), "no attribute tells nodes apart: all are the same everywhere" if constant else ""
    left = f"constant columns are no attributes: {', '.join(constant[:5])}" if constant else ""
    return varied, left


def _is_binary(table: Table, name: str) -> bool:
    given = [value for value in table.occurring(name) if value is not None]
    return bool(given) and all(isinstance(value, bool | int | float) and value in (0, 1) for value in given)


def attributes_of(table: Table, names: tuple[str, ...]) -> sp.csr_array:
    """(n, names) the ones of binary columns.

    Raises:
        InputError: too many columns or ones.
    """
    if len(names) > MAX_ATTRIBUTES:
        raise InputError(f"a graph may have at most {MAX_ATTRIBUTES:,} attributes, got {len(names):,}")
    rows: list[int] = []
    columns: list[int] = []
    for place, name in enumerate(names):
        given = table.given[name]
        ones = [node for node, value in given.items() if value]
        if table.defaults.get(name):
            ones += [node for node in range(table.nodes) if node not in given]
        if len(rows) + len(ones) > MAX_ONES:
            raise InputError(f"a graph may have at most {MAX_ONES:,} attributes present in all its nodes")
        rows += ones
        columns += [place] * len(ones)
    return sp.csr_array((np.ones(len(rows)), (rows, columns)), shape=(table.nodes, len(names)))


def class_key(table: Table) -> str | None:
    """The one key that names the classes: `class`, or `label` where labels repeat; None if nothing does."""
    for wanted in CLASS_KEYS:
        for name in _spelled(table, wanted):
            given = [value for value in table.column(name) if value not in (None, "")]
            if given and (
                wanted == "class" or _name_classes({str(value) for value in given}, len(given), table.nodes)
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
    """Class numbers (n,), -1 = not given, and the names in alphabetical order; none where they are numbers."""
    values = [None] * table.nodes if key is None else table.column(key)
    return numbers_of_texts(["" if value is None else str(value) for value in values])


def unread_columns(table: Table, read: set[str]) -> str:
    """What to say about columns that mean nothing here; empty if there are none.

    Args:
        read: names of those that do.
    """
    known = {*read, *(name for name in table.given if name.lower() in VIEWER_KEYS or _is_binary(table, name))}
    left = [name for name in table.given if name not in known]
    if not left:
        return ""
    more = f" and {len(left) - _LISTED} more" if len(left) > _LISTED else ""
    return f"left out, as they do not say yes or no of a node: {', '.join(left[:_LISTED])}{more}"


def names_of(table: Table, ids: tuple[str, ...], class_name: str | None) -> tuple[str, ...]:
    """What to call the nodes: a `label` or `name` that is not their class, else their id."""
    for wanted in NAME_KEYS:
        for name in _spelled(table, wanted):
            if name != class_name:
                return tuple(
                    str(value) if value not in (None, "") else own
                    for value, own in zip(table.column(name), ids, strict=True)
                )
    return ids


def layout_of(table: Table) -> np.ndarray | None:
    """(n, 2) float32 positions if every node has finite numbers `x` and `y`."""
    try:
        places = np.array([table.column(key) for key in LAYOUT_KEYS], dtype=np.float64).T
    except (TypeError, ValueError):
        return None
    fits = np.isfinite(places).all() and np.abs(places).max() < np.finfo(np.float32).max
    return places.astype(np.float32) if fits else None


def _spelled(table: Table, wanted: str) -> list[str]:
    return [name for name in table.given if name.lower() == wanted]
