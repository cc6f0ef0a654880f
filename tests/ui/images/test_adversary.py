"""What the board is given agrees with the certificate: the machine's division leaves the ceiling standing."""

from __future__ import annotations

import numpy as np
import pytest

from tests.ui.graphs.toy_certificate import toy_certificate as graph_certificate
from tests.ui.toy import toy_certificate
from ui.components.frontend.payload import Payload
from ui.components.stage import Game
from ui.graphs.adversary import graph_game
from ui.graphs.plane import compute_plane
from ui.images.adversary import STROKES, picture_game
from ui.images.curves import compute_curves, parting_budget


def fallen(game: Game, allocation: np.ndarray) -> int:
    """Output by output, as the browser counts."""
    lost = 0
    for output, group in enumerate(np.ravel(game.groups)):
        cost = sum(
            weights[group, place] * amount
            for weights, row in zip(game.weights, allocation, strict=True)
            for place, amount in enumerate(row)
            if amount > 0
        )
        lost += bool(np.ravel(game.counted)[output] and cost >= np.ravel(game.thresholds)[output])
    return lost


@pytest.mark.parametrize("count", ["all", "correct"])
def test_the_machines_division_of_a_picture_fells_what_the_ceiling_says(count):
    certificate = toy_certificate()
    curves = compute_curves(certificate, count)
    index = curves.index(parting_budget(curves))
    game = picture_game(certificate, curves, index, count)
    machine = fallen(game, game.machine)
    assert int(game.counted.sum()) - machine == curves.ceiling[index]
    assert machine <= game.most == int(game.counted.sum()) - curves.proven[index]
    assert game.machine.sum() <= game.budgets[0] * (1 + 1e-9)
    assert game.steps[0] * STROKES == pytest.approx(game.budgets[0])
    assert fallen(game, np.zeros_like(game.machine)) == 0


def test_the_machines_attack_on_a_graph_fells_what_thresholds_leave_open():
    certificate = graph_certificate()
    plane = compute_plane(certificate, "all", boxes=100)
    assert certificate.display.positions is not None
    for deletions in range(1, plane.deletions.size):
        spent = np.zeros((2, 2))
        spent[1, 0] = deletions
        game = graph_game(certificate, plane, (0, deletions), "all", certificate.display.positions, spent)
        assert game.encode(Payload())["attack"] == spent.tolist()
        assert fallen(game, spent) <= game.most, "no attack within the budgets beats the proof"
        machine = fallen(game, game.machine)
        assert int(game.counted.sum()) - machine <= plane.ceiling[0, deletions], "thresholds let more fall"
        assert int(game.counted.sum()) - game.most <= plane.proven[0, deletions]
        assert machine <= game.most
        assert game.machine.sum() <= plane.deletions[deletions]
