"""An attributed graph between file and certificate: checked arrays, and torch-geometric data made of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
import torch
from torch_geometric.data import Data

from lrscore.errors import InputError
from lrscore.graphs.input import MAX_ATTRIBUTES, MAX_EDGES, MAX_NODES
from lrscore.plain_text import one_line

PER_CLASS = 20
_DENSE_ENTRIES = 1 << 24  # attributes of larger graphs stay sparse


@dataclass(frozen=True, eq=False)
class AttributedGraph:
    """A graph as read from a file.

    Args:
        adjacency: (n, n) sparse; any nonzero entry is an edge, whatever its sign, type or repeats; kept as ones.
        attributes: (n, d) sparse; any nonzero entry is a one; kept as ones.
        labels: (n,) int64 classes, -1 = unknown.
        class_names, node_names, attribute_names: names in order, each kept on one line, or empty.
        positions: (n, 2) float32 layout, or None.
        title: one line.
        remark: what was changed on the way, or empty.
        split: (n,) bool masks (training, validation, test) that came with the graph, or None.
    """

    adjacency: sp.csr_array
    attributes: sp.csr_array
    labels: np.ndarray
    class_names: tuple[str, ...] = ()
    node_names: tuple[str, ...] = ()
    attribute_names: tuple[str, ...] = ()
    positions: np.ndarray | None = None
    title: str = ""
    remark: str = ""
    split: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None

    def __post_init__(self) -> None:
        nodes, width = self.attributes.shape
        if self.adjacency.shape != (nodes, nodes) or self.labels.shape != (nodes,) or not nodes or not width:
            raise InputError(
                f"a graph needs an (n, n) adjacency, (n, d) attributes and (n,) labels, got "
                f"{self.adjacency.shape}, {self.attributes.shape} and {self.labels.shape}"
            )
        if nodes > MAX_NODES or width > MAX_ATTRIBUTES or self.adjacency.nnz > MAX_EDGES:
            raise InputError(
                f"a graph may have at most {MAX_NODES:,} nodes, {MAX_ATTRIBUTES:,} attributes and {MAX_EDGES:,} "
                f"edges, got {nodes:,}, {width:,} and {self.adjacency.nnz:,}"
            )
        for field in ("class_names", "node_names", "attribute_names"):
            object.__setattr__(self, field, tuple(one_line(name) for name in getattr(self, field)))
        object.__setattr__(self, "title", one_line(self.title))
        object.__setattr__(self, "adjacency", pattern(self.adjacency))
        object.__setattr__(self, "attributes", pattern(self.attributes))

    def undirected(self) -> AttributedGraph:
        """Every edge in both directions, no self-loops; a remark where that changes what the graph says."""
        both = (self.adjacency + self.adjacency.T).tocsr()
        both.setdiag(0)
        loops = int(self.adjacency.diagonal().sum())
        edges, mutual = (
            self.adjacency.nnz - loops,
            int((self.adjacency.multiply(self.adjacency.T)).sum()) - loops,
        )
        single = f"{edges - mutual:,} of {edges:,} edges had one direction and are taken for both"
        return replace(self, adjacency=both).remarked(
            single if 0 < mutual < edges else "",  # a list of edges often names each of them once
            f"loops of {loops:,} nodes are left out" if loops else "",
        )

    def components(self) -> int:
        """Number of connected components."""
        return int(sp.csgraph.connected_components(self.adjacency, directed=False, return_labels=False))

    def remarked(self, *remarks: str) -> AttributedGraph:
        """The same graph with further remarks; empty ones are left out."""
        return replace(self, remark="; ".join(filter(None, (self.remark, *remarks))))

    def largest_component(self) -> AttributedGraph:
        """The largest connected component, nodes in stored order; the first one among equals."""
        _, component = sp.csgraph.connected_components(self.adjacency, directed=False)
        return self.subgraph(np.flatnonzero(component == np.bincount(component).argmax()))

    def subgraph(self, nodes: np.ndarray) -> AttributedGraph:
        """The given nodes (ascending) and the edges among them."""
        return replace(
            self,
            adjacency=self.adjacency[nodes][:, nodes],
            attributes=self.attributes[nodes],
            labels=self.labels[nodes],
            node_names=tuple(self.node_names[node] for node in nodes) if self.node_names else (),
            positions=None if self.positions is None else self.positions[nodes],
            split=None if self.split is None else tuple(mask[nodes] for mask in self.split),
        )

    def to_data(self, *, split_seed: int = 0) -> Data:
        """Torch-geometric data: binary `x`, `edge_index`, `y`, masks of the split, `pos`, names, `title`, `remark`."""
        edges = self.adjacency.tocoo()
        train, validation, test = self.split or split_masks(self.labels, split_seed)
        return Data(
            x=_binary(self.attributes),
            edge_index=torch.as_tensor(np.stack([edges.row, edges.col]).astype(np.int64)),
            y=torch.as_tensor(self.labels),
            pos=None if self.positions is None else torch.as_tensor(self.positions, dtype=torch.float32),
            train_mask=torch.as_tensor(train),
            val_mask=torch.as_tensor(validation),
            test_mask=torch.as_tensor(test),
            class_names=self.class_names,
            node_names=self.node_names,
            attribute_names=self.attribute_names,
            title=self.title,
            remark=self.remark,
        )


def pattern(matrix: sp.sparray | sp.spmatrix) -> sp.csr_array:
    """Where a sparse matrix has nonzero entries, as ones (float64, CSR, sorted, without repeats).

    Repeated and mirrored entries are looked at one by one: they must not cancel or wrap around in a sum.
    """
    entries = sp.coo_array(matrix)
    present = np.asarray(entries.data) != 0
    rows, columns = np.asarray(entries.row)[present], np.asarray(entries.col)[present]
    places = np.unique(rows.astype(np.int64) * matrix.shape[1] + columns)
    rows, columns = np.divmod(places, matrix.shape[1])
    ones = sp.csr_array((np.ones(places.size), (rows, columns)), shape=matrix.shape)
    ones.sort_indices()
    return ones


def split_masks(
    labels: np.ndarray, seed: int, per_class: int = PER_CLASS
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n,) bool masks: `per_class` random nodes of every class for training, as many for validation, the rest to test.

    Classes with fewer than three times as many nodes give a third of theirs to each. Unknown labels are in none.
    """
    random = np.random.default_rng(seed)
    train, validation = np.zeros(labels.size, dtype=bool), np.zeros(labels.size, dtype=bool)
    for label in np.unique(labels[labels >= 0]):
        shuffled = random.permutation(np.flatnonzero(labels == label))
        share = min(per_class, shuffled.size // 3)
        train[shuffled[:share]] = True
        validation[shuffled[share : 2 * share]] = True
    return train, validation, (labels >= 0) & ~train & ~validation


def _binary(attributes: sp.csr_array) -> torch.Tensor:
    ones = attributes.tocoo()
    rows, columns = ones.row[ones.data != 0], ones.col[ones.data != 0]
    positions = torch.as_tensor(np.stack([rows, columns]).astype(np.int64))
    if attributes.shape[0] * attributes.shape[1] > _DENSE_ENTRIES:
        values = torch.ones(rows.size)
        return torch.sparse_coo_tensor(positions, values, attributes.shape, check_invariants=False).coalesce()
    dense = torch.zeros(attributes.shape)
    dense[positions[0], positions[1]] = 1.0
    return dense
