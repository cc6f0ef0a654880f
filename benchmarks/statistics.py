"""Sharpness and speed of the confidence bounds, as a page of tables.

    python -m benchmarks.statistics            # writes docs/results/statistics.md
    python -m benchmarks.statistics --out -    # prints it

Everything but the timings is the same on every run: fixed seeds, no model.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from scipy.special import ndtri

from lrscore.collective import certify_collectively
from lrscore.statistics import (
    CollectiveView,
    ConfidencePlan,
    LookSchedule,
    ScoreHistogram,
    choose_samples,
    clopper_pearson_lower,
    group_gains,
    mixture_lower,
    projected_bounds,
    soft_threshold_bernstein,
    soft_threshold_direct,
    soft_threshold_dkw,
    weights_from_pilot,
)

ALPHA, OUTPUTS, TOLERATED = 0.01, 41_500, 42
LAWS: dict[str, Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]] = {
    "beta: Beta(8, 2)": lambda rng, shape: rng.beta(8, 2, shape),
    "bimodal: 85 % Beta(30, 2), 15 % Beta(2, 30)": lambda rng, shape: np.where(
        rng.random(shape) < 0.85, rng.beta(30, 2, shape), rng.beta(2, 30, shape)
    ),
    "sharp: Beta(60, 3)": lambda rng, shape: rng.beta(60, 3, shape),
}


def table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    """Return the lines of a Markdown table."""
    names = list(header)
    lines = [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    return [*lines, *(f"| {' | '.join(str(cell) for cell in row)} |" for row in rows), ""]


def radius_rows() -> Iterable[list[str]]:
    """Certified radius / sigma where the observed share is exactly p."""
    level = ALPHA / OUTPUTS
    for n in (1000, 10_000):
        last = LookSchedule.geometric(n).fractions[-1]
        for p in (0.7, 0.9, 0.99):
            k = round(n * p)
            bounds = {
                "default": clopper_pearson_lower(k, n, level),
                "weighted": clopper_pearson_lower(k, n, 2 * level),
                "count": clopper_pearson_lower(k, n, TOLERATED * level),
                "anytime": clopper_pearson_lower(k, n, last * level),
                "mixture": mixture_lower(k, n, level),
                "by rank": clopper_pearson_lower(k, n, ALPHA / (OUTPUTS // 2)),
            }
            radii = {name: float(ndtri(bound)) for name, bound in bounds.items()}
            cells = [f"{r:.4f} ({100 * (r / radii['default'] - 1):+.1f} %)" for r in radii.values()]
            yield [f"{n:,}", str(p), f"{ndtri(p):.4f}", f"{radii['default']:.4f}", *cells[1:]]


def soft_rows(nodes: int = 200) -> Iterable[list[str]]:
    """Mean threshold over `nodes` outputs with the same score law."""
    rng = np.random.default_rng(2)
    for n in (1000, 10_000):
        for name, law in LAWS.items():
            scores = law(rng, (10**6,))
            truth = np.log1p((scores.mean() - 0.5) ** 2 / scores.var())
            histogram, pilot = (ScoreHistogram.empty(nodes).add(law(rng, (size, nodes))) for size in (n, 100))
            for outputs in (2000, OUTPUTS):
                level = ALPHA / outputs
                dkw = soft_threshold_dkw(histogram, level).mean()
                bernstein = soft_threshold_bernstein(histogram, level).mean()
                direct = soft_threshold_direct(histogram, pilot, level).mean()
                numbers = [f"{value:.3f}" for value in (truth, dkw, bernstein, direct)]
                yield [f"{n:,}", name, f"0.01/{outputs:,}", *numbers, f"{direct / dkw:.2f}"]


def speed_rows() -> Iterable[list[str]]:
    """CPU seconds for a million bounds, and for the thresholds of 20,000 nodes."""
    rng = np.random.default_rng(3)
    many = 10**6
    counts, pilot_counts = rng.binomial(1000, 0.7, many), rng.binomial(128, 0.7, many)
    for correction in ("bonferroni", "weighted-bonferroni", "anytime", "mixture", "paper-holm"):
        plan = ConfidencePlan.for_samples(ALPHA, correction, many, 1000)
        weights = weights_from_pilot(pilot_counts, 128) if correction == "weighted-bonferroni" else None
        start = time.process_time()
        bounds = plan.lower(counts, 1000, weights=weights)
        middle = time.process_time()
        plan.check(bounds, counts, 1000, weights=weights)
        took = f"{middle - start:.2f}", f"{time.process_time() - middle:.2f}"
        yield [f"{correction}: 1,000,000 bounds, n = 1,000", *took]
    scores = rng.beta(8, 2, (100, 20_000)).astype(np.float32)
    histogram = ScoreHistogram.empty(20_000).add(scores)
    histogram = ScoreHistogram(10 * histogram.counts)
    level = np.full(20_000, ALPHA / 20_000)
    for name, bound in {
        "DKW": lambda: soft_threshold_dkw(histogram, level),
        "empirical Bernstein": lambda: soft_threshold_bernstein(histogram, level),
        "direct": lambda: soft_threshold_direct(histogram, histogram, level),
    }.items():
        start = time.process_time()
        bound()
        yield [
            f"{name}: 20,000 thresholds, 1,000 samples, 128 bins",
            f"{time.process_time() - start:.2f}",
            "",
        ]


def thresholds_of(bounds: np.ndarray) -> np.ndarray:
    """Return the Gaussian thresholds `Phi^-1(p)**2`, 0 where `p <= 1/2`."""
    return np.where(bounds > 0.5, ndtri(np.clip(bounds, 0.5, 1.0)) ** 2, 0.0)


def adaptive_rows() -> Iterable[list[str]]:
    """Samples drawn and outputs certified, adaptively and not, on a synthetic 3 x 5 grid."""
    rng = np.random.default_rng(4)
    row, column = np.divmod(np.arange(15), 5)
    distance = np.maximum(abs(row[:, None] - row), abs(column[:, None] - column))
    weights = 1.0 / (0.1 + 0.05 * distance) ** 2
    groups = rng.integers(0, 15, 6000)
    truth = np.clip(rng.beta(6, 1, 6000) ** rng.uniform(0.2, 2.0, 15)[groups], 0.0, 0.999)
    for samples in (2000, 10_000):
        plan = ConfidencePlan.for_samples(ALPHA, "anytime", 6000, samples)
        stream = [rng.binomial(size, truth) for size in np.diff((0, *plan.looks))]
        counts = np.cumsum(stream, axis=0)
        for eps in ((0.05,), (0.05, 0.1, 0.15)):
            budgets = np.square(eps)
            thresholds = thresholds_of(plan.lower(counts[-1], samples))
            full = certify_collectively(weights, thresholds, groups, budgets).certified
            for tolerance in (6, 60):
                drawn, now = sample_adaptively(plan, counts, (groups, weights, budgets), tolerance)
                adaptive = certify_collectively(weights, now, groups, budgets).certified
                both = (", ".join(f"{count:,}" for count in certified) for certified in (full, adaptive))
                saved = f"{100 * (1.0 - drawn.sum() / (15 * samples)):.0f} %"
                yield [f"{samples:,}", ", ".join(map(str, eps)), str(tolerance), *both, saved]


def sample_adaptively(
    plan: ConfidencePlan,
    counts: np.ndarray,
    problem: tuple[np.ndarray, np.ndarray, np.ndarray],
    tolerance: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return samples drawn per group and final thresholds; `counts` (looks, N) are what sampling would find."""
    groups, weights, budgets = problem
    drawn = np.full(weights.shape[0], plan.looks[0])
    while True:
        trials = drawn[groups]
        agreed = counts[plan.schedule.indices(trials), np.arange(groups.size)]
        now = thresholds_of(plan.lower(agreed, trials))
        later = thresholds_of(projected_bounds(agreed, trials, plan, plan.looks[-1]))
        proof = certify_collectively(weights, later, groups, budgets).proof
        # No branching in the envelope method: the root of each budget is a leaf.
        multipliers = proof.multipliers[proof.leaf_multipliers[proof.roots]]
        gains = group_gains(now, later, CollectiveView(groups, weights, budgets, multipliers))
        choice = choose_samples(gains, drawn, plan.looks, tolerance=tolerance)
        if choice.stop:
            return drawn, now
        drawn = drawn + choice.samples


