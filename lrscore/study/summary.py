"""What a study says as a whole: every setting over its pictures.

A study is many certificates, each of which holds with its own `1 - alpha`. Means over pictures describe these pictures;
a bootstrap interval describes how much they would vary with other pictures of the same kind. Neither is a certificate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrscore.metrics import mean_iou_of_counts
from lrscore.study.rows import CERTIFIED, CORRECT, DONE, GAIN_AREA, RADIUS, methods_of

RESAMPLES = 2000
CONFIDENCE = 0.95
Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class SettingSummary:
    """One setting, counted by one method, over all its pictures; with several seeds a picture counts once for each.

    Args:
        setting, method: which.
        pictures: done.
        failed: rows.
        accuracy: share of the labelled outputs that are right and do not abstain, all pictures together; None without
            reference.
        mean_iou: of all pictures together, abstentions wrong; None without class counts.
        radius: average certified radius, mean over pictures (area under certified accuracy, or ratio without
            reference); None for graphs.
        interval: its bootstrap interval over pictures.
        gain: area under certified information gain, mean over pictures; the radius itself where labels are classes.
        abstained: share of all outputs.
        agreement: share of outputs whose smoothed label is the unsmoothed one; None if unknown.
        passes: per picture, mean.
        seconds: of the workers, in all.
        alphas: sum over the certificates, which bounds the chance that any one of them is wrong; explorations left out.
        explored: certificates that promise nothing: how they share confidence was chosen after their samples had been
            seen.
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


def bootstrap_interval(values: np.ndarray, confidence: float = CONFIDENCE) -> tuple[float, float] | None:
    """Percentile bootstrap interval of a mean over pictures (fixed seed); None for fewer than two.

    Args:
        values: (n,) one per picture.
    """
    if values.size < 2:
        return None
    generator = np.random.default_rng(0)
    means = np.array(
        [values[generator.integers(0, values.size, values.size)].mean() for _ in range(RESAMPLES)]
    )
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def _summary(setting: str, method: str, done: Rows, failed: int) -> SettingSummary:
    radii = np.array([row[f"{RADIUS}{method}"] for row in done if f"{RADIUS}{method}" in row])
    gains = [area for row in done if (area := _gain_area(row, method)) is not None]
    labelled, outputs = (sum(row.get(name, 0) for row in done) for name in ("labelled", "outputs"))
    agreeing = [row for row in done if "agreeing" in row]
    agreed = sum(row["outputs"] for row in agreeing)
    return SettingSummary(
        setting=setting,
        method=method,
        pictures=len(done),
        failed=failed,
        accuracy=sum(row.get("correct", 0) for row in done) / labelled if labelled else None,
        mean_iou=pooled_mean_iou(done, method),
        radius=float(radii.mean()) if radii.size else None,
        interval=bootstrap_interval(radii),
        gain=float(np.mean(gains)) if gains and len(gains) == radii.size else None,
        abstained=sum(row["abstained"] for row in done) / max(outputs, 1),
        agreement=sum(row["agreeing"] for row in agreeing) / agreed if agreed else None,
        passes=float(np.mean([row["passes"] for row in done])) if done else 0.0,
        seconds=float(sum(row["seconds"] for row in done)),
        alphas=float(sum(row["alpha"] for row in done if not row.get("explored"))),
        explored=sum(1 for row in done if row.get("explored")),
    )


def _gain_area(row: dict[str, Any], method: str) -> float | None:
    """Area under certified information gain: that under certified accuracy, where labels are classes."""
    coarse = any(name.startswith(GAIN_AREA) and value is not None for name, value in row.items())
    return row.get(f"{GAIN_AREA if coarse else RADIUS}{method}")
