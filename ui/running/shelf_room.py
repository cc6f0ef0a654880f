"""How much the shelves of own runs may hold, each and all together, and how much they do."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

MEGABYTES_VARIABLE, ALL_MEGABYTES_VARIABLE = "LRS_SHELF_MB", "LRS_SHELVES_MB"
"""Environment variables: most megabytes of one browser's shelf, and of all shelves together."""
_USUAL = {MEGABYTES_VARIABLE: 500, ALL_MEGABYTES_VARIABLE: 5_000}


@dataclass(frozen=True)
class Room:
    """What is used of a quota, in bytes."""

    used: int
    quota: int

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return min(1.0, self.used / self.quota) if self.quota else 1.0

    @property
    def full(self) -> bool:
        """Whether nothing more fits."""
        return self.used >= self.quota


def shelf_room(folder: Path) -> Room:
    """One shelf, its trash included."""
    return Room(_bytes_below(folder), _quota(MEGABYTES_VARIABLE))


def all_room(library: Path) -> Room:
    """All shelves of a library."""
    return Room(_bytes_below(library), _quota(ALL_MEGABYTES_VARIABLE))


def no_room(folder: Path) -> str | None:
    """Why a shelf takes no more runs, in a sentence; None if it does."""
    own, everybody = shelf_room(folder), all_room(folder.parent)
    if own.full:
        return (
            f"your shelf is full ({own.used >> 20} of {own.quota >> 20} MB). Browse has the oldest runs deleted on "
            "request."
        )
    if everybody.full:
        return "the server's shelves are full. Whoever keeps it can raise the limit or delete old shelves."
    return None


def _quota(variable: str) -> int:
    try:
        megabytes = int(os.environ.get(variable, ""))
    except ValueError:
        megabytes = _USUAL[variable]
    return max(0, megabytes) << 20


def _bytes_below(folder: Path) -> int:
    total = 0
    for root, _, files in os.walk(folder):
        for name in files:
            try:
                total += os.lstat(os.path.join(root, name)).st_size
            except OSError:  # deleted meanwhile
                continue
    return total