def page() -> str:
    """Return the whole page."""
    lines = [
        "# Confidence bounds: sharpness and speed",
        "",
        "Made by `OMP_NUM_THREADS=1 python -m benchmarks.statistics`; docs/statistics.md explains the methods.",
        "",
        f"## Certified radius / sigma at level 0.01/{OUTPUTS:,} (Gaussian noise)",
        "",
        "The observed share is exactly p. Exact: `Phi^-1(p)`, what infinitely many samples give. In brackets: change "
        "against the default. Weighted: half of the outputs are hopeless in the pilot. Count level: "
        f"{TOLERATED - 1} outputs are subtracted from every count. Anytime: the last of five looks. By rank: the "
        "published levels at the middle rank, *not valid*.",
        "",
        *table(
            [
                "n",
                "p",
                "exact",
                "Bonferroni (default)",
                "weighted",
                "count level",
                "anytime",
                "mixture",
                "by rank",
            ],
            radius_rows(),
        ),
        "## Thresholds `eta` of soft scores",
        "",
        "Means over 200 outputs, 128 bins, pilot of 100 samples.",
        "",
        *table(
            ["n", "law", "level", "true eta", "DKW", "empirical Bernstein", "direct", "direct / DKW"],
            soft_rows(),
        ),
        "## Adaptive sampling",
        "",
        "6,000 synthetic outputs in 15 groups (3 x 5 grid, noise 0.1 to 0.3), plan anytime; certified counts at each "
        "eps. Saved: share of the full sampling's samples that were not drawn.",
        "",
        *table(
            ["samples", "eps", "tolerance (outputs)", "certified, all samples", "adaptive", "saved"],
            adaptive_rows(),
        ),
        "## CPU seconds",
        "",
        f"One core, {platform.machine()}, NumPy {np.__version__}. Checked: by the independent route of `verify`.",
        "",
        *table(["what", "CPU seconds", "checked in"], speed_rows()),
    ]
    return "\n".join(lines)


def main() -> None:
    """Write or print the page."""
    parser = argparse.ArgumentParser(description="Sharpness and speed of the confidence bounds.")
    parser.add_argument("--out", default="docs/results/statistics.md", help="file to write, or - to print")
    out = parser.parse_args().out
    if out == "-":
        print(page())
        return
    path = Path(out)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
