"""Points as tables: CSV with everything, Markdown with the best above every floor."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import astuple, fields

import numpy as np

from benchmarks.pareto.plan import Plan
from benchmarks.pareto.summary import FAMILIES, FLOORS, Point, best_of_families, best_radii, verdicts

# Schuchardt et al. 2023, Pascal VOC, U-Net, 3x5 cells: highest average certified radius above each floor.
PUBLISHED = {
    "localized, paper LP": (0.407, 0.343, 0.252, 0.109),
    "isotropic, equal samples per distribution": (0.472, 0.277, 0.222, 0.088),
    "isotropic, about equal forward passes": (0.550, 0.321, 0.271, 0.130),
    "center smoothing": (0.279, 0.203, 0.151, 0.080),
}
_STEP = 0.02  # of the floors in the table of families


def to_csv(chosen: Sequence[Point]) -> str:
    """All points."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([field.name for field in fields(Point)])
    writer.writerows([_cell(value) for value in astuple(point)] for point in chosen)
    return out.getvalue()


def from_csv(text: str) -> list[Point]:
    """The points of a file that `to_csv` wrote, to five digits."""
    return [
        Point(
            dataset=row["dataset"],
            method=row["method"],
            setting=row["setting"],
            miou=float(row["miou"]),
            radius=float(row["radius"]),
            passes=int(row["passes"]),
            seconds=float(row["seconds"]),
            images=int(row["images"]),
            radii=tuple(float(radius) for radius in row["radii"].split()),
        )
        for row in csv.DictReader(io.StringIO(text))
    ]


def _cell(value: object) -> object:
    if isinstance(value, tuple):
        return " ".join(f"{one:.5g}" for one in value)
    return f"{value:.5g}" if isinstance(value, float) else value


def to_markdown(chosen: Sequence[Point], command: str, plan: Plan | None = None, facts: str = "") -> str:
    """What was compared, who wins, and for every data set the best of every family and of every method.

    Args:
        chosen: all points.
        command: that wrote this.
        plan: what was run.
        facts: a sentence about pictures and network.
    """
    lines = [
        "# Accuracy against average certified radius",
        "",
        f"Made by `{command}`. {facts}".strip(),
        "Read it together with [baselines.md](../baselines.md#what-the-comparison-shows).",
        "",
        *_conditions(plan or Plan()),
    ]
    for dataset in dict.fromkeys(point.dataset for point in chosen):
        own = [point for point in chosen if point.dataset == dataset]
        number = max(point.images for point in own)
        lines += ["", f"## {dataset} ({number} image{'s' if number > 1 else ''})", ""]
        lines += [f"![Pareto fronts on {dataset}]({file_stem(dataset)}.svg)", ""]
        lines += ["At equal cost:", "", *(f"- {sentence}" for sentence in verdicts(own)), ""]
        lines += [
            "At equal samples per smoothing distribution (localized 3x5 against isotropic smoothing with as many",
        ]
        lines += ["samples, that is a fifteenth of the passes):", ""]
        lines += [*(f"- {sentence}" for sentence in verdicts(own, equal_cost=False)), ""]
        lines += ["### Best of every family at equal cost, over the whole range", "", *_families(own), ""]
        lines += ["### Every way to count", "", *_methods(own)]
    lines += ["", "## The paper's own numbers", "", *_published()]
    return "\n".join(lines) + "\n"


def file_stem(dataset: str) -> str:
    """Names of a data set's figures, without ending."""
    return f"pareto_{dataset.replace(' ', '_').lower()}"


def _conditions(plan: Plan) -> list[str]:
    base, (rows, cols) = plan.base, plan.base.grid
    return [
        "Average certified radius: area under certified accuracy, in l2 norm of the picture with values in [0, 1],",
        "mean over the images. Mean IoU is that of the smoothed predictions, all images of a data set together,",
        "abstentions counted as wrong. Settings are picked on the images they are scored on, for all methods alike.",
        "",
        f"- **Cost.** *Equal cost*: {plan.passes:,} forward passes per image, pilot included, for every method.",
        f"  Localized smoothing divides them among its cells ({base.samples} + {base.pilot_samples} pilot samples for",
        f"  each of {rows}x{cols}); isotropic smoothing has them all for its only distribution. *Equal samples*:",
        f"  {base.samples} + {base.pilot_samples} in all. A pair of views counts as {plan.view_cost:g} passes.",
        f"- **Statistics.** alpha = {base.alpha:g} per image and certificate, Bonferroni over all pixels.",
        f"  *Count-level*: the same samples, up to {plan.tolerated:.0%} of the pixels may have wrong bounds and are",
        "  subtracted from every certified count. SegCertify (Holm) and center smoothing have statistics of their own.",
        "- **Levels** are those of `benchmarks/pareto/plan.py`; baselines.md tells how they were chosen.",
        "  Proposed levels come from other images.",
    ]


def _families(own: Sequence[Point]) -> list[str]:
    highest = max(point.miou for point in own)
    lowest = min(FLOORS[0], highest)
    floors = np.arange(np.floor(lowest / _STEP), np.floor(highest / _STEP) + 1) * _STEP
    table = best_of_families(own, floors.tolist())
    lines = ["| mean IoU at least | " + " | ".join(FAMILIES) + " |", "|---|" + "---|" * len(FAMILIES)]
    for place, floor in enumerate(floors):
        found = [table[family][place] for family in FAMILIES]
        top = max((point.radius for point in found if point is not None), default=0.0)
        cells = [_radius(point, top) for point in found]
        lines.append(f"| {floor:.2f} | " + " | ".join(cells) + " |")
    return lines


def _radius(point: Point | None, top: float) -> str:
    """The radius, of the best family in bold; with the images' own, or the range of many."""
    if point is None:
        return "-"
    text = f"{point.radius:.3f}"
    if len(point.radii) > 3:
        text += f" ({min(point.radii):.2f} to {max(point.radii):.2f})"
    elif len(point.radii) > 1:
        text += " (" + ", ".join(f"{radius:.2f}" for radius in point.radii) + ")"
    return f"**{text}**" if point.radius == top else text


def _methods(own: Sequence[Point]) -> list[str]:
    lines = [
        "| method | passes | s / image | " + " | ".join(f"≥ {floor:g}" for floor in FLOORS) + " |",
        "|---|---|---|" + "---|" * len(FLOORS),
    ]
    for method, radii in best_radii(own).items():
        mine = [point for point in own if point.method == method]
        cells = ["-" if radius is None else f"{radius:.3f}" for radius in radii]
        seconds = sum(point.seconds for point in mine) / len(mine)
        pairs = " pairs" if mine[0].unit != "passes" else ""
        lines.append(f"| {method} | {mine[0].passes:,}{pairs} | {seconds:.1f} | " + " | ".join(cells) + " |")
    return lines


def _published() -> list[str]:
    lines = [
        "Schuchardt et al. 2023; another data set (Pascal VOC), another network (U-Net), 3x5 cells: they compare with",
        "the tables above in their order, not in size.",
        "",
        "| method | " + " | ".join(f"≥ {floor:g}" for floor in FLOORS) + " |",
        "|---|" + "---|" * len(FLOORS),
    ]
    for method, radii in PUBLISHED.items():
        lines.append(f"| {method} | " + " | ".join(f"{radius:.3f}" for radius in radii) + " |")
    return lines
