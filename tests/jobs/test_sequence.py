"""Several works as one job: results, progress, ids, cancel in the middle, failure in the middle."""

from __future__ import annotations

import threading

from jobs import JobHandle, JobManager, JobSnapshot, JobState
from jobs.sequence import in_sequence
from lrscore.errors import Cancelled, InputError


def run(*stages) -> JobSnapshot:
    manager = JobManager()
    identity = manager.submit(in_sequence(stages), owner="me", title="all")
    assert manager.wait(identity, 20)
    return manager.snapshot(identity, "me")


def test_results_come_in_order_with_ids_of_their_own():
    job = run((2, lambda handle: handle.identity), (3, lambda handle: handle.identity))
    assert job.state is JobState.DONE, job.error
    assert job.result == (f"{job.identity}-0", f"{job.identity}-1")
    assert (job.done, job.total, job.published) == (5, 5, 2)


def test_progress_adds_up_over_the_stages():
    seen = []

    def stage(handle: JobHandle) -> None:
        for done in range(5):
            handle.progress(done, 4)
            seen.append((handle._handle._job.done, handle._handle._job.total))

    run((10, stage), (20, stage))
    # a quarter of ten is two, rounded down; the second stage starts where the first ended
    assert seen == [(done, 30) for done in (0, 2, 5, 7, 10, 10, 15, 20, 25, 30)]


def test_what_a_stage_publishes_is_not_shown():
    job = run((1, lambda handle: handle.publish("large")))
    assert (job.published, job.partial) == (1, (None,))


def test_cancel_keeps_what_is_finished():
    started, manager = threading.Event(), JobManager()

    def second(handle: JobHandle) -> None:
        started.set()
        while not handle.cancelled():
            threading.Event().wait(0.005)
        raise Cancelled

    stages = ((1, lambda handle: "kept"), (1, second), (1, lambda handle: "never"))
    identity = manager.submit(in_sequence(stages), owner="me", title="all")
    assert started.wait(20)
    manager.cancel(identity, "me")
    assert manager.wait(identity, 20)
    job = manager.snapshot(identity, "me")
    assert (job.state, job.partial) == (JobState.CANCELLED, ("kept",))


def test_a_failing_stage_ends_the_job_with_its_sentence():
    def fails(handle: JobHandle) -> None:
        raise InputError("this one can not be done")

    job = run((1, lambda handle: 1), (1, fails))
    assert (job.state, job.error, job.partial) == (JobState.FAILED, "this one can not be done", (1,))


def test_the_clock_of_a_stage_starts_with_it():
    times = {}

    def first(handle: JobHandle) -> None:
        threading.Event().wait(0.05)
        times["first"] = handle.elapsed()

    def second(handle: JobHandle) -> None:
        times["second"], times["job"] = handle.elapsed(), handle._handle.elapsed()

    run((1, first), (1, second))
    assert times["job"] >= times["first"] >= 0.05
    assert times["second"] <= times["job"] - times["first"] + 1e-9
