"""Views on fine grids: what windows would be worth at equal votes, and what the collective engine takes for them.

    python -m benchmarks.fine_grids [--quick] [--finest] [--out docs/results/views.md]

The thresholds are those of a bundled isotropic certificate, as if a model of views had the same votes. That is an
upper end, not a result: a model that sees less is less accurate. Seconds are CPU seconds of one process.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from benchmarks.collective.measure import table
from lrscore import load_certificate
from lrscore.collective import CollectiveCertificate, Limits, certify_collectively, verify
from lrscore.images.certificate import ImageCertificate
from lrscore.images.regions import GridRegions
from lrscore.images.supposed import SupposedViews, supposed_views
from lrscore.images.windows import View, needed_windows

SOURCE = Path("models/gallery/rivals/zebra-crossing-isotropic.nc")
FIELDS: dict[str, tuple[int | None, ...]] = {
    "37 pixels, everything at 8 s": (37, None),
    "8, 24, 64 pixels, everything": (8, 24, 64, None),
    "12, 32, 80 pixels, everything": (12, 32, 80, None),
}
GRIDS = ((6, 8), (9, 12), (12, 16), (18, 24))
CURVE, EXACT = 161, 9
ENOUGH = 0.005  # of the outputs: the gap to the ceiling that counts as closed


def case_of(
    source: ImageCertificate, fields: tuple[int | None, ...], grid: tuple[int, int], points: int
) -> SupposedViews:
    """The source's thresholds under a pyramid whose finest view has the source's level."""
    factors = [1, 8] if len(fields) == 2 else [2**v for v in range(len(fields))]
    regions = GridRegions(*source.shape, *grid)
    levels = [source.settings.level_min * factor for factor in factors]
    views = [View(*pair) for pair in zip(needed_windows(fields, regions), levels, strict=True)]
    return supposed_views(source, regions, views, points)


def curve(case: SupposedViews) -> tuple[CollectiveCertificate, float, float]:
    """The curve, and CPU seconds to certify and to verify it."""
    start = time.process_time()
    found = certify_collectively(*case.inputs, case.epsilons**2)
    middle = time.process_time()
    verify(found, *case.inputs)
    return found, middle - start, time.process_time() - middle


def exact_gap(case: SupposedViews, budget: float, seconds: float) -> float:
    """Share of the outputs between count and ceiling after so many CPU seconds of branch and bound."""
    deadline = time.process_time() + seconds
    limits = Limits(cancel=lambda: time.process_time() > deadline, node_limit=10**6)
    found = certify_collectively(*case.inputs, np.array([budget]), method="exact", limits=limits)
    return float(found.ceiling[0] - found.certified[0]) / case.groups.size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one grid and few budgets: does it run?")
    parser.add_argument("--finest", action="store_true", help="the finest grid only")
    parser.add_argument("--seconds", type=float, default=5.0, help="for each budget of the exact method")
    parser.add_argument("--out", help="write the report to this file, too")
    options = parser.parse_args()
    source = load_certificate(SOURCE)
    assert isinstance(source, ImageCertificate)
    alone = case_of(source, (None,), (1, 1), CURVE)
    isotropic = alone.area(np.array([(source.radii > epsilon).sum() for epsilon in alone.epsilons]))
    grids, points = (GRIDS[:1], 11) if options.quick else (GRIDS[-1:] if options.finest else GRIDS, CURVE)
    rows: list[list[object]] = []
    for name, fields in FIELDS.items():
        for grid in grids:
            case = case_of(source, fields, grid, points)
            found, seconds, checking = curve(case)
            values = [case.area(counts) for counts in (found.certified, found.ceiling)]
            radii = [f"{value:.2f}" for value in values]
            rows.append([name, f"{grid[0]}x{grid[1]}", *radii, f"{seconds:.1f}", f"{checking:.1f}"])
            print(*rows[-1], flush=True)
    head = ["windows", "cells", "average certified radius", "ceiling", "curve s", "verify s"]
    case = case_of(source, FIELDS["8, 24, 64 pixels, everything"], grids[-1], EXACT + 2)
    gaps = np.array([exact_gap(case, budget, options.seconds) for budget in case.epsilons[1:-1] ** 2])
    size, cells = "x".join(map(str, source.shape)), "x".join(map(str, grids[-1]))
    report = (
        f"# Views on fine grids\n\n`python -m benchmarks.fine_grids`; thresholds of `{SOURCE}` (level "
        f"{source.settings.level_min:g}, {int(source.trials[0]):,} samples, {size} pixels; its own average "
        f"certified radius {isotropic:.2f}), as if a model of views had the same votes. CPU seconds of one process, "
        f"{points} budgets a curve.\n\n{table(head, rows)}\n"
        f"Exact, {cells} cells, windows of 8, 24, 64 pixels and everything, {options.seconds:g} CPU s for each of "
        f"{EXACT} budgets that are evenly spaced in eps: gap to the ceiling, in % of the outputs: "
        f"{', '.join(f'{100 * gap:.1f}' for gap in gaps)}; within {100 * ENOUGH:g} % at "
        f"{int((gaps <= ENOUGH).sum())} of {EXACT}.\n"
    )
    print(report)
    if options.out:
        Path(options.out).write_text(report)


if __name__ == "__main__":
    main()
