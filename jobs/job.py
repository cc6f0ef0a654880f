"""One job: the record the manager keeps, and the handle its work talks through."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from jobs.snapshot import JobSnapshot, JobState
from lrscore.errors import LrscoreError, first_line, told
from lrscore.faults import report_fault
from lrscore.memory import is_out_of_memory

_PACE_SECONDS = 8.0  # the rate looks back this far

Work = Callable[["JobHandle"], Any]


class Pace:
    """Rate of progress over the last seconds."""

    def __init__(self) -> None:
        self._reports: deque[tuple[float, int]] = deque()

    def report(self, now: float, done: int) -> None:
        if self._reports and done < self._reports[-1][1]:  # the work started over, with a smaller batch
            self._reports.clear()
        self._reports.append((now, done))
        while len(self._reports) > 2 and now - self._reports[0][0] > _PACE_SECONDS:
            self._reports.popleft()

    @property
    def rate(self) -> float | None:
        """Units per second, or None before there are two reports at different times."""
        if len(self._reports) < 2:
            return None
        (start, first), (end, last) = self._reports[0], self._reports[-1]
        return (last - first) / (end - start) if end > start and last > first else None


@dataclass
class Job:
    """What the manager knows of a job. Every access holds the manager's lock."""

    identity: str
    owner: str
    title: str
    device: str
    work: Work | None  # dropped when the job ends, with all it holds
    seconds: float = 0.0  # expected, before there is a pace
    state: JobState = JobState.QUEUED
    stop: threading.Event = field(default_factory=threading.Event)
    unwanted: bool = False  # its owner asked it to stop
    started: float | None = None
    ended: float | None = None
    done: int = 0
    total: int = 0
    pace: Pace = field(default_factory=Pace)
    partial: Any = None
    published: int = 0
    result: Any = None
    remarks: tuple[str, ...] = ()
    error: str | None = None

    def end(self, state: JobState, now: float) -> None:
        self.state, self.ended, self.work = state, now, None

    def fail(self, error: BaseException, now: float) -> None:
        """End in failure, with a sentence for the user; a fault of ours is logged, and the sentence names it."""
        if isinstance(error, LrscoreError):
            self.error = told(error)
        elif is_out_of_memory(error):
            self.error = (
                "There is not enough memory for this run; fewer regions or samples at once take less."
            )
        else:
            mark = report_fault(error, f"job: {self.title}")
            said = f"{type(error).__name__}. {first_line(error)}"
            self.error = f"The run stopped by a fault of this software (error {mark}): {said}"
        self.end(JobState.FAILED, now)

    def seconds_left(self, now: float) -> float:
        """About how long it still takes."""
        rate = self.pace.rate
        if rate and self.total:
            return (self.total - self.done) / rate
        return max(0.0, self.seconds - (0.0 if self.started is None else now - self.started))

    def picture(self, position: int, waiting: float, now: float) -> JobSnapshot:
        """What a page may know of it now; position and seconds of what comes before it are the queue's."""
        rate = self.pace.rate
        left = self.total - self.done
        return JobSnapshot(
            identity=self.identity,
            title=self.title,
            device=self.device,
            state=self.state,
            position=position,
            waiting=waiting,
            stopping=self.stop.is_set() and not self.state.finished,
            done=self.done,
            total=self.total,
            rate=rate,
            remaining=left / rate if rate and self.total and not self.state.finished else None,
            elapsed=0.0 if self.started is None else (self.ended or now) - self.started,
            partial=self.partial,
            published=self.published,
            result=self.result,
            remarks=self.remarks,
            error=self.error,
        )


class JobHandle:
    """What a job's work may call. Every method is quick and may be called from the worker thread only."""

    def __init__(
        self, job: Job, lock: threading.RLock, clock: Callable[[], float], watched: Callable[[], bool]
    ) -> None:
        self._job, self._lock, self._clock, self._watched = job, lock, clock, watched

    @property
    def identity(self) -> str:
        """The job's id, safe in file names and links."""
        return self._job.identity

    @property
    def device(self) -> str:
        """Name of the device the job was given."""
        return self._job.device

    def elapsed(self) -> float:
        """Seconds since the worker took the job."""
        assert self._job.started is not None
        return self._clock() - self._job.started

    def progress(self, done: int, total: int) -> None:
        """Report that `done` of `total` units of work are finished."""
        with self._lock:
            self._job.done, self._job.total = int(done), int(total)
            self._job.pace.report(self._clock(), int(done))

    def cancelled(self) -> bool:
        """True if the work should stop: the user asked, or nobody has been watching for the grace period."""
        return self._job.stop.is_set() or not self._watched()

    def unwanted(self) -> bool:
        """True if its owner asked it to stop: not if the server stops, or nobody is watching."""
        return self._job.unwanted

    def publish(self, partial: Any) -> None:
        """Show an intermediate result, which must be valid in itself."""
        with self._lock:
            self._job.partial = partial
            self._job.published += 1

    def remark(self, sentence: str) -> None:
        """Tell the user something that is not an error."""
        with self._lock:
            self._job.remarks = (*self._job.remarks, sentence)
