"""The published linear program as one would write it: with cvxpy, and directly for HiGHS. One budget per call.

    python -m benchmarks.collective.opponents cvxpy-HIGHS 0.04 --bins 2048

Prints one line of JSON: outputs certified, CPU seconds (all threads), peak memory of the process.
"""

from __future__ import annotations

import argparse
import json
import resource
import time

import numpy as np

from benchmarks.collective.fields import REGIMES, Field, agreement_field


def rows_of(field: Field, bins: int | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Thresholds, groups and multiplicities of the relaxed indicators: one per output, or one per group and bin."""
    counted = field.thresholds > 0
    thresholds, groups = field.thresholds[counted], field.groups[counted]
    if bins is None:
        return thresholds, groups, np.ones(thresholds.size)
    edges = np.linspace(thresholds.min(), thresholds.max(), bins)
    binned = np.searchsorted(edges, thresholds, side="right") - 1
    pairs, counts = np.unique(np.stack([groups, binned]), axis=1, return_counts=True)
    return edges[pairs[1]], pairs[0], counts.astype(float)


def by_cvxpy(field: Field, budget: float, bins: int | None, solver: str) -> float:
    """Outputs attacked, as a cvxpy problem."""
    import cvxpy

    thresholds, groups, counts = rows_of(field, bins)
    spent = cvxpy.Variable(field.weights.shape[1], nonneg=True)
    fallen = cvxpy.Variable(thresholds.size, nonneg=True)
    reached = field.weights[groups] @ spent
    limits = [fallen <= 1, cvxpy.multiply(thresholds, fallen) <= reached, cvxpy.sum(spent) <= budget]
    problem = cvxpy.Problem(cvxpy.Maximize(counts @ fallen), limits)
    return float(problem.solve(solver=solver))


def by_highs(field: Field, budget: float, bins: int | None) -> float:
    """Outputs attacked, as a sparse model passed straight to HiGHS."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, eye_array, hstack, vstack

    thresholds, groups, counts = rows_of(field, bins)
    n_regions = field.weights.shape[1]
    indicators = hstack([csr_array(-field.weights[groups] / thresholds[:, None]), eye_array(thresholds.size)])
    spending = csr_array(np.append(np.ones(n_regions), np.zeros(thresholds.size))[None])
    result = linprog(
        np.append(np.zeros(n_regions), -counts),
        vstack([indicators, spending]).tocsc(),
        np.append(np.zeros(thresholds.size), budget),
        bounds=np.array([(0, np.inf)] * n_regions + [(0, 1)] * thresholds.size),
        method="highs",
    )
    return -result.fun


def main() -> None:
    """Run one opponent once."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=["cvxpy-HIGHS", "cvxpy-CLARABEL", "highs"])
    parser.add_argument("budget", type=float)
    parser.add_argument("--bins", type=int)
    parser.add_argument("--grid", default="3x5")
    parser.add_argument("--regime", default="mixed", choices=list(REGIMES))
    options = parser.parse_args()
    rows, columns = map(int, options.grid.split("x"))
    field = agreement_field((rows, columns), options.regime)
    start = time.process_time()
    if options.name == "highs":
        attacked = by_highs(field, options.budget, options.bins)
    else:
        attacked = by_cvxpy(field, options.budget, options.bins, options.name.removeprefix("cvxpy-"))
    seconds = time.process_time() - start
    certified = int((field.thresholds > 0).sum() - np.floor(attacked + 1e-6))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"certified": certified, "seconds": seconds, "megabytes": memory}))


if __name__ == "__main__":
    main()
