"""The exact method against HiGHS's mixed-integer solver on the published per-node problem.

    R=runs/graphs/citeseer-appnp/citeseer-
    python -m benchmarks.graph_milp $R-strong_soft--*.nc $R-wide_soft--*.nc $R-local_votes--*.nc \\
        --fractional $R-strong_soft--*.nc

The opponent gets one binary per node, `threshold_n * fallen_n <= cost_n(b)`, and maximises their sum, as published code
does (there with quantised thresholds). Both solvers answer the same question about the same thresholds: whole
allocations `b` where ours spends whole attributes, fractional ones where ours does.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, milp

from benchmarks.graph_document import DOCUMENT, write_part
from lrscore.collective import certify_collectively
from lrscore.files import load_certificate
from models.graphs.registry import load_graph

PAIRS = ((1, 0), (2, 0), (5, 0), (0, 2), (0, 5), (1, 1), (2, 5), (5, 5))
_BOXES = 10**6  # ours is stopped by the clock here, like the opponent


@dataclass(frozen=True)
class Task:
    """What both solvers are given.

    Args:
        weights: costs of an addition and of a deletion, (I, J) each, finite.
        thresholds: (N,) above 0.
        groups: (N,) row of the weights for every node.
    """

    weights: tuple[np.ndarray, np.ndarray]
    thresholds: np.ndarray
    groups: np.ndarray


@dataclass(frozen=True)
class Answer:
    """proven: nodes certified by the bound; ceiling: nodes that the best attack found leaves; status: how it ended."""

    proven: int
    ceiling: int
    seconds: float
    status: str


def by_milp(task: Task, pair: tuple[float, float], *, integer: bool, time_limit: float) -> Answer:
    """HiGHS on one binary per node, through SciPy.

    Raises:
        ValueError: an infinite weight, which has no place in the published program.
    """
    costs = np.concatenate(task.weights, axis=1)[task.groups]  # (N, 2 J)
    if not np.isfinite(costs).all():
        raise ValueError("weights must be finite")
    nodes, channels = costs.shape
    fallen = sp.hstack([sp.diags_array(np.ones(nodes)), sp.csr_array(-costs / task.thresholds[:, None])])
    kinds = np.repeat(np.eye(2), channels // 2, axis=1)  # (2, 2 J)
    spent = sp.hstack([sp.csr_array((2, nodes)), sp.csr_array(kinds)])
    most = np.concatenate([np.ones(nodes), np.array(pair, dtype=np.float64) @ kinds])
    started = time.perf_counter()
    found = milp(
        np.concatenate([-np.ones(nodes), np.zeros(channels)]),
        integrality=np.concatenate([np.ones(nodes), np.full(channels, float(integer))]),
        bounds=Bounds(0, most),
        constraints=[LinearConstraint(fallen, ub=0), LinearConstraint(spent, ub=np.array(pair))],
        options={"time_limit": time_limit, "mip_rel_gap": 0.0},
    )
    seconds = time.perf_counter() - started
    bound = nodes if found.mip_dual_bound is None else min(nodes, math.floor(-found.mip_dual_bound + 1e-6))
    hits = 0 if found.x is None else round(-found.fun)
    status = {0: "optimal", 1: "time limit"}.get(found.status, "failed")
    return Answer(nodes - bound, nodes - hits, seconds, status)


def by_branching(task: Task, pair: tuple[float, float], *, integer: bool, time_limit: float) -> Answer:
    """Our `exact` on the same task."""
    started = time.perf_counter()
    found = certify_collectively(
        task.weights,
        task.thresholds,
        task.groups,
        np.array([pair], dtype=np.float64),
        method="exact",
        integer=integer,
        time_limit=time_limit,
        node_limit=_BOXES,
    )
    seconds = time.perf_counter() - started
    return Answer(int(found.certified[0]), int(found.ceiling[0]), seconds, str(found.status[0]))


def read_task(path: Path) -> Task:
    """The test nodes with a correct label of a stored run of `benchmarks.graph_results`, without abstentions."""
    certificate = load_certificate(path)
    tests = load_graph(certificate.provenance["title"]).test_mask.numpy()
    chosen = tests & certificate.correct() & (certificate.thresholds > 0)
    return Task(certificate.weights, certificate.thresholds[chosen], certificate.groups[chosen])


def table(
    name: str,
    task: Task,
    time_limit: float,
    pairs: Sequence[tuple[float, float]] = PAIRS,
    *,
    integer: bool = True,
) -> str:
    """One Markdown table: a row per pair."""
    kind = "whole" if integer else "fractional"
    lines = [
        f"{name}, {kind} allocations, {task.thresholds.size:,} nodes:",
        "",
        "| additions, deletions | HiGHS: proven / ceiling | seconds | ours: proven / ceiling | seconds |",
        "| --- | --- | --- | --- | --- |",
    ]
    for pair in pairs:
        cells = []
        for solve in (by_milp, by_branching):
            answer = solve(task, pair, integer=integer, time_limit=time_limit)
            cells += [f"{answer.proven} / {answer.ceiling}", f"{answer.seconds:.2f} ({answer.status})"]
        lines.append(f"| +{pair[0]} -{pair[1]} | {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    return "\n".join([*lines, ""])


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare on stored certificates and write the tables into the document."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("certificates", nargs="+", type=Path, help="compared with whole allocations")
    options.add_argument(
        "--fractional", nargs="*", type=Path, default=(), help="compared with fractional ones"
    )
    options.add_argument("--time-limit", type=float, default=90.0, help="seconds a pair and solver")
    options.add_argument("--out", type=Path, default=DOCUMENT)
    given = options.parse_args(arguments)
    tables = [
        table(path.stem, read_task(path), given.time_limit, integer=integer)
        for integer, paths in ((True, given.certificates), (False, given.fractional))
        for path in paths
    ]
    write_part(given.out, "milp", "\n".join(tables))


if __name__ == "__main__":
    main()
