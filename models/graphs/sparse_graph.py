"""`.npz` files of the citation graphs ("SparseGraph": CSR parts of adjacency and attributes, labels, names).

Only the arrays that are needed are read, never as pickles, and only after the archive has told their sizes.
"""

from __future__ import annotations

import zipfile
from os import PathLike
from typing import Any, BinaryIO

import numpy as np
import scipy.sparse as sp

from lrscore.errors import InputError
from models.graphs.attributed import AttributedGraph

MAX_UNPACKED_BYTES = 1 << 29
_REQUIRED = tuple(
    f"{matrix}_matrix.{part}" for matrix in ("adj", "attr") for part in ("data", "indices", "indptr", "shape")
)
_BINARISED = "attributes were not binary: every nonzero one counts as present"


def read_sparse_graph(source: str | PathLike[str] | BinaryIO, *, title: str = "") -> AttributedGraph:
    """Read a graph file.

    Args:
        source: path, or an open binary file (an upload).
        title: what to call the graph.

    Raises:
        InputError: no such file, no npz archive, too large, pickled content, or arrays that do not fit together.
    """
    try:
        _check_sizes(source)
        with np.load(source, allow_pickle=False) as archive:
            return _from_archive(archive, title)
    except InputError:
        raise
    except FileNotFoundError as error:
        raise InputError(f"no graph file at {source}") from error
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, TypeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        if "allow_pickle" in reason:
            reason = "it holds pickled objects where numbers or texts are needed, which are never loaded"
        raise InputError(f"the file is no usable .npz graph: {reason}") from error


def _check_sizes(source: str | PathLike[str] | BinaryIO) -> None:
    with zipfile.ZipFile(source) as packed:
        total = sum(member.file_size for member in packed.infolist())
    if total > MAX_UNPACKED_BYTES:
        raise InputError(
            f"the graph file unpacks to {total >> 20} MiB; at most {MAX_UNPACKED_BYTES >> 20} are read"
        )
    if not isinstance(source, str | PathLike):
        source.seek(0)


def _from_archive(archive: np.lib.npyio.NpzFile, title: str) -> AttributedGraph:
    missing = [name for name in _REQUIRED if name not in archive]
    if missing:
        raise InputError(
            f"the .npz graph must have the arrays {', '.join(_REQUIRED)}; missing: {', '.join(missing)}"
        )
    attributes = _matrix(archive, "attr_matrix")
    nodes = attributes.shape[0]
    labels = np.asarray(archive["labels"]) if "labels" in archive else np.full(nodes, -1)
    if not np.issubdtype(labels.dtype, np.integer):
        raise InputError(f"labels must be whole numbers, got {labels.dtype}")
    return AttributedGraph(
        adjacency=_matrix(archive, "adj_matrix"),
        attributes=attributes,
        labels=labels.astype(np.int64),
        class_names=_names(archive, "class_names", int(labels.max(initial=-1)) + 1),
        node_names=_names(archive, "node_names", nodes),
        attribute_names=_names(archive, "attr_names", attributes.shape[1]),
        positions=_positions(archive, nodes),
        title=title,
        remark="" if np.isin(attributes.data, (0, 1)).all() else _BINARISED,
    )


def _matrix(archive: np.lib.npyio.NpzFile, name: str) -> sp.csr_array:
    data, indices, indptr, shape = (
        archive[f"{name}.{part}"] for part in ("data", "indices", "indptr", "shape")
    )
    if shape.shape != (2,) or not np.issubdtype(data.dtype, np.number) or not np.isfinite(data).all():
        raise InputError(f"{name} must be a two-dimensional matrix of finite numbers")
    matrix = sp.csr_array((data, indices, indptr), shape=(int(shape[0]), int(shape[1])))
    matrix.check_format(full_check=True)  # indices in range, pointers ascending
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return matrix


def _names(archive: np.lib.npyio.NpzFile, key: str, count: int) -> tuple[str, ...]:
    """Names if they are plain text and fit; absent or pickled ones (some archives hold None) are left out."""
    if key not in archive:
        return ()
    try:
        names = archive[key]
    except ValueError:  # a pickled object: only names are lost
        return ()
    fits = names.dtype.kind == "U" and names.ndim == 1 and names.size >= count
    return tuple(str(name).strip() for name in names) if fits else ()


def _positions(archive: np.lib.npyio.NpzFile, nodes: int) -> np.ndarray | None:
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
    with open(path, "wb") as file:
        np.savez_compressed(file, **arrays)
