"""The queue: one worker thread per device, jobs that belong to their owners, who take turns."""

from __future__ import annotations

import atexit
import secrets
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence

from jobs.job import Job, JobHandle, Work
from jobs.snapshot import JobSnapshot, JobState
from jobs.turns import Turns
from lrscore.errors import Cancelled, LrscoreError

LAST_SECONDS = 10.0
"""How long the end of the process waits for running jobs to notice that they should stop."""


class TooManyJobs(LrscoreError):
    """An owner has as many unfinished jobs as one owner may have, or the queue is closed."""


class JobManager:
    """Runs jobs one after the other on each device, the owners in turn.

    A job belongs to an owner, an unguessable token of one browser: without it the job can neither be seen nor
    stopped. Jobs whose owner gives no sign of life for `grace` seconds stop at their next check.

    Args:
        devices: names of the devices, one worker each; the first is the default.
        history: finished jobs that are remembered, results included.
        grace: seconds without `heartbeat` until an owner's jobs count as abandoned.
        per_owner: unfinished jobs one owner may have.
        clock: monotonic seconds; replaced in tests.
    """

    def __init__(
        self,
        devices: Sequence[str] = ("cpu",),
        *,
        history: int = 24,
        grace: float = 90.0,
        per_owner: int = 4,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        assert devices
        assert history >= 1
        self.devices = tuple(devices)
        self._history, self._grace, self._per_owner, self._clock = history, grace, per_owner, clock
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._queues: dict[str, Turns] = {device: Turns() for device in self.devices}
        self._workers: dict[str, threading.Thread] = {}
        self._seen: dict[str, float] = {}
        self._closed = False
        _open_managers.add(self)

    def submit(
        self,
        work: Work,
        *,
        owner: str,
        title: str,
        device: str | None = None,
        seconds: float = 0.0,
        identity: str | None = None,
    ) -> str:
        """Queue a job and return its id.

        Args:
            work: what it does.
            owner: whose it is.
            title: for people.
            device: of the devices; the first if None.
            seconds: about how long it takes, for the estimates of those who wait behind it.
            identity: of an earlier job that goes on; a new one if None.

        Raises:
            TooManyJobs: the owner has to wait for, or cancel, an earlier job, or the job of that identity is under way.
        """
        device = device or self.devices[0]
        with self._changed:
            if self._closed:
                raise TooManyJobs("The server is shutting down and starts no more runs.")
            unfinished = sum(job.owner == owner and not job.state.finished for job in self._jobs.values())
            if unfinished >= self._per_owner:
                raise TooManyJobs(
                    f"You already have {unfinished} unfinished runs: wait for one or cancel one."
                )
            known = self._jobs.get(identity) if identity else None
            if known is not None and not known.state.finished:
                raise TooManyJobs("This run is under way already.")
            if known is not None:
                del self._jobs[known.identity]
            job = Job(identity or secrets.token_urlsafe(16), owner, title, device, work, seconds)
            self._jobs[job.identity] = job
            self._queues[device].append(job)
            self._seen[owner] = self._clock()
            if device not in self._workers:
                worker = threading.Thread(
                    target=self._serve, args=(device,), name=f"jobs-{device}", daemon=True
                )
                self._workers[device] = worker
                worker.start()
            self._changed.notify_all()
            return job.identity

    def heartbeat(self, owner: str) -> None:
        """Note that the owner's page is still there."""
        with self._lock:
            if owner in self._seen:  # nobody without jobs is remembered
                self._seen[owner] = self._clock()

    def snapshot(self, identity: str, owner: str) -> JobSnapshot | None:
        """The job as it is now; None if it is unknown, forgotten, or somebody else's."""
        with self._lock:
            job = self._jobs.get(identity)
            return self._picture(job) if job is not None and job.owner == owner else None

    def snapshots(self, owner: str) -> tuple[JobSnapshot, ...]:
        """The owner's jobs, oldest first."""
        with self._lock:
            return tuple(self._picture(job) for job in self._jobs.values() if job.owner == owner)

    def cancel(self, identity: str, owner: str) -> bool:
        """Ask a job to stop; a queued one stops at once. False if there is nothing to stop."""
        with self._changed:
            job = self._jobs.get(identity)
            if job is None or job.owner != owner or job.state.finished:
                return False
            job.unwanted = True
            job.stop.set()
            if job.state is JobState.QUEUED:
                self._queues[job.device].remove(job)
                self._finish(job, JobState.CANCELLED)
            return True

    def wait(self, identity: str, timeout: float) -> bool:
        """Block until the job has finished or was forgotten; False if `timeout` seconds pass first."""

        def finished() -> bool:
            job = self._jobs.get(identity)
            return job is None or job.state.finished

        with self._changed:
            return self._changed.wait_for(finished, timeout)

    def close(self, timeout: float) -> bool:
        """Stop all jobs and end the workers; False if one is still busy after `timeout` seconds."""
        with self._changed:
            self._closed = True
            for job in [job for queue in self._queues.values() for job in queue]:
                self.cancel(job.identity, job.owner)
            for job in self._jobs.values():
                job.stop.set()
            self._changed.notify_all()
            workers = list(self._workers.values())
        deadline = time.monotonic() + timeout
        for worker in workers:
            worker.join(max(0.0, deadline - time.monotonic()))
        return not any(worker.is_alive() for worker in workers)

    def _serve(self, device: str) -> None:
        queue = self._queues[device]
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(queue) or self._closed)
                if self._closed:
                    return
                job = queue.take()
                if not self._watched(job.owner):
                    self._finish(job, JobState.ABANDONED)
                    continue
                job.state, job.started = JobState.RUNNING, self._clock()
                work = job.work
            assert work is not None
            self._run(job, work)
            del work, job  # an idle worker keeps nothing alive

    def _run(self, job: Job, work: Work) -> None:
        handle = JobHandle(job, self._lock, self._clock, lambda: self._watched(job.owner))
        try:
            result = work(handle)
        except Cancelled:
            with self._changed:
                self._finish(job, JobState.CANCELLED if job.stop.is_set() else JobState.ABANDONED)
        except BaseException as error:
            with self._changed:
                job.fail(error, self._clock())
                self._finish(job, JobState.FAILED)
        else:
            with self._changed:
                job.result = result
                self._finish(job, JobState.DONE)

    def _finish(self, job: Job, state: JobState) -> None:
        """End a job and forget the oldest finished ones. Called with the lock held."""
        job.end(state, self._clock())
        finished = [name for name, other in self._jobs.items() if other.state.finished]
        for name in finished[: -self._history]:
            del self._jobs[name]
        owners = {other.owner for other in self._jobs.values()}
        self._seen = {owner: seen for owner, seen in self._seen.items() if owner in owners}
        self._changed.notify_all()

    def _watched(self, owner: str) -> bool:
        return self._clock() - self._seen.get(owner, -float("inf")) <= self._grace

    def seconds_before(self, owner: str, device: str | None = None) -> float:
        """About how long a new job of that owner would wait."""
        device = device or self.devices[0]
        with self._lock:
            queue = self._queues[device]
            new = Job("", owner, "", device, None)
            queue.append(new)
            try:
                return self._seconds_before(new)
            finally:
                queue.remove(new)

    def _before(self, job: Job) -> list[Job]:
        """What is under way on a waiting job's device, and what comes before it."""
        running = [
            other
            for other in self._jobs.values()
            if other.device == job.device and other.state is JobState.RUNNING
        ]
        order = self._queues[job.device].order()
        return running + order[: order.index(job)]

    def _seconds_before(self, job: Job) -> float:
        return sum(other.seconds_left(self._clock()) for other in self._before(job))

    def _picture(self, job: Job) -> JobSnapshot:
        if job.state is not JobState.QUEUED:
            return job.picture(0, 0.0, self._clock())
        return job.picture(len(self._before(job)), self._seconds_before(job), self._clock())


_open_managers: weakref.WeakSet[JobManager] = weakref.WeakSet()


@atexit.register
def close_all_managers() -> None:
    """End every worker before the interpreter is taken down.

    A thread that comes back from torch to an interpreter that is gone aborts the process.
    """
    for manager in list(_open_managers):
        manager.close(LAST_SECONDS)
