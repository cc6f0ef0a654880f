"""Collect the pieces of a proof while certified counts grow."""

from __future__ import annotations

import numpy as np

from lrscore.collective.branching import Tree
from lrscore.collective.certificate import Proof
from lrscore.collective.curve import Curve
from lrscore.collective.steps import Floats


class ProofBuilder:
    """Starts from one leaf per dual vector of a curve; trees of single budgets are appended."""

    def __init__(self, curve: Curve) -> None:
        used, chosen = np.unique(curve.chosen, return_inverse=True)
        self.n_groups = curve.vectors.shape[1]
        self.vectors = list(curve.vectors[used])
        self.roots = chosen.ravel().astype(np.int64)
        self.split_groups = [-1] * len(used)
        self.split_values = [0.0] * len(used)
        self.children = [(-1, -1)] * len(used)
        self.leaves = list(range(len(used)))
        self.enumerated = np.zeros(len(curve.chosen), dtype=np.bool_)

    def plant(self, budget: int, tree: Tree) -> None:
        """Prove one budget by a tree of boxes; only the dual vectors of its leaves are kept."""
        first = len(self.split_groups)
        self.roots[budget] = first
        for group, value, children, vector in zip(
            tree.split_groups, tree.split_values, tree.children, tree.multipliers, strict=True
        ):
            self.split_groups.append(group)
            self.split_values.append(value)
            self.children.append((-1, -1) if group < 0 else (children[0] + first, children[1] + first))
            self.leaves.append(len(self.vectors) if group < 0 else -1)
            self.vectors += [vector] if group < 0 else []

    def finish(self, order: np.ndarray, caps: Floats, integer: bool) -> Proof:
        """The proof with budgets back in the caller's order: `order[m]` is the position of its budget m here."""
        return Proof(
            multipliers=np.array(self.vectors).reshape(len(self.vectors), self.n_groups),
            roots=self.roots[order],
            split_groups=np.array(self.split_groups, dtype=np.int64),
            split_values=np.array(self.split_values, dtype=np.float64),
            children=np.array(self.children, dtype=np.int64).reshape(-1, 2),
            leaf_multipliers=np.array(self.leaves, dtype=np.int64),
            enumerated=self.enumerated[order],
            caps=caps,
            integer=integer,
        )
