"""GraphML files with binary node attributes.

Node data that are true/false, or 0 and 1 throughout, become attributes; `class`, or a `label` that repeats, names the
class; numbers `x` and `y` are the layout. Nodes without data have what the key declares as default. Everything else is
ignored.
"""

from __future__ import annotations

import warnings
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import BinaryIO, NoReturn
from xml.etree import ElementTree
from xml.parsers import expat

import networkx as nx
import numpy as np
import scipy.sparse as sp

from lrscore.errors import InputError
from models.graphs.attributed import AttributedGraph
from models.graphs.graphml_columns import (
    CLASS_KEYS,
    LAYOUT_KEYS,
    NAME_KEYS,
    VIEWER_KEYS,
    Table,
    attributes_of,
    binary_keys,
    class_key,
    classes_of,
    layout_of,
    names_of,
    unread_columns,
)
from models.graphs.reading import reading_graph

MAX_BYTES = 1 << 26
MOST_ELEMENTS = 1_000_000
MOST_DEPTH = 50
_SPACE = "{http://graphml.graphdrawing.org/xmlns}"


def read_graphml(source: str | PathLike[str] | BinaryIO, *, title: str = "") -> AttributedGraph:
    """Read a graph.

    Args:
        source: path, or an open binary file (an upload).
        title: what to call the graph.

    Raises:
        InputError: no such file, too large, no GraphML, a document type declaration, or no binary node attribute.
    """
    content = _content(source)
    with reading_graph("GraphML"), warnings.catch_warnings():
        # Of parts of GraphML that say nothing about nodes, edges and their data
        warnings.simplefilter("ignore")
        _refuse_unusual(content)
        graph = nx.read_graphml(BytesIO(content))
        if graph.number_of_nodes() == 0:
            raise InputError("the GraphML graph has no nodes")
        remark = _check_declared(ElementTree.fromstring(content), graph)
        return _from_graph(graph, title).remarked(remark)


def _from_graph(graph: nx.Graph, title: str) -> AttributedGraph:
    table = Table.of((values for _, values in graph.nodes(data=True)), graph.graph["node_default"])
    named = class_key(table)
    names, remark = binary_keys(table, {*CLASS_KEYS, *LAYOUT_KEYS, *VIEWER_KEYS})
    if not names:
        raise InputError("the GraphML graph has no binary node attribute (true/false, or 0 and 1 throughout)")
    labels, class_names = classes_of(table, named)
    layout = layout_of(table)
    places = [name for name in table.given if name.lower() in LAYOUT_KEYS and layout is not None]
    titles = [name for name in table.given if name.lower() in NAME_KEYS]
    unread = unread_columns(table, {*names, *places, *titles, str(named)})
    return AttributedGraph(
        adjacency=sp.csr_array(nx.to_scipy_sparse_array(graph, weight=None, dtype=np.float64)),
        attributes=attributes_of(table, names),
        labels=labels,
        class_names=class_names,
        node_names=names_of(table, tuple(str(node) for node in graph.nodes), named),
        attribute_names=names,
        positions=layout,
        title=title,
        remark=remark,
    ).remarked(
        "" if named is not None else "no column class, or label that repeats: classes are unknown", unread
    )


def _check_declared(root: ElementTree.Element, graph: nx.Graph) -> str:
    """What the parser passes over in silence: defaults of keys for everything, several graphs, nodes nobody declared.

    Returns:
        A remark, or nothing.

    Raises:
        InputError: nodes are declared twice, in nested graphs, or by edges only; two keys of one name.
    """
    graphs = root.findall(f"{_SPACE}graph")
    declared = [str(node.get("id")) for node in graphs[0].iter(f"{_SPACE}node")]
    if len(set(declared)) != len(declared):
        raise InputError("the GraphML graph declares a node twice")
    if set(declared) != set(map(str, graph.nodes)):
        lost = sorted(set(declared) ^ set(map(str, graph.nodes)))[0]
        raise InputError(
            f"the GraphML graph has nested graphs or edges to nodes that it does not declare: {lost!r}"
        )
    for_nodes = [key for key in root.findall(f"{_SPACE}key") if key.get("for", "all") in ("node", "all")]
    names = [str(key.get("attr.name")) for key in for_nodes if key.get("yfiles.type") is None]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"the GraphML file has two keys for nodes of the name {twice!r}")
    _defaults_for_all(for_nodes, graph)
    return f"the first graph of {len(graphs)}" if len(graphs) > 1 else ""


def _defaults_for_all(keys: list[ElementTree.Element], graph: nx.Graph) -> None:
    """Add the defaults of keys that are for all kinds of elements; the parser knows those for nodes only."""
    _, defaults = nx.readwrite.graphml.GraphMLReader().find_graphml_keys(_holding(keys))
    by_id = {key.get("id"): key.get("attr.name") for key in keys}
    for number, value in defaults.items():
        graph.graph["node_default"].setdefault(by_id[number], value)


def _holding(keys: list[ElementTree.Element]) -> ElementTree.Element:
    holder = ElementTree.Element("keys")
    holder.extend(keys)
    return holder


def _refuse_unusual(content: bytes) -> None:
    """Refuse a document type declaration, in whatever encoding (it could define entities), and what is deeper, or
    has more elements, than a graph needs: the tree of a parser takes many times the memory of the text."""
    depth = count = 0

    def refuse(*_: object) -> NoReturn:
        raise InputError("GraphML with a document type declaration is not read: it could define entities")

    def begin(name: str, attributes: object) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if depth > MOST_DEPTH or count > MOST_ELEMENTS:
            raise InputError(
                f"GraphML is read with at most {MOST_ELEMENTS:,} elements, nested {MOST_DEPTH} deep"
            )

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.Parse(content, True)


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
