"""What the library says about a graph certificate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrscore.graphs.certificate import GraphCertificate
from ui.graphs.counting import candidates, possible_counts, targets
from ui.graphs.layout import force_layout
from ui.graphs.sources import graph_title
from ui.graphs.states import node_states
from ui.graphs.thumbnail import graph_picture
from ui.graphs.words import settings_line
from ui.style.palette import STATES
from ui.style.words import counted

BUDGET = (1, 1)
"""The additions and deletions that cards of graphs are drawn and sorted for."""
_CURVE_POINTS = 25


@dataclass(frozen=True, eq=False)
class GraphNumbers:
    """A graph certificate in numbers and one picture.

    Args:
        title: of the graph.
        settings: clusters, noise, scores, samples and correction in a line.
        pictures: each (H, W, 3) uint8, the states at `BUDGET` for the light and the dark theme.
        budget: `BUDGET` in words.
        certified, outputs: proven by the envelope at `BUDGET`, and what it is a share of.
        deletions: area under the certified share over deletions: how many are withstood on average.
        valid: False for corrections without a guarantee.
    """

    title: str
    settings: str
    pictures: tuple[np.ndarray, ...]
    budget: str
    certified: int
    outputs: int
    deletions: float
    valid: bool


def graph_numbers(certificate: GraphCertificate, name: str) -> GraphNumbers:
    """The numbers of a certificate; nodes are counted as on the graph page at first.

    Args:
        name: to call it by if it has no title.
    """
    count = possible_counts(certificate)[0]
    outputs = int(candidates(certificate, count).sum())
    deletions = np.unique(np.linspace(0, certificate.largest_budgets()[1], _CURVE_POINTS).round())
    budgets = np.array([BUDGET, *((0.0, number) for number in deletions)])
    found = certificate.collective(budgets, "envelope", targets(certificate, count))
    states = node_states(certificate, BUDGET, found.allocation[0], count)
    positions = _positions_of(certificate)
    return GraphNumbers(
        title=graph_title(certificate, name),
        settings=settings_line(certificate),
        pictures=tuple(
            graph_picture(positions, certificate.edges, states.numbers, STATES, dark=dark)
            for dark in (False, True)
        ),
        budget=f"{counted(BUDGET[0], 'addition')} and {counted(BUDGET[1], 'deletion')}",
        certified=int(found.certified[0]),
        outputs=outputs,
        deletions=float(np.diff(deletions) @ found.certified[2:]) / max(outputs, 1),
        valid=certificate.promised,
    )


def _positions_of(certificate: GraphCertificate) -> np.ndarray:
    """(n, 2) its layout, computed where it has none."""
    positions = certificate.display.positions
    return force_layout(certificate.edges, certificate.nodes) if positions is None else positions
