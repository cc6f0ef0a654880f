"""What a study says as a whole: every setting over its pictures.

A study is many certificates, each of which holds with its own `1 - alpha`. Means over pictures describe these pictures;
a bootstrap interval describes how much they would vary with other pictures of the same kind. Neither is a certificate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import ndtr, stdtrit

from lrscore.graphs.smoothed_graph import BUDGET_KINDS
from lrscore.metrics import mean_iou_of_counts
from lrscore.study.rows import CERTIFIED, CORRECT, DONE, GAIN_AREA, RADIUS, column_of, methods_of

CONFIDENCE = 0.95
FEWEST = 6
"""Pictures that an interval needs: no resampled mean leaves the range of the values, and the true mean of five
symmetric ones lies outside in 6 % of all cases."""
_MOST_RESAMPLES, _LEAST_RESAMPLES, _DRAWS = 10_000, 2_000, 10_000_000
_AT_ONCE = 1_000_000
Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class SettingSummary:
    """One setting, counted by one method, over all its pictures.

    Args:
        setting, method: which.
        pictures: of which certificates are done, however many seeds each has.
        failed: rows.
        accuracy: share of the labelled outputs that are right and do not abstain, all pictures together; None without
            reference.
        mean_iou: of all pictures together, abstentions wrong; None without class counts.
        radius: average certified radius, mean over seeds and then over pictures (area under certified accuracy, or
            ratio without reference); None for graphs.
        interval: its bootstrap interval over pictures; None if they are too few.
        gain: area under certified information gain, mean over pictures; the radius itself where labels are classes.
        abstained: share of all outputs.
        agreement: share of outputs whose smoothed label is the unsmoothed one; None if unknown.
        passes: per certificate, mean.
        seconds: of the workers, in all.
        alphas: sum over the certificates, which bounds the chance that any one of them is wrong; explorations left out.
        explored: certificates that promise nothing: how they share confidence was chosen after their samples had been
            seen.
        withstood: of graphs, by kind of budget: see `withstood`, mean over seeds and then over graphs.
    """

    setting: str
    method: str
    pictures: int
    failed: int
    accuracy: float | None
    mean_iou: float | None
    radius: float | None
    interval: tuple[float, float] | None
    gain: float | None
    abstained: float
    agreement: float | None
    passes: float
    seconds: float
    alphas: float
    explored: int = 0
    withstood: Mapping[str, float] = field(default_factory=dict)


def summarize(rows: Rows) -> list[SettingSummary]:
    """A summary for every setting and method, in order of appearance."""
    by_setting: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_setting.setdefault(row["setting"], []).append(row)
    found = []
    for setting, own in by_setting.items():
        done = [row for row in own if row["status"] == DONE]
        methods = list(dict.fromkeys(method for row in done for method in counted_methods(row))) or ["-"]
        found += [_summary(setting, method, done, len(own) - len(done)) for method in methods]
    return found


def counted_methods(row: dict[str, Any]) -> list[str]:
    """Methods of a row: those with a radius, or for graphs those with certified counts."""
    counted = [name for name in row if name.startswith(CERTIFIED) and not name.startswith(CORRECT)]
    return methods_of(row) or [name.removeprefix(CERTIFIED) for name in counted]


def pooled_mean_iou(rows: Rows, method: str) -> float | None:
    """Mean IoU of all pictures together, whose class counts add up; None without reference.

    A method that abstains by itself (SegCertify) has class counts of its own.
    """
    counts = []
    for row in rows:
        names = [
            f"{name}_{method}" if f"{name}_{method}" in row else name for name in ("hit", "true", "predicted")
        ]
        if all(name in row for name in names):
            counts.append(np.array([row[name] for name in names], dtype=np.int64))
    if not counts:
        return None
    widest = max(one.shape[1] for one in counts)
    together = np.zeros((3, widest), dtype=np.int64)
    for one in counts:
        together[:, : one.shape[1]] += one
    return mean_iou_of_counts(together)


def per_picture(rows: Rows, column: str) -> dict[str, float]:
    """Mean of a column over the seeds of every picture: seeds draw other noise, and are no further pictures."""
    found: dict[str, list[float]] = {}
    for row in rows:
        if row.get(column) is not None:
            found.setdefault(row["picture"], []).append(row[column])
    return {picture: float(np.mean(values)) for picture, values in found.items()}


def bootstrap_interval(values: np.ndarray, confidence: float = CONFIDENCE) -> tuple[float, float] | None:
    """Bootstrap interval of a mean over pictures (fixed seed); None for fewer than `FEWEST` pictures.

    Quantiles of resampled means, taken farther out for few pictures, by as much as Student's interval is wider than the
    normal one with the variance of a resample: the expanded percentile interval of Hesterberg, "What Teachers Should
    Know About the Bootstrap", 2015, section 5.3. Plain percentiles would cover too seldom.

    Args:
        values: (n,) one per picture.
    """
    count = values.size
    if count < FEWEST:
        return None
    generator = np.random.default_rng(0)
    resamples = min(_MOST_RESAMPLES, max(_LEAST_RESAMPLES, _DRAWS // count))
    at_once = max(1, _AT_ONCE // count)
    means = np.concatenate(
        [
            values[generator.integers(0, count, (min(at_once, resamples - start), count))].mean(axis=1)
            for start in range(0, resamples, at_once)
        ]
    )
    tail = ndtr(stdtrit(count - 1, (1 - confidence) / 2) * np.sqrt(count / (count - 1)))
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)


def withstood(row: dict[str, Any], method: str) -> dict[str, float]:
    """How many changes of each kind alone the nodes of a graph withstand, on average; of kinds with a budget.

    It is the area under the certified share over the row's budgets of that kind, as the average certified radius is for
    pictures: of nodes that are right where classes are known, else of all. Nodes that abstain withstand none. Between
    two budgets the lower share is taken, beyond the last one 0: coarse budgets understate it.
    """
    correct = f"{CORRECT}{method}"
    counts, total = (
        (row[correct], row["labelled"])
        if row.get("labelled") and correct in row
        else (row.get(f"{CERTIFIED}{method}"), row.get("outputs"))
    )
    kinds = [kind for kind in BUDGET_KINDS if column_of(kind) in row]
    if counts is None or not kinds or not total:
        return {}
    budgets = np.array([row[column_of(kind)] for kind in kinds], dtype=np.float64)  # (kinds, M)
    shares, found = np.array(counts) / total, {}
    for place, kind in enumerate(kinds):
        alone = (np.delete(budgets, place, axis=0) == 0).all(axis=0)
        own, first = np.unique(budgets[place, alone], return_index=True)
        if own.any():
            found[kind] = float(np.diff(own, prepend=0.0) @ shares[alone][first])
    return found


def _summary(setting: str, method: str, done: Rows, failed: int) -> SettingSummary:
    radii = np.array(list(per_picture(done, f"{RADIUS}{method}").values()))
    gains = np.array(list(per_picture(done, _gain_area(done, method)).values()))
    labelled, outputs = (sum(row.get(name, 0) for row in done) for name in ("labelled", "outputs"))
    agreeing = [row for row in done if "agreeing" in row]
    changes = [{"picture": row["picture"], **withstood(row, method)} for row in done]
    agreed = sum(row["outputs"] for row in agreeing)
    return SettingSummary(
        setting=setting,
        method=method,
        pictures=len({row["picture"] for row in done}),
        failed=failed,
        accuracy=sum(row.get("correct", 0) for row in done) / labelled if labelled else None,
        mean_iou=pooled_mean_iou(done, method),
        radius=float(radii.mean()) if radii.size else None,
        interval=bootstrap_interval(radii),
        gain=float(gains.mean()) if gains.size and gains.size == radii.size else None,
        abstained=sum(row["abstained"] for row in done) / max(outputs, 1),
        agreement=sum(row["agreeing"] for row in agreeing) / agreed if agreed else None,
        passes=float(np.mean([row["passes"] for row in done])) if done else 0.0,
        seconds=float(sum(row["seconds"] for row in done)),
        alphas=float(sum(row["alpha"] for row in done if not row.get("explored"))),
        explored=sum(1 for row in done if row.get("explored")),
        withstood={
            kind: float(np.mean(list(found.values())))
            for kind in BUDGET_KINDS
            if (found := per_picture(changes, kind))
        },
    )


def _gain_area(done: Rows, method: str) -> str:
    """Column of the area under certified information gain: that under certified accuracy, where labels are classes."""
    coarse = any(
        name.startswith(GAIN_AREA) and value is not None for row in done for name, value in row.items()
    )
    return f"{GAIN_AREA if coarse else RADIUS}{method}"
