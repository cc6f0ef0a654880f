"""From rows to points (mean IoU, average certified radius) and to the best of every family above a floor."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.pareto.plan import EQUAL, TWO_VIEWS
from benchmarks.pareto.rows import Row
from lrscore.metrics import average_certified_radius, mean_iou_of_counts, pareto_front

FLOORS = (0.3, 0.4, 0.5, 0.6)
LOCALIZED, PROPOSED, VIEWS = "localized, hand-chosen", "localized, proposed", f"localized, {TWO_VIEWS}"
STRICT_VIEWS = f"strictly local, {TWO_VIEWS}"
FAMILIES = (
    VIEWS,
    LOCALIZED,
    PROPOSED,
    STRICT_VIEWS,
    "strictly local",
    "isotropic, adaptive radii",
    "SegCertify",
    "center smoothing",
)
_GRID = re.compile(r" (\d+x\d+)(?=,)")


@dataclass(frozen=True)
class Point:
    """A method with one setting on a whole data set.

    Args:
        method: what is one series: family, way to count, correction, cost. Grids belong to the setting.
        miou: mean intersection over union of the smoothed predictions over all images together, over the classes that
            are present or predicted; abstentions count as wrong.
        radius: average certified radius: area under certified accuracy, mean over the images.
        passes: noisy copies, or pairs of views, per image.
        seconds: mean per image.
        images: how many images.
        radii: the radius on every image, in the order of their names.
    """

    dataset: str
    method: str
    setting: str
    miou: float
    radius: float
    passes: int
    seconds: float
    images: int
    radii: tuple[float, ...] = ()

    @property
    def family(self) -> str:
        """Which of `FAMILIES`."""
        if TWO_VIEWS in self.method:
            return VIEWS if self.method.startswith("localized") else STRICT_VIEWS
        if self.method.startswith("localized"):
            return PROPOSED if "proposed" in self.method else LOCALIZED
        return next(family for family in FAMILIES if self.method.startswith(family))

    @property
    def unit(self) -> str:
        """What is counted as its passes."""
        return "pairs of views" if TWO_VIEWS in self.method else "passes"

    @property
    def cells(self) -> int:
        """Cells of its grid; 1 for isotropic methods."""
        grid = re.match(r"(\d+)x(\d+), ", self.setting)
        return 1 if grid is None else int(grid[1]) * int(grid[2])

    @property
    def equal_cost(self) -> bool:
        """Whether it spends as many forward passes per image as the localized runs."""
        return self.method.endswith(EQUAL)


def points(rows: Sequence[Row], epsilons: np.ndarray) -> list[Point]:
    """One point for each data set, method and setting, in order of appearance."""
    together: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        grid = _GRID.search(row.method)
        setting = row.setting if grid is None else f"{grid[1]}, {row.setting}"
        together.setdefault((row.dataset, _GRID.sub("", row.method), setting), []).append(row)
    return [_point(names, found, epsilons) for names, found in together.items()]


def _point(names: tuple[str, str, str], rows: list[Row], epsilons: np.ndarray) -> Point:
    counts = np.sum([(row.hit, row.true, row.predicted) for row in rows], axis=0)
    miou = mean_iou_of_counts(counts)
    radii = tuple(
        average_certified_radius(epsilons, np.array(row.certified) / row.labelled)
        for row in sorted(rows, key=lambda row: row.image)
        if row.labelled
    )
    seconds = float(np.mean([row.seconds for row in rows]))
    return Point(*names, miou, float(np.mean(radii)), rows[0].passes, seconds, len(rows), radii)


def front(chosen: Sequence[Point]) -> list[Point]:
    """The points that no other one beats in both coordinates, by falling mean IoU."""
    kept = pareto_front([point.miou for point in chosen], [point.radius for point in chosen])
    return [chosen[position] for position in kept]


def best(chosen: Sequence[Point], floor: float) -> Point | None:
    """The point with the largest radius among those with mean IoU at least `floor`; None if there is none."""
    enough = [point for point in chosen if point.miou >= floor]
    return max(enough, key=lambda point: point.radius, default=None)


def best_radii(chosen: Sequence[Point], floors: Sequence[float] = FLOORS) -> dict[str, list[float | None]]:
    """For every method: its highest radius among points with mean IoU at least each floor; None if there is none."""
    table: dict[str, list[float | None]] = {}
    for method in dict.fromkeys(point.method for point in chosen):
        own = [point for point in chosen if point.method == method]
        found = [best(own, floor) for floor in floors]
        table[method] = [None if point is None else point.radius for point in found]
    return table


def best_of_families(chosen: Sequence[Point], floors: Sequence[float]) -> dict[str, list[Point | None]]:
    """For every family: its best point at equal cost above each floor, whichever way it counts."""
    return {
        family: [
            best([point for point in chosen if point.equal_cost and point.family == family], floor)
            for floor in floors
        ]
        for family in FAMILIES
    }


def verdicts(
    chosen: Sequence[Point], floors: Sequence[float] = FLOORS, *, equal_cost: bool = True
) -> list[str]:
    """One sentence for every floor: the best localized and the best other method, whichever wins.

    Strictly local smoothing is localized smoothing with infinite noise; it was published before and counts as other.

    Args:
        equal_cost: against others that spend as many passes; else against those with as many samples per distribution,
            which are those of the plan's finest grid, one set of copies for each cell (two views are left out).
    """
    localized = (VIEWS, LOCALIZED, PROPOSED)
    ours = [point for point in chosen if point.family in localized]
    if not equal_cost:
        ours = [point for point in ours if point.family != VIEWS]
        finest = max((point.cells for point in ours), default=0)
        ours = [point for point in ours if point.cells == finest]
    others = [point for point in chosen if point.family not in localized and point.equal_cost == equal_cost]
    return [
        f"mean IoU at least {floor:g}: " + _verdict(best(ours, floor), best(others, floor))
        for floor in floors
    ]


def _verdict(ours: Point | None, other: Point | None) -> str:
    if ours is None or other is None:
        alone = ours or other
        return "nothing reaches it." if alone is None else f"{_named(alone)} alone reaches it."
    wins = ours.radius > other.radius
    images = sum(one > two for one, two in zip(ours.radii, other.radii, strict=True))
    return (
        f"localized smoothing {'wins' if wins else 'does not win'}: {_named(ours)}; best other {_named(other)}; "
        f"larger on {images} of {len(ours.radii)} images."
    )


def _named(point: Point) -> str:
    return f"{point.method.rsplit(', ', 1)[0]} ({point.setting}) {point.radius:.3f}"
