"""Benchmark of the collective engine.

python -m benchmarks.collective --quick   # about a minute, printed
python -m benchmarks.collective           # everything, written to docs/results/collective.md
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.collective.fields import BUDGETS, REGIMES, SAMPLES, agreement_field
from benchmarks.collective.measure import run_curve, run_opponent, table
from lrscore.collective.certificate import METHODS

TARGET = Path(__file__).parents[2] / "docs" / "results" / "collective.md"
EXACT_SECONDS = 5.0
EPS = np.array([0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5])
SHOWN = (0.1, 0.2, 0.3)


def tightness(quick: bool) -> str:
    """Certified counts at three eps, and the distance to the ceiling over all of `EPS`, per grid and regime."""
    grids = [(3, 5)] if quick else [(3, 5), (4, 6), (8, 12)]
    counts: list[list[object]] = []
    distances: list[list[object]] = []
    for grid in grids:
        for regime in ["mixed"] if quick else REGIMES:
            field, name = agreement_field(grid, regime), f"{grid[0]}x{grid[1]}"
            runs = {method: run_curve(field, EPS**2, method).certificate for method in METHODS[:3]}
            limits = {"time_limit": EXACT_SECONDS, "node_limit": 10**6}
            runs["exact"] = run_curve(field, EPS**2, "exact", **limits).certificate
            ceiling = np.min([run.ceiling for run in runs.values()], axis=0)
            for place in np.flatnonzero(np.isin(EPS, SHOWN)):
                found = [f"{run.certified[place]:,}" for run in runs.values()]
                status = runs["exact"].status[place]
                counts.append([name, regime, EPS[place], *found, f"{ceiling[place]:,}", status])
            left = {
                method: 100 * (ceiling - run.certified) / field.thresholds.size
                for method, run in runs.items()
            }
            naive = left["envelope"][runs["naive"].certified > 0]
            distances.append(
                [
                    name,
                    regime,
                    f"{np.median(naive):.2f}, {naive.max():.2f}",
                    f"{left['paper'].max():.1f}",
                    f"{left['envelope'].max():.2f}",
                    f"{left['exact'].max():.3f}",
                    f"{(left['exact'] <= 0.5).sum()} of {EPS.size}",
                ]
            )
    first = table(["grid", "regime", "eps", *METHODS, "ceiling", "exact: status"], counts)
    head = ["grid", "regime", "envelope while naive > 0 (median, largest)", "paper", "envelope", "exact"]
    second = table([*head, "exact within 0.5"], distances)
    return (
        f"Certified outputs of {field.thresholds.size:,}; exact: at most {EXACT_SECONDS:g} s of wall time a budget.\n\n"
        f"{first}\nLargest distance to the ceiling in percent of all outputs, over eps {', '.join(map(str, EPS))}:\n\n"
        f"{second}"
    )


def speed(quick: bool) -> str:
    """The published program solved in several ways, beside ours, at eps 0.2; ours per budget of a curve of 161."""
    limit = 60.0 if quick else 100.0
    rows: list[list[object]] = []
    for grid in [(3, 5)] if quick else [(3, 5), (8, 12)]:
        field, name = agreement_field(grid), f"{grid[0]}x{grid[1]}"
        curves = {method: run_curve(field, BUDGETS, method) for method in ("envelope", "paper")}
        ours = curves["envelope"].seconds / BUDGETS.size
        near = int(np.abs(BUDGETS - 0.04).argmin())
        contestants = [
            ("cvxpy + HiGHS", "cvxpy-HIGHS", []),
            ("cvxpy + CLARABEL", "cvxpy-CLARABEL", []),
            ("HiGHS", "highs", []),
            ("cvxpy + HiGHS, 2,048 bins", "cvxpy-HIGHS", ["--bins", "2048"]),
            ("cvxpy + CLARABEL, 2,048 bins", "cvxpy-CLARABEL", ["--bins", "2048"]),
            ("HiGHS, 2,048 bins", "highs", ["--bins", "2048"]),
        ]
        for label, solver, options in contestants[3:] if quick else contestants:
            found = run_opponent(solver, float(BUDGETS[near]), [*options, "--grid", name], limit)
            if found.seconds is None:
                rows.append([name, label, "not finished", f"> {limit:g}", f"> {limit / ours:,.0f}", ""])
                continue
            ratio = f"{found.seconds / ours:,.0f}"
            rows.append(
                [
                    name,
                    label,
                    f"{found.certified:,}",
                    f"{found.seconds:.3f}",
                    ratio,
                    f"{found.megabytes:,.0f}",
                ]
            )
        for method, label in (("paper", "cutting planes (our `paper`)"), ("envelope", "envelope (ours)")):
            run = curves[method]
            seconds = run.seconds / BUDGETS.size
            counts = f"{run.certificate.certified[near]:,}"
            rows.append(
                [name, label, counts, f"{seconds:.4f}", f"{seconds / ours:.1f}", f"{run.megabytes:,.0f}"]
            )
    return table(["grid", "solver", "certified", "CPU s per budget", "times envelope", "peak MB"], rows)


def scaling(quick: bool) -> str:
    """CPU seconds for a curve of 161 budgets against outputs and regions."""
    sizes = [(100, 100), (166, 250), (320, 313), (1000, 1000)]
    grids = [(2, 2), (3, 5), (8, 8), (10, 10), (20, 20)]
    problems = [((3, 5), size) for size in (sizes[:2] if quick else sizes)]
    problems += [(grid, (166, 250)) for grid in (grids[:2] if quick else grids)]
    rows: list[list[object]] = []
    for grid, size in problems:
        run = run_curve(agreement_field(grid, size=size), BUDGETS, "envelope")
        rows.append(
            [
                f"{size[0] * size[1]:,}",
                grid[0] * grid[1],
                f"{run.seconds:.2f}",
                f"{run.verify_seconds:.2f}",
                len(run.certificate.proof.multipliers),
                f"{run.megabytes:,.0f}",
            ]
        )
    return table(["outputs", "regions", "certify, s", "verify, s", "dual vectors", "peak MB so far"], rows)


SECTIONS: dict[str, Callable[[bool], str]] = {
    "Tightness": tightness,
    "Speed and memory at one budget": speed,
    "Scaling: a curve of 161 budgets, certified and verified": scaling,
}


def main() -> None:
    """Run the sections in turn, print each when done, write the page at the end."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a small part, printed only")
    parser.add_argument("--out", type=Path, default=TARGET)
    options = parser.parse_args()
    page = [
        "# Collective engine: measurements\n",
        f"`OMP_NUM_THREADS=1 python -m benchmarks.collective{' --quick' if options.quick else ''}`; "
        f"Python {platform.python_version()}, NumPy {np.__version__}. Seconds are CPU seconds, all threads together. "
        f"Thresholds: Clopper–Pearson bounds of {SAMPLES} samples, 166x250 outputs unless said otherwise; "
        "levels 0.1 to 0.3; 161 budgets, eps 0 to 0.6. What the numbers mean: `docs/collective.md`.\n",
    ]
    for title, section in SECTIONS.items():
        page.append(f"## {title}\n\n{section(options.quick)}")
        print(page[-1], flush=True)
    if not options.quick:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    main()
