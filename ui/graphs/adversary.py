"""The adversary's game on a graph.

The board adds up costs, so it counts by Rényi thresholds: more nodes could fall there than the exact shares of the page
leave open, and the machine and the most that can fall are those of the same thresholds.
"""

from __future__ import annotations

import numpy as np
import streamlit as st

from lrscore.collective import Limits, Threat, certify_collectively
from lrscore.graphs.certificate import GraphCertificate
from ui.certification.game import draw_game_switch, game_styles
from ui.components.stage import Game, draw_stage
from ui.graphs.counting import Count, targets
from ui.graphs.plane import Plane, Point

GAME = "graph_game"
"""Name in links of the switch that opens the board."""
_BOXES = 60  # of branch and bound, for the machine's attack


def graph_game(
    certificate: GraphCertificate,
    plane: Plane,
    point: Point,
    count: Count,
    positions: np.ndarray,
    attack: np.ndarray | None = None,
) -> Game:
    """The game at one pair of budgets.

    Args:
        positions: (n, 2) layout.
        attack: (2, J) additions and deletions that an attack within the budgets spent in every cluster, or None.
    """
    counted = targets(certificate, count) & ~certificate.abstained
    machine = certify_collectively(
        certificate.weights,
        certificate.thresholds,
        certificate.groups,
        np.array([plane.budgets(point)], dtype=np.float64),
        method="exact",
        threat=Threat(targets=counted, integer=True),
        limits=Limits(node_limit=_BOXES),
    )
    return Game(
        weights=tuple(np.asarray(weights) for weights in certificate.weights),
        budgets=tuple(float(budget) for budget in plane.budgets(point)),
        steps=(1.0, 1.0),
        kinds=("additions", "deletions"),
        thresholds=certificate.thresholds,
        groups=certificate.groups,
        counted=counted,
        machine=machine.allocation[0],
        most=int(counted.sum() - machine.certified[0]),
        place="cluster",
        outputs="nodes",
        saying="+−",
        styles=game_styles("nodes"),
        positions=positions,
        edges=certificate.edges,
        clusters=certificate.clusters,
        attack=attack,
    )


def draw_graph_game(
    certificate: GraphCertificate,
    plane: Plane,
    point: Point,
    count: Count,
    positions: np.ndarray,
    attack: np.ndarray | None = None,
) -> None:
    """A switch, and the board once it is on; the arguments are those of `graph_game`.

    Its board has clusters alone: not where edges are flipped.
    """
    if certificate.edge_noise is None and draw_game_switch(GAME):
        with st.container(key="graph_board_place"):
            draw_stage(
                graph_game(certificate, plane, point, count, positions, attack), key="graph_board", height=460
            )
