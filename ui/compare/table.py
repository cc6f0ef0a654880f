"""The comparison as a table: for the page, for CSV and for the report. Certified numbers are rounded down."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from typing import Any

from ui.certification.stopped import STOPPED
from ui.compare.scores import Score, front_of, stopped_in_words
from ui.compare.sets import family
from ui.style.words import confidence


def table_columns(scores: Sequence[Score], epsilon: float) -> dict[str, list[Any]]:
    """Columns of the table by title, one value a row; shares in percent."""
    front = front_of(scores)
    columns: dict[str, list[Any]] = {
        "row": [score.entrant.name for score in scores],
        "noise": [f"{score.entrant.choice.settings.noise} {score.entrant.levels}" for score in scores],
        "best in both": ["◆" if place in front else "" for place in range(len(scores))],
        "average certified radius": [_down(score.radius, 4) for score in scores],
        f"certified at ε = {epsilon:g} (%)": [_down(100 * score.at(epsilon), 1) for score in scores],
    }
    if any(score.coarse for score in scores):
        gains = [score.gain_at(epsilon) for score in scores]
        columns[f"information gain at ε = {epsilon:g} (%)"] = [
            None if gain is None else _down(100 * gain, 1) for gain in gains
        ]
    if scores[0].miou is not None:
        columns["mean IoU (%)"] = [_percent(score.miou) for score in scores]
        columns["pixel accuracy (%)"] = [_percent(score.accuracy) for score in scores]
    columns["answered (%)"] = [_down(100 * score.answered, 1) for score in scores]
    if any(score.stopped for score in scores):
        columns[STOPPED] = [stopped_in_words(score) for score in scores]
    columns["passes a picture"] = [round(score.passes) for score in scores]
    columns["pictures"] = [score.pictures for score in scores]
    columns["confidence"] = [_confidence_words(score) for score in scores]
    return columns


def _confidence_words(score: Score) -> str:
    """With what probability each picture's statement holds, and what is still open."""
    if not score.valid:
        return "none: not a certificate"
    each = confidence(score.error / score.pictures)
    words = each if score.pictures == 1 else f"{each} each"
    if score.searched is not None and score.searched < score.pictures:
        words += f", searched {score.searched} of {score.pictures}"
    return words


def table_csv(scores: Sequence[Score], epsilon: float) -> str:
    """The table with everything that identifies a row, as comma-separated values."""
    columns = table_columns(scores, epsilon)
    more = {
        "letter": [score.entrant.letter for score in scores],
        "family": [family(score.entrant.choice.settings) for score in scores],
        "counting": [score.entrant.counting for score in scores],
        "identity": [score.entrant.choice.identity for score in scores],
        "norm": [score.norm for score in scores],
    }
    return _csv(list({**more, **columns}), zip(*{**more, **columns}.values(), strict=True))


def curves_csv(scores: Sequence[Score]) -> str:
    """All curves, one line a budget of each row: certified share as a fraction."""
    rows = (
        [score.entrant.name, score.entrant.choice.identity, f"{epsilon:.10g}", f"{share:.10g}"]
        for score in scores
        for epsilon, share in zip(score.epsilons, score.curve, strict=True)
    )
    return _csv(["row", "identity", "epsilon", "certified"], rows)


def _csv(head: Sequence[str], rows: Any) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return buffer.getvalue()


def _percent(share: float | None) -> float:
    return round(100 * (share or 0.0), 1)


def _down(value: float, digits: int) -> float:
    """Rounded down, up to the error of doubles: nothing is certified by rounding."""
    return math.floor(value * 10**digits + 1e-9) / 10**digits
