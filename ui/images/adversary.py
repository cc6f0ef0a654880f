"""The adversary's game on a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lrscore.images.certificate import ImageCertificate
from ui.certification.game import draw_game_switch, game_styles
from ui.components.stage import Game, draw_stage
from ui.images.curves import CurveSet
from ui.images.states import Count, counted_pixels
from ui.style.pictures import grey_picture

if TYPE_CHECKING:
    from lrscore.images.attack.attack import ImageAttack

GAME = "image_game"
"""Name in links of the switch that opens the board."""
STROKES = 20
"""How many strokes spend the whole budget."""


def counted_outputs(certificate: ImageCertificate, count: Count) -> np.ndarray:
    """(N,) bool: pixels that can be won: counted ones that do not abstain."""
    targets = counted_pixels(certificate, count)
    won = ~certificate.abstained if targets is None else targets & ~certificate.abstained
    return won.ravel()


def picture_game(
    certificate: ImageCertificate,
    curves: CurveSet,
    index: int,
    count: Count,
    attack: np.ndarray | None = None,
) -> Game:
    """The game at one budget of the curves.

    Args:
        attack: (J,) what a real attack spent in every region, or None.
    """
    regions = certificate.regions
    boxes = []
    for region in range(regions.count):
        rows, columns = regions.slices(region)
        boxes.append((rows.start, columns.start, rows.stop, columns.stop))
    counted = counted_outputs(certificate, count)
    total = float(certificate.noise.budget(float(curves.epsilons[index])))
    most = max(0, int(counted.sum()) - int(curves.proven[index]))
    return Game(
        weights=(certificate.weights,),
        budgets=(total,),
        steps=(total / STROKES,),
        kinds=("budget",),
        thresholds=certificate.thresholds,
        groups=certificate.groups,
        counted=counted,
        machine=curves.allocation[index][None],
        most=most,
        place="region",
        outputs="pixels",
        saying="%",
        styles=game_styles("pixels"),
        pixels=grey_picture(certificate.image),
        rectangles=tuple(boxes),
        attack=None if attack is None else attack[None],
    )


def draw_picture_game(
    certificate: ImageCertificate, curves: CurveSet, index: int, count: Count, attack: ImageAttack | None
) -> None:
    """A switch, and the board once it is on.

    Args:
        attack: the strongest one found within the budget, or None.
    """
    if draw_game_switch(GAME):
        spent = None if attack is None else attack.spent
        board = picture_game(certificate, curves, index, count, spent)
        draw_stage(board, key="image_board", height=420)
