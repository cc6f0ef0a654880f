"""Sentences and numbers as the pages write them."""

from __future__ import annotations

import numpy as np


def share(part: int, whole: int) -> str:
    """A share in percent with one decimal, rounded down: nothing is certified by rounding."""
    tenths = 1000 * part // whole if whole else 0
    return f"{tenths // 10}.{tenths % 10} %"


def duration(seconds: float) -> str:
    """About how long, for people."""
    if seconds < 1.5:
        return "1 s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"


UNSAMPLED = "not sampled yet"
"""Instead of a label, where a group waits for its turn."""


def samples_words(trials: np.ndarray) -> str:
    """How many estimation samples the groups (I,) have had: of all, or of those that have had their turn."""
    if not trials.any():
        return "no samples yet"
    words, sampled = f"{fewest_samples(trials):,} samples per group", np.count_nonzero(trials)
    return words if sampled == trials.size else f"{words} in {sampled} of {trials.size} groups"


def fewest_samples(trials: np.ndarray) -> int:
    """The fewest estimation samples of a group (I,) that has had its turn; 0 if none has."""
    return int(trials[trials > 0].min(initial=trials.max(initial=0)))


def confidence(alpha: float) -> str:
    """`1 - alpha` in percent, without trailing zeros."""
    return f"{100 * (1 - alpha):.4g} %"
