"""What branch and bound has found for the compared files, shared with the segmentation page."""

from __future__ import annotations

from dataclasses import replace

from lrscore.images.settings import ImageSettings
from ui.compare.memory import outcome_memory
from ui.compare.outcomes import Outcome
from ui.images.branch_and_bound.work import SharpPoint, sharpened
from ui.images.curve_memory import sharp_store
from ui.images.states import Count
from ui.library.certificates import file_key
from ui.library.entries import Entry

BUDGETS = 10
"""Budgets that one search looks at."""


def findings(entry: Entry, count: Count) -> Outcome:
    """The outcome of a file with everything that has been proven so far."""
    outcome = outcome_memory(count).read(entry)
    if outcome.curves is None or outcome.settings is None:
        return outcome
    points = sharp_store().found((file_key(entry.path), outcome.settings, count))
    return replace(outcome, curves=sharpened(outcome.curves, points))


def searched(outcome: Outcome) -> bool:
    """Whether branch and bound has been run, or has nothing to find."""
    return outcome.curves is None or bool(outcome.curves.searched) or outcome.closed


def keep_finding(count: Count, entry: Entry, settings: ImageSettings, point: SharpPoint) -> None:
    """Keep what was found at one budget of a file."""
    sharp_store().add((file_key(entry.path), settings, count), point)
