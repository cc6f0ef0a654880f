"""How strong an attack on a graph is, and how it is measured."""

from __future__ import annotations

from dataclasses import dataclass

from lrscore.errors import SettingsError
from lrscore.graphs.smoothed_graph import BUDGET_KINDS
from lrscore.settings import set_field, whole_number

BUDGETS = tuple(kind.replace(" ", "_") for kind in BUDGET_KINDS)
"""Names of the budgets, in the order of a certificate's columns."""


@dataclass(frozen=True)
class GraphAttackSettings:
    """How strong an attack is, and how it is measured.

    Args:
        additions, deletions: whole attributes that may be changed in the whole graph.
        edge_additions, edge_deletions: whole undirected edges; only where the certificate's noise flips edges.
        steps: rounds of sampling; each makes its share of the flips.
        copies: noisy copies of each group behind one step; as many again where edges are added.
        pilot_samples: fresh noisy copies of each group that say where another class leads.
        samples: further ones that test it.
        error: probability, over those samples, that any node is called changed that is not.

    Raises:
        SettingsError: a number is outside its range.
    """

    additions: int
    deletions: int
    edge_additions: int = 0
    edge_deletions: int = 0
    steps: int = 4
    copies: int = 200
    pilot_samples: int = 100
    samples: int = 200
    error: float = 0.01

    def __post_init__(self) -> None:
        for name in BUDGETS:
            set_field(self, name, whole_number(name, getattr(self, name), 0))
        for name in ("steps", "copies", "pilot_samples", "samples"):
            set_field(self, name, whole_number(name, getattr(self, name), 1))
        if not 0 < self.error < 1:
            raise SettingsError(f"error must be a probability in (0, 1), got {self.error!r}")

    @property
    def budgets(self) -> tuple[int, int, int, int]:
        """Attributes added and deleted, edges added and deleted, at most."""
        return self.additions, self.deletions, self.edge_additions, self.edge_deletions
