"""How a long computation reports and is stopped."""

from __future__ import annotations

from collections.abc import Callable

from lrscore.errors import Cancelled


class Monitor:
    """Counts the work of a run, tells the caller, and asks whether to stop.

    Args:
        total: number of noisy copies the run will take.
        progress: called as `progress(done, total)` after every batch.
        cancel: asked before every batch; True stops the run with `Cancelled`.
    """

    def __init__(
        self,
        total: int,
        progress: Callable[[int, int], object] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> None:
        self.total, self.done = total, 0
        self._progress, self._cancel = progress, cancel

    def check(self) -> None:
        """Raise `Cancelled` if the caller wants to stop."""
        if self._cancel is not None and self._cancel():
            raise Cancelled("the run was cancelled")

    def advance(self, copies: int) -> None:
        """Count work done and report it."""
        self.done += copies
        if self._progress is not None:
            self._progress(self.done, self.total)
