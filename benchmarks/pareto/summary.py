"""From rows to points (mean IoU, average certified radius) and to the best of every method above a floor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.pareto.measure import Row
from benchmarks.pareto.plan import EQUAL
from lrscore.metrics import average_certified_radius, mean_iou_of_counts, pareto_front

FLOORS = (0.3, 0.4, 0.5, 0.6)


@dataclass(frozen=True)
class Point:
    """A method with one setting on a whole data set.

    Args:
        miou: mean intersection over union of the smoothed predictions over all images together, over the classes that
            are present or predicted; abstentions count as wrong.
        radius: average certified radius: area under certified accuracy, mean over the images.
        passes: forward passes per image.
        seconds: mean per image.
        images: how many images.
    """

    dataset: str
    method: str
    setting: str
    miou: float
    radius: float
    passes: int
    seconds: float
    images: int


def points(rows: Sequence[Row], epsilons: np.ndarray) -> list[Point]:
    """One point for each data set, method and setting, in order of appearance."""
    together: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        together.setdefault((row.dataset, row.method, row.setting), []).append(row)
    return [_point(names, found, epsilons) for names, found in together.items()]


def _point(names: tuple[str, str, str], rows: list[Row], epsilons: np.ndarray) -> Point:
    counts = np.sum([(row.hit, row.true, row.predicted) for row in rows], axis=0)
    miou = mean_iou_of_counts(counts)
    radii = [
        average_certified_radius(epsilons, np.array(row.certified) / row.labelled)
        for row in rows
        if row.labelled
    ]
    seconds = float(np.mean([row.seconds for row in rows]))
    return Point(*names, miou, float(np.mean(radii)), rows[0].passes, seconds, len(rows))


def front(chosen: Sequence[Point]) -> list[Point]:
    """The points that no other one beats in both coordinates, by falling mean IoU."""
    kept = pareto_front([point.miou for point in chosen], [point.radius for point in chosen])
    return [chosen[position] for position in kept]


def best_radii(chosen: Sequence[Point], floors: Sequence[float] = FLOORS) -> dict[str, list[float | None]]:
    """For every method: its highest radius among points with mean IoU at least each floor; None if there is none."""
    table: dict[str, list[float | None]] = {}
    for method in dict.fromkeys(point.method for point in chosen):
        own = [point for point in chosen if point.method == method]
        table[method] = [
            max((point.radius for point in own if point.miou >= floor), default=None) for floor in floors
        ]
    return table


def verdicts(chosen: Sequence[Point], floors: Sequence[float] = FLOORS) -> list[str]:
    """One sentence for every floor: the best localized and the best other method at equal cost, whichever wins."""
    table = best_radii([point for point in chosen if point.method.endswith(EQUAL)], floors)
    sentences = []
    for place, floor in enumerate(floors):
        ranked = sorted(
            ((values[place] or 0.0, method) for method, values in table.items() if values[place] is not None),
            reverse=True,
        )
        local = next(((radius, name) for radius, name in ranked if name.startswith("localized")), None)
        other = next(((radius, name) for radius, name in ranked if not name.startswith("localized")), None)
        if local is None or other is None:
            who = (
                "nothing reaches it"
                if local is other
                else (local or other or (0.0, ""))[1] + " alone reaches it"
            )
            sentences.append(f"mean IoU at least {floor:g}: {who}.")
            continue
        wins = "localized smoothing wins" if local[0] > other[0] else "localized smoothing does not win"
        sentences.append(
            f"mean IoU at least {floor:g}: {wins}: {local[1]} {local[0]:.3f}, best other {other[1]} {other[0]:.3f}."
        )
    return sentences
