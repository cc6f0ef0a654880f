"""Several works as one job: one progress bar, one cancel, and what is finished stays finished."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jobs.job import JobHandle, Work
from lrscore.errors import Cancelled


class StageHandle(JobHandle):
    """What one stage of a sequence sees of its job: an id of its own, its share of the progress, its own clock.

    What a stage publishes is dropped: the job's intermediate result are the results of the finished stages.

    Args:
        handle: of the whole job.
        number: of this stage, from 0.
        done: units of the stages before.
        units: of this stage.
        total: of the whole job.
    """

    def __init__(self, handle: JobHandle, number: int, *, done: int, units: int, total: int) -> None:
        self._handle, self._number = handle, number
        self._done, self._units, self._total = done, units, total
        self._begun = handle.elapsed()

    @property
    def identity(self) -> str:
        """The job's id and the stage's number."""
        return f"{self._handle.identity}-{self._number}"

    @property
    def device(self) -> str:
        """Name of the job's device."""
        return self._handle.device

    def elapsed(self) -> float:
        """Seconds since the stage began."""
        return self._handle.elapsed() - self._begun

    def progress(self, done: int, total: int) -> None:
        """Report the stage's own progress, in units of its own."""
        share = self._units * done // total if total else 0
        self._handle.progress(self._done + share, self._total)

    def cancelled(self) -> bool:
        """True if the job should stop."""
        return self._handle.cancelled()

    def unwanted(self) -> bool:
        """True if the owner asked the job to stop."""
        return self._handle.unwanted()

    def publish(self, partial: Any) -> None:
        """Nothing: see above."""

    def remark(self, sentence: str) -> None:
        """Tell the user something that is not an error."""
        self._handle.remark(sentence)


def in_sequence(stages: Sequence[tuple[int, Work]], first: int = 0) -> Work:
    """One work that does all of them in order and returns the tuple of their results.

    The results so far are published after every stage; they should be small, they are kept as long as the job.

    Args:
        stages: (units of progress, work) each; a stage's files are named `JOB-NUMBER` if it names them by its id.
        first: number of the first one; those before were done by a job that was cut off.
    """
    total = sum(units for units, _ in stages)

    def work(handle: JobHandle) -> tuple[Any, ...]:
        results: tuple[Any, ...] = ()
        done = 0
        handle.progress(0, total)
        for number, (units, stage) in enumerate(stages, first):
            if handle.cancelled():
                raise Cancelled
            own = StageHandle(handle, number, done=done, units=units, total=total)
            results = (*results, stage(own))
            done += units
            handle.progress(done, total)
            handle.publish(results)
        return results

    return work
