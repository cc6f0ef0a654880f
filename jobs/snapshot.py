"""What a page may know about a job: an immutable picture of one moment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class JobState(StrEnum):
    """Where a job is in its life. Cancelled and abandoned are not errors."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"
    FAILED = "failed"

    @property
    def finished(self) -> bool:
        """True if the job will not change any more."""
        return self not in (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True)
class JobSnapshot:
    """One moment of one job.

    Args:
        identity: the job's id, unguessable.
        title: what is being computed, for people.
        device: name of the device that computes it.
        state: where the job is.
        position: jobs that come first on the same device (0: next or running), as turns stand now.
        waiting: about how many seconds these take.
        stopping: cancel was asked for, and the worker has not reached its next check yet.
        done, total: units of work; `total` is 0 until the first report.
        rate: units per second over the last seconds; None until it can be measured.
        remaining: seconds left at that rate, or None.
        elapsed: seconds since the worker took the job; 0 while queued.
        partial: latest published intermediate result, valid in itself, or None.
        published: how many intermediate results have been published.
        result: what the job returned, once `state` is DONE.
        remarks: sentences the user should read, such as a halved batch.
        error: one sentence, once `state` is FAILED.
    """

    identity: str
    title: str
    device: str
    state: JobState
    position: int
    waiting: float
    stopping: bool
    done: int
    total: int
    rate: float | None
    remaining: float | None
    elapsed: float
    partial: Any
    published: int
    result: Any
    remarks: tuple[str, ...]
    error: str | None

    @property
    def fraction(self) -> float:
        """Share of the work that is done, in [0, 1]."""
        return min(self.done / self.total, 1.0) if self.total else 0.0

    @property
    def latest(self) -> Any:
        """The result if there is one, else the latest valid intermediate result, else None."""
        return self.partial if self.result is None else self.result
