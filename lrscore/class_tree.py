"""A tree of classes: which sets of classes a label may be, where the class itself is not certain."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lrscore.errors import InputError
from lrscore.layouts import SIZES
from lrscore.plain_text import parse_json
from lrscore.references import canonical

MOST_GROUPS = 1_000
MOST_CLASSES = SIZES["class"]
_DEEPEST = 16
_LONGEST_NAME = 80
_LONGEST = 1 << 20


@dataclass(frozen=True)
class ClassTree:
    """Sets of classes with names; any two are disjoint, or one holds the other.

    A *node* is a number: below `classes` the class itself, from `classes` on a group. The root, all classes, is no
    node: it says nothing.

    Args:
        classes: number of classes.
        names: of the groups.
        members: class numbers of every group, ascending.

    Raises:
        InputError: a group that says nothing (fewer than two classes, or all of them) or repeats another one, two
            groups that overlap, a class that does not exist, or more groups than are read.
    """

    classes: int
    names: tuple[str, ...] = ()
    members: tuple[tuple[int, ...], ...] = ()

    def __post_init__(self) -> None:
        if self.classes > MOST_CLASSES:
            raise InputError(f"a tree of classes may have at most {MOST_CLASSES:,}, got {self.classes:,}")
        if len(self.names) != len(self.members) or len(self.names) > MOST_GROUPS:
            raise InputError(f"a tree of classes must have one name a group, at most {MOST_GROUPS:,} groups")
        for name, group in zip(self.names, self.members, strict=True):
            if not isinstance(name, str) or not name.isprintable() or not 0 < len(name) <= _LONGEST_NAME:
                raise InputError(f"a group of classes must have a name on one line, got {name!r:.90}")
            if list(group) != sorted(set(group)) or not 1 < len(group) < self.classes:
                raise InputError(f"the group {name!r} must hold some of the classes, each once, in order")
            if group[0] < 0 or group[-1] >= self.classes:
                raise InputError(f"the group {name!r} must hold classes 0 to {self.classes - 1}, got {group}")
        masks = [sum(1 << number for number in group) for group in self.members]
        for one, mask in enumerate(masks):
            for other in masks[:one]:
                common = mask & other
                if common and (common not in (mask, other) or mask == other):
                    raise InputError(f"the group {self.names[one]!r} overlaps another one of the tree")

    @classmethod
    def from_names(cls, groups: Mapping[str, Any], class_names: Sequence[str]) -> ClassTree:
        """The tree of groups by name: each a list of class names, or again groups by name.

        Groups of one class, and one of all classes, say nothing and are left out.

        Raises:
            InputError: anything else, a name that no class has, or a class in two places.
        """
        places = {canonical(name): number for number, name in enumerate(class_names)}
        found = [
            (name, group) for name, group in _groups(groups, places, 0) if 1 < len(group) < len(class_names)
        ]
        return cls(
            len(class_names), tuple(name for name, _ in found), tuple(tuple(sorted(one)) for _, one in found)
        )

    @classmethod
    def from_text(cls, text: str) -> ClassTree:
        """The tree that `to_text` wrote.

        Raises:
            InputError, TextError: anything else.
        """
        stored = parse_json(text, "class_tree", _LONGEST)
        try:
            classes, names, members = stored["classes"], stored["names"], stored["members"]
            whole = [classes, *(number for group in members for number in group)]
            if not isinstance(names, list) or any(type(number) is not int for number in whole):
                raise TypeError
            return cls(classes, tuple(names), tuple(tuple(group) for group in members))
        except (LookupError, TypeError) as error:
            raise InputError("a stored tree of classes must hold classes, names and members") from error

    def to_text(self) -> str:
        """JSON for a file."""
        return json.dumps({"classes": self.classes, "names": self.names, "members": self.members})

    @property
    def nodes(self) -> int:
        """Number of classes and groups."""
        return self.classes + len(self.members)

    @cached_property
    def holds(self) -> np.ndarray:
        """(nodes, classes) bool: whether a node holds a class."""
        table = np.zeros((self.nodes, self.classes), dtype=bool)
        table[: self.classes] = np.eye(self.classes, dtype=bool)
        for place, group in enumerate(self.members, self.classes):
            table[place, list(group)] = True
        return table

    @cached_property
    def sizes(self) -> np.ndarray:
        """(nodes,) number of classes that each holds."""
        return self.holds.sum(axis=1)

    @cached_property
    def gains(self) -> np.ndarray:
        """(nodes,) what knowing a node says, as a share of what a class says: `log(classes / size) / log(classes)`."""
        if self.classes == 1:
            return np.zeros(self.nodes)
        return np.log(self.classes / self.sizes) / np.log(self.classes)

    def finest_first(self) -> list[int]:
        """Groups, smaller ones before those that hold them."""
        return sorted(range(self.classes, self.nodes), key=lambda node: (self.sizes[node], node))

    def node_names(self, class_names: Sequence[str]) -> tuple[str, ...]:
        """Names of all nodes; classes go by number where they have no names."""
        known = class_names or [f"class {number}" for number in range(self.classes)]
        return (*known, *self.names)


def _groups(given: Any, places: Mapping[str, int], depth: int) -> Iterator[tuple[str, list[int]]]:
    """Groups below, outer ones first, with the class numbers that each holds."""
    if depth > _DEEPEST or not isinstance(given, Mapping):
        raise InputError(
            "a tree of classes must give groups by name, each a list of class names or again groups"
        )
    for name, inside in given.items():
        if isinstance(inside, Mapping):
            below = list(_groups(inside, places, depth + 1))
            held = [number for _, group in below for number in group]
            # Inner groups list their classes again: once is enough
            yield name, list(dict.fromkeys(held))
            yield from below
        elif isinstance(inside, Sequence) and not isinstance(inside, str):
            yield name, [_place(name, one, places) for one in inside]
        else:
            raise InputError(f"the group {name!r:.80} must be a list of class names or again groups")


def _place(group: str, name: Any, places: Mapping[str, int]) -> int:
    found = places.get(canonical(name)) if isinstance(name, str) else None
    if found is None:
        raise InputError(f"the group {group!r:.80} names {name!r:.80}, which is no class of the model")
    return found
