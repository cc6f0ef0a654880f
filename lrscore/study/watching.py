"""Whether a cluster still works: a study never waits for workers that do not come, or do nothing."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lrscore.study.cluster import start_again
from lrscore.study.embedded import ClusterError

if TYPE_CHECKING:
    from distributed import Client

LOST = 20.0  # seconds without a scheduler before the run ends
ABSENT = 900.0  # without a worker that can take the tasks: a job queue may take its time
IDLE = 300.0  # with workers that compute nothing, while no result comes
_EVERY = 1.0
_AT_WORK = ("executing", "long-running", "flight")
_KEPT = "what is done is kept, and `study resume` goes on"


@dataclass(eq=False)
class ClusterWatch:
    """Looks after the cluster of one run, and ends the run where waiting longer is in vain.

    Args:
        client: of the cluster.
        resources: that sampling asks of a worker.
    """

    client: Client
    resources: dict[str, float]
    workers: int = 0
    _unfit: int = 0
    _looked: float = -1e9
    _connected: float = field(default_factory=time.monotonic)
    _manned: float = field(default_factory=time.monotonic)
    _busy: float = field(default_factory=time.monotonic)

    def heard(self) -> None:
        """A result came."""
        self._connected = self._busy = time.monotonic()

    def look(self) -> None:
        """Count the workers, now and then, and start those again that are gone for good.

        Raises:
            ClusterError: scheduler or workers are lost, or stand still.
        """
        now = time.monotonic()
        if self.client.status == "running":
            self._connected = now
        elif self.client.status == "closed" or now - self._connected > LOST:
            raise ClusterError(f"the scheduler is lost; {_KEPT}")
        if now - self._looked < _EVERY:
            return
        with suppress(AttributeError, KeyError, TypeError, ValueError, OSError):
            self._count(list(self.client.scheduler_info(n_workers=-1).get("workers", {}).values()))
        self._looked = now = time.monotonic()
        if self.workers:
            self._manned = now
        elif now - self._manned > ABSENT:
            why = f"; {self._unfit} lack what the study asks for: {self.resources}" if self._unfit else ""
            raise ClusterError(f"no worker came{why}; {_KEPT}")
        if now - self._busy > IDLE and self.workers:
            raise ClusterError(f"the workers compute nothing, and no result comes; {_KEPT}")

    def _count(self, found: list[dict[str, Any]]) -> None:
        fit = [one for one in found if self._fits(one)]
        self.workers, self._unfit = len(fit), len(found) - len(fit)
        counts = [one.get("metrics", {}).get("task_counts", {}) for one in fit]
        if not fit or any(told.get(state) for told in counts for state in _AT_WORK):
            self._busy = time.monotonic()
        start_again(self.client)

    def _fits(self, worker: dict[str, Any]) -> bool:
        offered = worker.get("resources", {})
        return all(offered.get(name, 0) >= amount for name, amount in self.resources.items())
