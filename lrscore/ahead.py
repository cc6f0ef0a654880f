"""Keeping the network busy: its next batch is drawn while it runs, and the host runs ahead of a GPU, not too far."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import torch

Drawn = TypeVar("Drawn")


def drawn_ahead(draw: Callable[[], Drawn], times: int, generator: torch.Generator) -> Iterator[Drawn]:
    """Results of so many calls, in order; while one of them is used, the next is drawn in another thread.

    One thread draws, one batch after the other from one generator: the numbers are those of a plain loop, and none is
    drawn beyond the last. If the caller stops early, the generator may be one call further than what was used. A
    generator on a GPU draws there without keeping the host waiting, and whoever allowed torch one thread gave it one
    core: then a call is made when its result is asked for.

    Args:
        draw: draws from `generator` and from nothing else.
        times: number of calls.
    """
    import torch

    if times < 2 or generator.device.type != "cpu" or torch.get_num_threads() < 2:
        for _ in range(times):
            yield draw()
        return
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="noise") as thread:
        coming = thread.submit(draw)
        for left in reversed(range(times)):
            drawn = coming.result()
            if left:
                coming = thread.submit(draw)
            yield drawn


class Pace:
    """How far the host may run ahead of a GPU: so many passes wait in its queue, and it never runs empty.

    Without a bound a run would look finished while most of it waits, and could not be cancelled. A CPU has no queue.

    Args:
        device: where the passes run.
        passes: that may wait.
    """

    def __init__(self, device: torch.device, passes: int = 4) -> None:
        self._cuda, self._passes = device.type == "cuda", passes
        self._events: deque[Any] = deque()

    def passed(self) -> None:
        """Note that a pass was queued; wait for the one so many before it."""
        if not self._cuda:
            return
        import torch

        event = torch.cuda.Event()
        event.record()
        self._events.append(event)
        if len(self._events) > self._passes:
            self._events.popleft().synchronize()
