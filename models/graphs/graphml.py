"""GraphML files with binary node attributes.

Node data that are true/false, or 0 and 1 throughout, become attributes; `label` or `class` names the class; numbers
`x` and `y` are the layout. Everything else is ignored.
"""

from __future__ import annotations

from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

import networkx as nx
import numpy as np
import scipy.sparse as sp

from lrscore.errors import InputError
from models.graphs.attributed import AttributedGraph

MAX_BYTES = 1 << 26
_CLASS_KEYS = ("label", "class")
_LAYOUT_KEYS = ("x", "y")


def read_graphml(source: str | PathLike[str] | BinaryIO, *, title: str = "") -> AttributedGraph:
    """Read a graph.

    Args:
        source: path, or an open binary file (an upload).
        title: what to call the graph.

    Raises:
        InputError: no such file, too large, no GraphML, a document type declaration, or no binary node attribute.
    """
    content = _content(source)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise InputError("GraphML with a document type declaration is not read: it could define entities")
    try:
        graph = nx.read_graphml(BytesIO(content))
    except (nx.NetworkXError, ParseError, ValueError, KeyError, TypeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"the file is no usable GraphML graph: {reason}") from error
    if graph.number_of_nodes() == 0:
        raise InputError("the GraphML graph has no nodes")
    table = [dict(values) for _, values in graph.nodes(data=True)]
    names = _binary_keys(table)
    if not names:
        raise InputError("the GraphML graph has no binary node attribute (true/false, or 0 and 1 throughout)")
    labels, class_names = _classes(table)
    return AttributedGraph(
        adjacency=sp.csr_array(nx.to_scipy_sparse_array(graph, weight=None, dtype=np.float64)),
        attributes=sp.csr_array(np.array([[float(row.get(name, 0)) for name in names] for row in table])),
        labels=labels,
        class_names=class_names,
        node_names=tuple(str(node) for node in graph.nodes),
        attribute_names=names,
        positions=_layout(table),
        title=title,
    )


def _content(source: str | PathLike[str] | BinaryIO) -> bytes:
    if not isinstance(source, str | PathLike):
        content = source.read(MAX_BYTES + 1)
    elif Path(source).is_file():
        with open(source, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    else:
        raise InputError(f"no graph file at {source}")
    if len(content) > MAX_BYTES:
        raise InputError(f"a GraphML file may have at most {MAX_BYTES >> 20} MiB")
    return content


def _binary_keys(table: list[dict[str, Any]]) -> tuple[str, ...]:
    """Names of the data that are 0/1 or true/false wherever they are given, in order of appearance."""
    kept: dict[str, bool] = {}
    for row in table:
        for key, value in row.items():
            binary = isinstance(value, bool | int | float) and value in (0, 1)
            kept[key] = kept.get(key, True) and binary
    return tuple(
        key for key, binary in kept.items() if binary and key.lower() not in (*_CLASS_KEYS, *_LAYOUT_KEYS)
    )


def _classes(table: list[dict[str, Any]]) -> tuple[np.ndarray, tuple[str, ...]]:
    given = [next((str(row[key]) for key in row if key.lower() in _CLASS_KEYS), None) for row in table]
    names = tuple(sorted({name for name in given if name is not None}))
    number = {name: index for index, name in enumerate(names)}
    return np.array([-1 if name is None else number[name] for name in given], dtype=np.int64), names


def _layout(table: list[dict[str, Any]]) -> np.ndarray | None:
    if not all(all(isinstance(row.get(key), int | float) for key in _LAYOUT_KEYS) for row in table):
        return None
    positions = np.array([[row[key] for key in _LAYOUT_KEYS] for row in table], dtype=np.float32)
    return positions if np.isfinite(positions).all() else None
