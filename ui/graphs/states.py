"""Which of five things is known about every node at one pair of budgets.

As on the segmentation page: the collective certificate is a number and does not name the nodes it counts. Which nodes
are "certified by themselves" is a fact of the nodes; which ones "survive the worst attack found" is a fact of one
explicit attack, and only illustrates the number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrscore.graphs.certificate import UNKNOWN, GraphCertificate
from ui.components.graph_view.drawing import NO_STYLE
from ui.graphs.counting import Count, candidates
from ui.style.palette import ABSTAINED, CERTIFIED, COLLECTIVE, STATES, UNCERTIFIED, WRONG, Style

MEANINGS: dict[Style, str] = {
    CERTIFIED: "keeps its label under every change within the budgets, proven for this node alone",
    COLLECTIVE: "could fall if all changes were aimed at it, but the worst attack found spares it",
    UNCERTIFIED: "the worst attack found is more than this node is proven to withstand",
    ABSTAINED: "its score is not certain enough: no claim, not even without an attack",
    WRONG: "the smoothed label differs from the true class: not counted",
}
"""What each style says about a node."""


@dataclass(frozen=True, eq=False)
class NodeStates:
    """The states of all nodes at one pair of budgets.

    Args:
        numbers: (n,) uint8, positions in `ui.style.palette.STATES`, 255 for nodes that are not counted.
        nodes: how many nodes have each state, in the order of `STATES`.
    """

    numbers: np.ndarray
    nodes: tuple[int, ...]

    def count(self, style: Style) -> int:
        """Number of nodes with that style."""
        return self.nodes[STATES.index(style)]


def node_states(
    certificate: GraphCertificate, budgets: tuple[int, ...], allocation: np.ndarray, count: Count
) -> NodeStates:
    """Classify every node at the budgets (additions, deletions), and of edges where they are flipped.

    Args:
        allocation: (2, J), or (4, R), the worst attack found at these budgets.
        count: unless "all", wrong nodes are marked, and nodes that are not counted get no style.
    """
    spared = certificate.spared(allocation)
    numbers = np.full(certificate.nodes, STATES.index(UNCERTIFIED), dtype=np.uint8)
    numbers[spared] = STATES.index(COLLECTIVE)
    numbers[certificate.certified_mask(*budgets)] = STATES.index(CERTIFIED)
    numbers[certificate.abstained] = STATES.index(ABSTAINED)
    if count != "all":
        assert certificate.reference is not None
        wrong = ~certificate.abstained & ~certificate.correct() & (certificate.reference != UNKNOWN)
        numbers[wrong] = STATES.index(WRONG)
        numbers[~candidates(certificate, count)] = NO_STYLE
    nodes = np.bincount(numbers, minlength=NO_STYLE + 1)[: len(STATES)]
    return NodeStates(numbers, tuple(int(number) for number in nodes))
