"""The adversary's game on a picture."""

from __future__ import annotations

import numpy as np

from lrscore.images.certificate import ImageCertificate
from ui.components.stage import Game
from ui.images.curves import CurveSet
from ui.images.states import Count, counted_pixels
from ui.style.palette import ABSTAINED, COLLECTIVE, UNCERTIFIED, Style
from ui.style.pictures import grey_picture

STROKES = 20
"""How many strokes spend the whole budget."""


def game_styles(outputs: str) -> tuple[Style, Style, Style]:
    """Could fall, stands, not counted: in the colours of the states."""
    return (
        Style("could fall", "#d24a1a", "#e56f3a", "dots", "#5a1600", "#4a1500"),
        Style(f"{outputs} that stand", COLLECTIVE.light, COLLECTIVE.dark, "none"),
        Style("not counted", UNCERTIFIED.light, ABSTAINED.dark, "none"),
    )


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
