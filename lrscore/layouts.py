"""Everything that a certificate file may hold: names, dimensions, kinds of numbers, and how much of each.

What is not listed here is refused, before any of it is read (`lrscore.plain_files`); the same lists name the dimensions
of what is written. docs/files.md says it for people.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

FORMAT = "lrscore-certificate"
FORMAT_VERSION = 1

Dimensions = tuple[str, ...]

WHOLE, REAL, TRUTH = "ui", "uif", "uib"
"""Kinds of numbers, as NumPy abbreviates them; truth values may be stored as whole numbers."""

MOST_BYTES = 1 << 28
"""Of a file."""
MOST_ENTRIES = 1 << 26
"""Numbers in one variable."""
MOST_ENTRIES_IN_ALL = 1 << 27
MOST_CURVES = 64
MOST_ATTRIBUTES = 32
MOST_CHUNK_BYTES = 1 << 26
CURVE_NAME = re.compile(r"(correct-)?[0-9]{1,4}-[a-z]{1,20}|targets-[A-Za-z0-9_]{1,40}-[a-z]{1,20}")

SIZES: Mapping[str, int] = {
    "y": 1 << 15,
    "x": 1 << 15,
    "channel": 64,
    "class": 1_000,
    "group": 1 << 16,
    "region": 1 << 12,
    "node": 100_000,
    "edge": 5_000_000,
    "end": 2,
    "kind": 4,
    "pair": 1 << 12,
    "axis": 2,
    "cluster": 1 << 12,
    "other_cluster": 1 << 12,
    "budget": 1 << 14,
    "proof_node": 1 << 22,
    "vector": 1 << 20,
    "output": 1 << 23,
}
"""The most there may be along a dimension; along others as many as `MOST_ENTRIES` allows."""

_SHORT, _LONG = 4_000, 1 << 24


@dataclass(frozen=True)
class Variable:
    """An array of a file.

    Args:
        dimensions: names along which it may extend; several possibilities where its form depends on the settings.
        kinds: of numbers.
        needed: whether every file has it.
    """

    dimensions: tuple[Dimensions, ...]
    kinds: str = WHOLE
    needed: bool = True


@dataclass(frozen=True)
class Layout:
    """What the root of a kind of certificate may hold.

    Args:
        variables: its arrays by name.
        texts: the longest text of each name.
    """

    variables: Mapping[str, Variable]
    texts: Mapping[str, int]

    @property
    def dimensions(self) -> dict[str, Dimensions]:
        """Names of every array's dimensions, where there is one possibility."""
        return {name: one.dimensions[0] for name, one in self.variables.items() if len(one.dimensions) == 1}


def _one(*dimensions: str, kinds: str = WHOLE, needed: bool = True) -> Variable:
    return Variable((dimensions,), kinds, needed)


_PIXEL, _PAIR = ("y", "x"), ("group", "region")
IMAGE = Layout(
    {
        "image": _one("channel", *_PIXEL, kinds=REAL),
        "labels": _one(*_PIXEL),
        "pilot_votes": _one(*_PIXEL, "class"),
        "agreements": _one(*_PIXEL),
        "trials": _one("group"),
        "probabilities": _one(*_PIXEL, kinds=REAL),
        "thresholds": _one(*_PIXEL, kinds=REAL),
        "groups": _one(*_PIXEL),
        "noise_levels": _one(*_PAIR, kinds=REAL),
        "weights": _one(*_PAIR, kinds=REAL),
        "reference": _one(*_PIXEL, needed=False),
        "unsmoothed": _one(*_PIXEL, needed=False),
        "nodes": _one(*_PIXEL, needed=False),
        "contested": _one(*_PIXEL, kinds=TRUTH, needed=False),
        "rival_votes": _one(*_PIXEL, needed=False),
        "rivals": _one(*_PIXEL, kinds=REAL, needed=False),
    },
    {
        "guarantee": _SHORT,
        "settings": _LONG,
        "plan": 1 << 16,
        "look": 40,
        "class_names": 1 << 20,
        "provenance": 1 << 18,
        "class_tree": 1 << 20,
    },
)

GRAPH = Layout(
    {
        "edges": _one("end", "edge"),
        "clusters": _one("node"),
        "labels": _one("node"),
        "pilot_scores": _one("node", "class", kinds=REAL),
        "pilot": Variable((("pilot_axis0", "pilot_axis1"), ("pilot_axis0", "pilot_axis1", "pilot_axis2"))),
        "counts": Variable(
            (("counts_axis0", "counts_axis1"), ("counts_axis0", "counts_axis1", "counts_axis2"))
        ),
        "trials": _one("cluster"),
        "probabilities": _one("node", kinds=REAL),
        "thresholds": _one("node", kinds=REAL),
        "groups": _one("node"),
        "ranks": _one("cluster", "other_cluster"),
        "noise_levels": _one("kind", "cluster", "other_cluster", kinds=REAL),
        "weights": _one("kind", "group", "cluster", kinds=REAL),
        "pairs": _one("pair", "end", needed=False),
        "edge_levels": _one("kind", "cluster", "pair", kinds=REAL, needed=False),
        "edge_weights": _one("kind", "group", "pair", kinds=REAL, needed=False),
        "reference": _one("node", needed=False),
        "positions": _one("node", "axis", kinds=REAL, needed=False),
        "ones": _one("end", "one", needed=False),
        "training": _one("node", kinds=TRUTH, needed=False),
        "unsmoothed": _one("node", needed=False),
        "exact_probabilities": _one("node", kinds=REAL, needed=False),
        "exact_thresholds": _one("node", kinds=REAL, needed=False),
        "nodes": _one("node", needed=False),
        "contested": _one("node", kinds=TRUTH, needed=False),
        "rival_votes": _one("node", needed=False),
        "rivals": _one("node", kinds=REAL, needed=False),
    },
    {
        "guarantee": _SHORT,
        "settings": _LONG,
        "plan": 1 << 16,
        "class_names": 1 << 20,
        "provenance": 1 << 18,
        "title": _SHORT,
        "node_names": _LONG,
        "attribute_names": _LONG,
        "class_tree": 1 << 20,
    },
)

LAYOUTS: Mapping[str, Layout] = {"image": IMAGE, "graph": GRAPH}

CURVE: Mapping[str, Variable] = {
    "budgets": Variable((("budget",), ("budget", "kind")), REAL),
    "certified": _one("budget"),
    "ceiling": _one("budget"),
    "allocation": Variable((("budget", "region"), ("budget", "kind", "region")), REAL),
    "method": _one(),
    "n_outputs": _one(),
    "status": _one("budget"),
    "proof_multipliers": _one("vector", "group", kinds=REAL),
    "proof_roots": _one("budget"),
    "proof_split_groups": _one("proof_node"),
    "proof_split_values": _one("proof_node", kinds=REAL),
    "proof_children": _one("proof_node", "end"),
    "proof_leaf_multipliers": _one("proof_node"),
    "proof_enumerated": _one("budget", kinds=TRUTH),
    "proof_caps": _one("kind", "region", kinds=REAL),
    "proof_integer": _one(kinds=TRUTH),
    "proof_shares": _one("budget", kinds=TRUTH, needed=False),
    "proof_orders": _one("budget", needed=False),
    "targets": _one("output", kinds=TRUTH, needed=False),
}
"""The arrays of one stored collective certificate; their dimensions go by other names in the file."""
