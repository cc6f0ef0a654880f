"""Times of several ways to do the same, taken so that they can be compared on a busy machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping


def least_in_turn(
    works: Mapping[str, Callable[[], object]],
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """Least seconds of each over some rounds, in turn: whatever else the machine does meets all of them."""
    least = dict.fromkeys(works, float("inf"))
    for _ in range(rounds):
        for name, work in works.items():
            start = clock()
            work()
            least[name] = min(least[name], clock() - start)
    return least
