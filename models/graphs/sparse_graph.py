"""`.npz` files of attributed graphs: adjacency, attributes, labels, names, as `models.graphs.arrays` finds them.

Only the arrays that are needed are read, never as pickles, and only after the archive has told their sizes.
"""

from __future__ import annotations

import math
import zipfile
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import scipy.sparse as sp

from lrscore.atomic import write_bytes
from lrscore.errors import InputError
from lrscore.plain_text import one_line
from models.graphs.arrays import (
    ADJACENCY,
    ATTRIBUTES,
    EDGES,
    LABELS,
    NAMES,
    SPLITS,
    Arrays,
    find_array,
    find_edges,
    find_matrix,
    passed_over,
)
from models.graphs.attributed import AttributedGraph
from models.graphs.labels import absent_classes, class_numbers, dense_labels, stored_split
from models.graphs.reading import reading_graph

MAX_UNPACKED_BYTES = 1 << 29
MOST_ARRAYS = 200
_CROWDED = 0.5  # share of ones from which a remark asks whether binary attributes mean anything


def read_sparse_graph(source: str | PathLike[str] | BinaryIO, *, title: str = "") -> AttributedGraph:
    """Read a graph file.

    Args:
        source: path, or an open binary file (an upload).
        title: what to call the graph.

    Raises:
        InputError: no such file, no npz archive, too large, pickled content, or arrays that do not fit together.
    """
    with reading_graph(".npz"):
        if isinstance(source, str | PathLike) and not Path(source).is_file():
            raise InputError(f"no graph file at {source}")
        _check_sizes(source)
        try:
            with np.load(source, allow_pickle=False) as archive:
                return _from_archive(archive, title)
        except ValueError as error:
            if "allow_pickle" not in str(error):
                raise
            raise InputError(
                "the file is no usable .npz graph: it holds pickled objects where numbers or texts are needed, which "
                "are never loaded"
            ) from error


def _check_sizes(source: str | PathLike[str] | BinaryIO) -> None:
    with zipfile.ZipFile(source) as packed:
        members = packed.infolist()
        if len(members) > MOST_ARRAYS:
            raise InputError(f"the graph file holds {len(members):,} arrays; at most {MOST_ARRAYS} are read")
        total = sum(member.file_size for member in members)
        if total > MAX_UNPACKED_BYTES:
            raise InputError(
                f"the graph file unpacks to {total >> 20} MiB; at most {MAX_UNPACKED_BYTES >> 20} are read"
            )
        for member in members:
            if member.filename.endswith(".npy"):
                _check_header(packed, member)
    if not isinstance(source, str | PathLike):
        source.seek(0)


