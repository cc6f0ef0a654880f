"""Sentences and numbers as the pages write them."""

from __future__ import annotations

import math

import numpy as np


def share(part: int, whole: int) -> str:
    """A share in percent with one decimal, rounded down: nothing is certified by rounding."""
    tenths = 1000 * part // whole if whole else 0
    return f"{tenths // 10}.{tenths % 10} %"


def percent_words(part: float) -> str:
    """A lower bound on a share in percent with one decimal, rounded down."""
    return f"{math.floor(1000 * part + 1e-9) / 10:.1f} %"


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: "1 pixel", "2 pixels"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


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


def samples_words(trials: np.ndarray, place: str = "region") -> str:
    """How many estimation samples the groups (I,) have had: of all, or of those that have had their turn.

    Args:
        place: what a group is to the reader: "region" or "cluster".
    """
    if not trials.any():
        return "no samples yet"
    words, sampled = f"{counted(fewest_samples(trials), 'sample')} per {place}", np.count_nonzero(trials)
    return words if sampled == trials.size else f"{words} in {sampled} of {counted(trials.size, place)}"


def fewest_samples(trials: np.ndarray) -> int:
    """The fewest estimation samples of a group (I,) that has had its turn; 0 if none has."""
    return int(trials[trials > 0].min(initial=trials.max(initial=0)))


def radius_words(radius: float) -> str:
    """A certified radius with four decimals, rounded down: nothing is certified by rounding."""
    return f"{math.floor(radius * 1e4 + 1e-9) / 1e4:.4f}"


def confidence(alpha: float) -> str:
    """`1 - alpha` in percent, without trailing zeros."""
    return f"{100 * (1 - alpha):.4g} %"
