"""How much work `verify` does for a file, whoever wrote it: exact fractions and listed allocations, counted.

A proof is a tree whose leaves cost fractions: a small file can ask for hours. The count does not depend on the machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from lrscore.errors import LrscoreError

MOST_WORK = 5_000_000
"""Steps (operations on fractions, listed allocations) that `verify` spends on one file unless it is told otherwise."""

_left: ContextVar[int | None] = ContextVar("left", default=None)


class TooMuchWork(LrscoreError):
    """A proof needs more steps than allowed. It may be right; nobody has looked."""


@contextmanager
def at_most(steps: int) -> Iterator[None]:
    """Whatever is verified within takes that many steps in all, or raises `TooMuchWork`."""
    token = _left.set(steps)
    try:
        yield
    finally:
        _left.reset(token)


def spend(steps: int) -> None:
    """Count steps about to be taken; nothing is counted outside `at_most`.

    Raises:
        TooMuchWork: they are more than what is left.
    """
    left = _left.get()
    if left is None:
        return
    if steps > left:
        raise TooMuchWork("the proof takes more work than is spent on a file: allow more to have it checked")
    _left.set(left - steps)
