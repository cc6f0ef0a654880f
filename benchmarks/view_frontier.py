"""Views against isotropic smoothing at equal cost, on a drive that no network was trained on, and on fresh scenes.

    python -m benchmarks.view_frontier run --out runs/frontier [--workers 2] [--frames 11]
    python -m benchmarks.view_frontier report --out runs/frontier
    python -m benchmarks.view_frontier run --pictures scenes --out runs/frontier_scenes [--frames 6]

The rule, written down before any of the numbers:

1. Pictures: every tenth frame of CamVid's drive 0006R0, at 180x240, in an order that alternates between its first and
   its second half, so that a run that is cut off is balanced. Neither network was trained on it. But the windows of
   `street-views` were chosen by it, out of two, and that its last weights replaced earlier ones (model cards).
2. Methods: isotropic smoothing of `street-isotropic` with a radius for every pixel; views of `street-views` with 18x24
   cells and the levels of the three views at 1 : 2 : 4 and at 1 : 4 : 8, counted by envelopes. Each takes the same
   levels (`LEVELS`), the same alpha and correction, and the same cost: a pass of views is charged `CHARGE` passes.
   (After three frames had been seen, isotropic smoothing got two more levels, `STRONG`: it was still accurate at the
   last one, and a grid that ends there would have held it down. Views are too inaccurate at the last one to need any.)
3. Worth: certified accuracy (right and certified, of the labelled pixels) summed over the norm, lower staircase, on one
   grid of norms; mean over pictures. Accuracy: mean IoU of the smoothed predictions of all pictures together,
   abstentions wrong.
4. A method's setting for a floor of accuracy is chosen on one half of the drive and told of the other, both ways: of
   the settings whose mean IoU reaches the floor on the half that chooses, the one of the largest worth there. A method
   that lacks one on either half does not reach the floor.
5. Floors: from 0.26 on in steps of 0.02, as long as isotropic smoothing reaches them. Test: Wilcoxon's signed-rank test
   over pictures on the worth at a floor, two-sided, with a bootstrap interval of the mean difference.
6. Tiles (added when the above was known, before any number of theirs): two views of `street-two-view` with 2x3 cells,
   far level five times the near one, as the dashboard begins with; the same levels; a pair is charged `TILES_CHARGE`
   passes, as in the other comparisons. That network kept the drive out of training as well.
7. Scenes (likewise): procedural scenes of seeds that nothing else uses, the odd ones as one half, the even ones as the
   other. Scenes of other seeds were a part of every network's training.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from lrscore.catalogue import find_catalogue
from lrscore.images.regions import GridRegions
from lrscore.images.settings import ImageSettings
from lrscore.images.views import fitting_views
from lrscore.study.api import run_study
from lrscore.study.comparing import TEST, Comparison, compare
from lrscore.study.rows import DONE, RADIUS
from lrscore.study.settings import Setting, StudySettings
from lrscore.study.store import Store
from lrscore.study.summary import pooled_mean_iou
from models.datasets.camvid import of_drives, open_camvid

DRIVE, STRIDE, SIZE, GRID = "0006R0", 10, (180, 240), (18, 24)
LEVELS = (0.05, 0.1, 0.2, 0.3, 0.45, 0.7)
STRONG = (1.0, 1.3)
RATIOS = {"views 1:2:4": (1, 2, 4), "views 1:4:8": (1, 4, 8)}
ISOTROPIC, TILES, METHOD = "isotropic", "tiles 1:5", "envelope"
VIEWS = (*RATIOS, TILES)
SAMPLES, PILOT, CHARGE, TILES_CHARGE = 928, 96, 1.15, 1.5
TILES_GRID, TILES_RATIO = (2, 3), 5
FIRST_SCENE, SCENES = 3_100_000, 40
NORMS = (0.0, *np.geomspace(0.02, 4, 36).round(4).tolist())
FLOORS = tuple(np.arange(0.26, 0.60, 0.02).round(2).tolist())


def frames() -> tuple[list[str], list[str]]:
    """Names of the frames of each half of the drive, as a study calls them."""
    names = sorted(of_drives(open_camvid("train"), DRIVE).names)[::STRIDE]
    called = [f"camvid:train:{name}" for name in names]
    middle = -(-len(names) // 2)
    return called[:middle], called[middle:]


def scenes() -> tuple[list[str], list[str]]:
    """The scenes of each half."""
    names = [f"scene:{FIRST_SCENE + number}" for number in range(SCENES)]
    return names[::2], names[1::2]


def study(halves: tuple[list[str], list[str]], title: str, count: int | None = None) -> StudySettings:
    """The study of the first so many pictures, alternating between the halves."""
    first, second = halves
    order = [name for pair in zip_longest(first, second) for name in pair if name][:count]
    model = find_catalogue().load_image_model("street-views")
    regions = GridRegions(*SIZE, *GRID)
    settings = [
        Setting(
            f"{ISOTROPIC} {level:g}",
            _settings(1.0, (1, 1), level_min=level, level_max=level),
            "street-isotropic",
        )
        for level in (*LEVELS, *STRONG)
    ]
    settings += [
        Setting(f"{name} {level:g}", _settings(CHARGE, GRID, views=views), "street-views")
        for name, ratios in RATIOS.items()
        for level in LEVELS
        for views in [fitting_views(model, regions, [level * ratio for ratio in ratios])]
    ]
    settings += [
        Setting(
            f"{TILES} {level:g}",
            _settings(
                TILES_CHARGE,
                TILES_GRID,
                two_views=True,
                level_min=level,
                level_max=round(TILES_RATIO * level, 4),
            ),
            "street-two-view",
        )
        for level in LEVELS
    ]
    return StudySettings(
        data=tuple(order),
        settings=tuple(settings),
        title=title,
        size=SIZE,
        methods=(METHOD,),
        budgets=NORMS,
        keep="table",
    )


def _settings(charge: float, grid: tuple[int, int], **more: Any) -> ImageSettings:
    return ImageSettings(
        grid=grid, samples=round(SAMPLES / charge), pilot_samples=round(PILOT / charge), **more
    )


@dataclass(frozen=True)
class AtFloor:
    """What one method is worth at a floor of accuracy.

    Args:
        settings: chosen by the second half for the first, and the other way round; None if the floor is not reached.
        rows: of all pictures, each under the setting that the other half chose.
    """

    settings: tuple[str | None, str | None]
    rows: list[dict[str, Any]]

    @property
    def worth(self) -> float | None:
        """Mean over pictures; None if the floor is not reached."""
        return float(np.mean([row[f"{RADIUS}{METHOD}"] for row in self.rows])) if self.rows else None


def at_floor(halves: Sequence[Mapping[str, list[dict[str, Any]]]], method: str, floor: float) -> AtFloor:
    """Rule 4.

    Args:
        halves: rows of each half by their setting.
    """
    chosen = [_chosen(halves[1 - half], method, floor) for half in range(2)]
    rows: list[dict[str, Any]] = []
    if None not in chosen:
        rows = [row for half, setting in enumerate(chosen) for row in halves[half][str(setting)]]
    return AtFloor((chosen[0], chosen[1]), rows)


def _chosen(rows: Mapping[str, list[dict[str, Any]]], method: str, floor: float) -> str | None:
    reaching = {
        name: float(np.mean([row[f"{RADIUS}{METHOD}"] for row in own]))
        for name, own in rows.items()
        if name.rpartition(" ")[0] == method and (pooled_mean_iou(own, METHOD) or 0.0) >= floor
    }
    return max(reaching, key=reaching.__getitem__, default=None)


def compared(isotropic: AtFloor, views: AtFloor) -> Comparison:
    """Picture by picture, views minus isotropic smoothing."""
    rows = [row | {"setting": name} for name, one in (("a", isotropic), ("b", views)) for row in one.rows]
    return compare(rows, ("a", METHOD), ("b", METHOD))


def halves_of(
    rows: Sequence[dict[str, Any]], halves: Sequence[Sequence[str]]
) -> list[dict[str, list[dict[str, Any]]]]:
    """Rows of each half by their setting, of the pictures that are done under every setting."""
    done = [row for row in rows if row["status"] == DONE]
    names = {row["setting"] for row in done}
    of_picture: dict[str, set[str]] = {}
    for row in done:
        of_picture.setdefault(row["picture"], set()).add(row["setting"])
    found: list[dict[str, list[dict[str, Any]]]] = []
    for half in halves:
        own = [row for row in done if row["picture"] in half]
        own = [row for row in own if of_picture[row["picture"]] == names]
        found.append({name: [row for row in own if row["setting"] == name] for name in sorted(names)})
    return found


def report(rows: Sequence[dict[str, Any]], names: Sequence[Sequence[str]]) -> tuple[str, list[list[object]]]:
    """The table by floors as Markdown, and every setting's accuracy and worth on all pictures, for a CSV file.

    Args:
        names: of the pictures of each half.
    """
    halves = halves_of(rows, names)
    pictures = sum(len(next(iter(half.values()), [])) for half in halves)
    lines = [f"{pictures} pictures. {TEST}.", ""]
    lines += [
        "| mean IoU at least | isotropic | "
        + " | ".join(f"{name} | {name}, difference" for name in VIEWS)
        + " |"
    ]
    lines += ["| --- | --- |" + " --- | --- |" * len(VIEWS)]
    for floor in FLOORS:
        isotropic = at_floor(halves, ISOTROPIC, floor)
        if isotropic.worth is None:
            break
        cells = [f"{floor:.2f}", f"{isotropic.worth:.3f} ({_levels(isotropic)})"]
        for name in VIEWS:
            views = at_floor(halves, name, floor)
            if views.worth is None:
                cells += ["not reached", "-"]
                continue
            found = compared(isotropic, views)
            told = f"{views.worth / isotropic.worth - 1:+.0%}, larger on {found.larger} of {found.differences.size}"
            if found.interval is not None:
                told += f", {found.interval[0]:+.3f} to {found.interval[1]:+.3f}"
            told += "" if found.p_value is None else f", p = {found.p_value:.1g}"
            cells += [f"{views.worth:.3f} ({_levels(views)})", told]
        lines.append("| " + " | ".join(cells) + " |")
    table: list[list[object]] = [["setting", "pictures", "mean IoU", "average certified radius", "passes"]]
    for name in halves[0]:
        own = [row for half in halves for row in half[name]]
        worth = float(np.mean([row[f"{RADIUS}{METHOD}"] for row in own]))
        table.append(
            [name, len(own), round(pooled_mean_iou(own, METHOD) or 0.0, 4), round(worth, 4), own[0]["passes"]]
        )
    return "\n".join(lines), table


def _levels(one: AtFloor) -> str:
    levels = dict.fromkeys(str(setting).rpartition(" ")[2] for setting in one.settings)
    return "level " + " and ".join(levels)


def main() -> None:
    """Run the study, or tell what it says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("step", choices=("run", "report"))
    parser.add_argument("--out", type=Path, required=True, help="the study's folder")
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--pictures", choices=("drive", "scenes"), default="drive")
    parser.add_argument("--frames", type=int, default=None, help="only the first so many")
    parser.add_argument("--csv", type=Path, help="file for all settings")
    options = parser.parse_args()
    halves = frames() if options.pictures == "drive" else scenes()
    if options.step == "run":
        place = f"drive {DRIVE}" if options.pictures == "drive" else "fresh scenes"
        title = f"views against isotropic smoothing, {place}"
        print(run_study(study(halves, title, options.frames), options.out, workers=options.workers))
        return
    text, table = report(Store(options.out).rows, halves)
    print(text)
    if options.csv is not None:
        with options.csv.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(table)


if __name__ == "__main__":
    main()