def _check_header(packed: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """An array must not promise more numbers than its file has bytes for: they are allocated before they are read."""
    with packed.open(member) as file:
        version = np.lib.format.read_magic(file)
        read = (
            np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        )
        shape, _, dtype = read(file)
    if not dtype.hasobject and math.prod(shape) * dtype.itemsize > member.file_size:
        raise InputError(
            f"the array {one_line(member.filename, 60)} promises more numbers than the file holds"
        )


def _from_archive(archive: Arrays, title: str) -> AttributedGraph:
    attributes = find_matrix(archive, ATTRIBUTES)
    if attributes is None:
        raise InputError(
            f"the .npz graph has no node attributes (none of {', '.join(ATTRIBUTES)}): what is certified is that "
            "labels withstand added and deleted attributes"
        )
    nodes = attributes.shape[0]
    adjacency = find_edges(archive, nodes)
    adjacency = find_matrix(archive, ADJACENCY) if adjacency is None else adjacency
    if adjacency is None:
        raise InputError(f"the .npz graph has no edges: none of {', '.join((*EDGES, *ADJACENCY))}")
    labels, class_names = _labels(archive, nodes)
    split, remark = stored_split([find_array(archive, names) for names in SPLITS], nodes)
    classes, unnamed = _class_names(archive, int(labels.max(initial=-1)) + 1)
    graph = AttributedGraph(
        adjacency=adjacency,
        attributes=attributes,
        labels=labels,
        class_names=class_names or classes,
        node_names=_names(archive, NAMES["node"], nodes),
        attribute_names=_names(archive, NAMES["attribute"], attributes.shape[1]),
        positions=_positions(archive, nodes),
        title=title,
        split=split,
    )
    weighted = binarised(adjacency, graph.adjacency, "weights of edges", "pairs of nodes")
    return graph.remarked(
        passed_over(archive),
        weighted,
        binarised(attributes, graph.attributes),
        absent_classes(labels),
        "" if class_names else unnamed,
        remark,
    )


def binarised(stored: sp.csr_array, ones: sp.csr_array, what: str = "attributes", pairs: str = "") -> str:
    """What to say about attributes (or weights of edges) that were not zeros and ones; empty if they were.

    Args:
        stored, ones: the matrix as stored, and what was made of it.
        what: its values.
        pairs: what all its entries are; simply "all" if empty.
    """
    if np.isin(stored.data, (0, 1)).all():
        return ""
    share = ones.nnz / (ones.shape[0] * ones.shape[1])
    doubt = (
        ", which leaves little to tell nodes apart by: choose a threshold yourself"
        if share > _CROWDED
        else ""
    )
    of_all = f"all {pairs}" if pairs else "all"
    return f"{what} were not binary: every nonzero one counts as present ({share:.1%} of {of_all}{doubt})"


def _labels(archive: Arrays, nodes: int) -> tuple[np.ndarray, tuple[str, ...]]:
    given = find_array(archive, LABELS)
    if given is None:
        sparse = find_matrix(archive, LABELS)
        if sparse is None:
            return np.full(nodes, -1), ()
        given = dense_labels(sparse)
    return class_numbers(given, nodes)


def _names(archive: Arrays, keys: tuple[str, ...], count: int) -> tuple[str, ...]:
    """So many names if they are plain text; absent or pickled ones (some archives hold None) are left out."""
    try:
        found = find_array(archive, keys)
    except ValueError:  # a pickled object: only names are lost
        return ()
    names = () if found is None or found.ndim != 1 or found.dtype.kind not in "US" else found.tolist()
    texts = [name.decode("utf-8", "replace") if isinstance(name, bytes) else name for name in names]
    return tuple(map(one_line, texts)) if len(texts) == count else ()


def _class_names(archive: Arrays, classes: int) -> tuple[tuple[str, ...], str]:
    """Names of at least so many classes, or none and what to say about those that can not be used: without them the
    numbers of graph and model are compared."""
    key = next((key for key in NAMES["class"] if key in archive), None)
    if key is None:
        return (), ""
    try:
        given = int(np.asarray(archive[key]).size)
    except ValueError:
        return (), f"{key} holds pickled objects, which are never loaded: classes have numbers only"
    names = _names(archive, (key,), given)
    if len(names) < classes or not names:
        return (), f"{key} holds no {classes} texts and is left out: classes have numbers only"
    return names, ""


def _positions(archive: Arrays, nodes: int) -> np.ndarray | None:
    if "positions" not in archive:
        return None
    positions = np.asarray(archive["positions"], dtype=np.float32)
    if positions.shape != (nodes, 2) or not np.isfinite(positions).all():
        raise InputError(f"positions must be ({nodes}, 2) finite numbers, got shape {positions.shape}")
    return positions


def write_sparse_graph(graph: AttributedGraph, path: str | PathLike[str]) -> None:
    """Write a graph in the same format, plain arrays only."""
    arrays: dict[str, Any] = {}
    for name, matrix in (("adj_matrix", graph.adjacency), ("attr_matrix", graph.attributes)):
        arrays[f"{name}.data"] = np.ones(matrix.nnz, dtype=np.uint8)
        arrays[f"{name}.indices"] = matrix.indices.astype(np.int32)
        arrays[f"{name}.indptr"] = matrix.indptr.astype(np.int32)
        arrays[f"{name}.shape"] = np.array(matrix.shape)
    arrays["labels"] = graph.labels
    for key, names in (
        ("class_names", graph.class_names),
        ("node_names", graph.node_names),
        ("attr_names", graph.attribute_names),
    ):
        if names:
            arrays[key] = np.array(names)
    if graph.positions is not None:
        arrays["positions"] = graph.positions.astype(np.float32)
    if graph.split is not None:
        arrays |= {names[0]: mask for names, mask in zip(SPLITS, graph.split, strict=True)}
    content = BytesIO()
    np.savez_compressed(content, **arrays)
    write_bytes(path, content.getvalue())
