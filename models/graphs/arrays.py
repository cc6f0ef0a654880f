"""Where the `.npz` files of this field keep adjacency, attributes, labels and splits.

One graph, many spellings: `adj_matrix.data` (SparseGraph), `adj_data` (gnn-benchmark, nettack, torch-geometric's
Amazon and Coauthor files), `edges` with `node_features` and `node_labels` (heterophilous graphs), torch-geometric's own
`edge_index`, `x` and `y`, dense matrices. All are read by the same few rules.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import scipy.sparse as sp

from lrscore.errors import InputError
from lrscore.graphs.input import MAX_ATTRIBUTES, MAX_NODES

MAX_ONES = 20_000_000
"""Nonzero entries of a matrix in a file: edges, or attributes present in all nodes."""

ADJACENCY = ("adj_matrix", "adj", "adjacency", "adjacency_matrix", "A")
EDGES = ("edge_index", "edges", "edge_list")
ATTRIBUTES = ("attr_matrix", "attr", "attributes", "node_features", "features", "x", "X", "node_attr")
LABELS = ("labels", "node_labels", "label", "y", "Y")
_TRAIN, _VAL = (
    ("train_mask", "train_masks", "train_idx", "idx_train"),
    ("val_mask", "val_masks", "val_idx", "idx_val"),
)
SPLITS = (_TRAIN, (*_VAL, "valid_mask", "valid_idx"), ("test_mask", "test_masks", "test_idx", "idx_test"))
NAMES = {"class": ("class_names",), "node": ("node_names",), "attribute": ("attr_names", "attribute_names")}
_PARTS = ("data", "indices", "indptr", "shape")
_COORDINATES = ("data", "row", "col", "shape")
_SEPARATORS = (".", "_")
_LONGEST = max(MAX_NODES, MAX_ATTRIBUTES)

Arrays = Mapping[str, np.ndarray]


def find_array(archive: Arrays, names: tuple[str, ...]) -> np.ndarray | None:
    """The first array of one of these names."""
    return next((np.asarray(archive[name]) for name in names if name in archive), None)


def passed_over(archive: Arrays) -> str:
    """What to say where several arrays could be the edges, attributes or labels: which one is read; else empty."""
    remarks = []
    for names in ((*EDGES, *ADJACENCY), ATTRIBUTES, LABELS):
        found = [name for name in names if _holds(archive, name)]
        if len(found) > 1:
            remarks.append(
                f"{found[0]} is read, {' and '.join(found[1:])} {'is' if len(found) == 2 else 'are'} not"
            )
    return "; ".join(remarks)


def _holds(archive: Arrays, name: str) -> bool:
    parts = [f"{name}{separator}{part}" for separator in _SEPARATORS for part in ("indptr", "indices", "row")]
    return any(one in archive for one in (name, *parts))


def find_matrix(archive: Arrays, names: tuple[str, ...]) -> sp.csr_array | None:
    """The first sparse or dense matrix of one of these names; entries as stored, repeats not added up.

    Raises:
        InputError: a part is missing, or it is no matrix of finite numbers.
    """
    for name in names:
        for separator in _SEPARATORS:
            if f"{name}{separator}indptr" in archive or f"{name}{separator}indices" in archive:
                return _compressed(archive, f"{name}{separator}", name)
            if f"{name}{separator}row" in archive and f"{name}{separator}col" in archive:
                return _coordinates(archive, f"{name}{separator}", name)
        if name in archive:
            dense = np.asarray(archive[name])
            if dense.ndim == 2:
                _few_enough(int(np.count_nonzero(dense)), name)
                _shape(np.array(dense.shape), name)
                return sp.csr_array(_numbers(dense, name))
            raise InputError(f"{name} must be a two-dimensional matrix, got shape {dense.shape}")
    return None


def find_edges(archive: Arrays, nodes: int) -> sp.csr_array | None:
    """The adjacency (n, n) from a list of edges, (2, E) or (E, 2).

    Raises:
        InputError: no list of pairs of node numbers.
    """
    for name in EDGES:
        if name not in archive:
            continue
        pairs = np.asarray(archive[name])
        if pairs.ndim != 2 or 2 not in pairs.shape or pairs.dtype.kind not in "iuf" or nodes > MAX_NODES:
            raise InputError(f"{name} must hold pairs of node numbers, got shape {pairs.shape}")
        rows_are_ends = pairs.shape[0] == 2 and (name == "edge_index" or pairs.shape[1] != 2)
        _few_enough(pairs.size // 2, name)
        ends = pairs if rows_are_ends else pairs.T
        if (ends != np.rint(ends)).any() or (ends.size and (ends.min() < 0 or ends.max() >= nodes)):
            raise InputError(f"{name} must name nodes 0 to {nodes - 1}, got {ends.min():g} to {ends.max():g}")
        first, second = ends.astype(np.int64)
        return sp.csr_array((np.ones(first.size), (first, second)), shape=(nodes, nodes))
    return None


def _compressed(archive: Arrays, prefix: str, name: str) -> sp.csr_array:
    lost = [f"{prefix}{part}" for part in _PARTS if f"{prefix}{part}" not in archive]
    if lost:
        raise InputError(f"the sparse matrix {name} is incomplete; missing: {', '.join(lost)}")
    data, indices, indptr, shape = (np.asarray(archive[f"{prefix}{part}"]) for part in _PARTS)
    _few_enough(max(data.size, indices.size), name)
    matrix = sp.csr_array(
        (_numbers(data, name), _whole(indices, name), _whole(indptr, name)), shape=_shape(shape, name)
    )
    matrix.check_format(full_check=True)  # indices in range, pointers ascending
    return matrix


def _coordinates(archive: Arrays, prefix: str, name: str) -> sp.csr_array:
    lost = [f"{prefix}{part}" for part in _COORDINATES if f"{prefix}{part}" not in archive]
    if lost:
        raise InputError(f"the sparse matrix {name} is incomplete; missing: {', '.join(lost)}")
    data, row, col, shape = (np.asarray(archive[f"{prefix}{part}"]) for part in _COORDINATES)
    _few_enough(data.size, name)
    nonzero = _numbers(data, name) != 0
    places = (_whole(row, name)[nonzero], _whole(col, name)[nonzero])
    return sp.csr_array((np.ones(int(nonzero.sum())), places), shape=_shape(shape, name))


def _shape(shape: np.ndarray, name: str) -> tuple[int, int]:
    if shape.shape != (2,) or shape.dtype.kind not in "iu" or shape.min() < 0:
        raise InputError(
            f"{name} must be a two-dimensional matrix of finite numbers, got shape {shape.tolist()}"
        )
    if max(shape) > _LONGEST:
        raise InputError(f"{name} may have at most {_LONGEST:,} rows and columns, got {shape.tolist()}")
    return int(shape[0]), int(shape[1])


def _few_enough(entries: int, name: str) -> None:
    if entries > MAX_ONES:
        raise InputError(f"{name} may have at most {MAX_ONES:,} entries that are not 0, got {entries:,}")


def _whole(values: np.ndarray, name: str) -> np.ndarray:
    if values.ndim != 1 or values.dtype.kind not in "iu":
        raise InputError(
            f"positions in {name} must be whole numbers, got {values.dtype} of shape {values.shape}"
        )
    return values.astype(np.int64)


def _numbers(values: np.ndarray, name: str) -> np.ndarray:
    """Finite numbers or truth values; half precision and the like as double."""
    if values.dtype.kind not in "biuf" or not np.isfinite(values).all():
        raise InputError(f"{name} must be a two-dimensional matrix of finite numbers, got {values.dtype}")
    return (values != 0).astype(np.float64) if values.dtype.kind == "b" else values.astype(np.float64)
