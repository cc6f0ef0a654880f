"""What is chosen, as the page's link says it: `compare_pick=IDENTITY~way~way`, once for every certificate or set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ui.compare.methods import METHODS, Counting

PICK = "compare_pick"
CARD = "compare_card"
"""Name in a link of one certificate that is compared with the pinned ones."""
_BETWEEN = "~"
MOST = 8
"""Certificates or sets that can be compared at once."""


@dataclass(frozen=True)
class Pick:
    """One chosen certificate or set, and how it is counted (empty: as usual)."""

    identity: str
    countings: tuple[Counting, ...] = ()


def parse(values: Iterable[str]) -> tuple[Pick, ...]:
    """Picks of a link: ways to count that do not exist are dropped, and so is what comes twice or too late.

    A `~` within a name is no problem: ways to count are read from the end.
    """
    picks: dict[str, Pick] = {}
    for value in values:
        parts = value.split(_BETWEEN)
        ways: list[Counting] = []
        while len(parts) > 1 and parts[-1] in METHODS:
            ways.insert(0, parts.pop())
        identity = _BETWEEN.join(parts)
        if identity:
            picks.setdefault(identity, Pick(identity, tuple(dict.fromkeys(ways))))
    return tuple(picks.values())[:MOST]


def encode(picks: Sequence[Pick]) -> list[str]:
    """Inverse of `parse`."""
    return [_BETWEEN.join((pick.identity, *pick.countings)) for pick in picks]
