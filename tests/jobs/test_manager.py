"""The job queue: states, order, owners, cancel, abandonment, bounded history. No test sleeps."""

from __future__ import annotations

import gc
import re
import threading
import weakref
from collections.abc import Callable

import pytest

from jobs import JobHandle, JobManager, JobState, TooManyJobs
from lrscore.errors import Cancelled, InputError
from lrscore.faults import LOG

WAIT = 20.0


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Gate:
    """A job that reports that it has started, then runs until it is let go or cancelled."""

    def __init__(self, result: object = "done") -> None:
        self.started, self.go, self.result = threading.Event(), threading.Event(), result

    def __call__(self, handle: JobHandle) -> object:
        self.started.set()
        while not self.go.wait(0.005):
            if handle.cancelled():
                raise Cancelled
        return self.result


def run(manager: JobManager, work: Callable[[JobHandle], object], owner: str = "me"):
    identity = manager.submit(work, owner=owner, title="a run")
    assert manager.wait(identity, WAIT)
    return manager.snapshot(identity, owner)


def test_a_job_runs_and_returns_its_result():
    snapshot = run(JobManager(), lambda handle: f"{handle.identity} on {handle.device}")
    expected = f"{snapshot.identity} on cpu"
    assert (snapshot.state, snapshot.result, snapshot.latest) == (JobState.DONE, expected, expected)
    assert snapshot.error is None
    assert snapshot.state.finished


def test_progress_rate_and_remaining_time():
    clock = Clock()
    manager = JobManager(clock=clock)
    halfway, go = threading.Event(), threading.Event()

    def work(handle: JobHandle) -> None:
        handle.progress(0, 400)
        clock.now += 2.0
        handle.progress(100, 400)
        assert handle.elapsed() == 2.0
        halfway.set()
        assert go.wait(WAIT)

    identity = manager.submit(work, owner="me", title="counting")
    assert halfway.wait(WAIT)
    snapshot = manager.snapshot(identity, "me")
    go.set()
    assert (snapshot.done, snapshot.total, snapshot.fraction) == (100, 400, 100 / 400)
    assert snapshot.rate == pytest.approx(100 / 2.0)
    assert snapshot.remaining == pytest.approx((400 - 100) / (100 / 2.0))
    assert snapshot.elapsed == pytest.approx(2.0)


def test_partial_results_are_shown_and_outlive_a_cancel():
    manager = JobManager()
    published = threading.Event()

    def work(handle: JobHandle) -> None:
        handle.publish("first")
        handle.publish("second")
        published.set()
        Gate()(handle)

    identity = manager.submit(work, owner="me", title="looks")
    assert published.wait(WAIT)
    snapshot = manager.snapshot(identity, "me")
    assert (snapshot.latest, snapshot.published, snapshot.result) == ("second", 2, None)
    assert manager.cancel(identity, "me")
    assert manager.wait(identity, WAIT)
    snapshot = manager.snapshot(identity, "me")
    assert (snapshot.state, snapshot.latest, snapshot.error) == (JobState.CANCELLED, "second", None)


def test_queue_order_and_positions():
    manager = JobManager()
    first, second, third = Gate(1), Gate(2), Gate(3)
    ids = [manager.submit(gate, owner="me", title="gate") for gate in (first, second, third)]
    assert first.started.wait(WAIT)
    assert [manager.snapshot(identity, "me").position for identity in ids] == [0, 1, 2]
    assert manager.snapshot(ids[1], "me").state is JobState.QUEUED
    first.go.set()
    assert second.started.wait(WAIT)
    assert not third.started.is_set()
    assert [manager.snapshot(identity, "me").position for identity in ids] == [0, 0, 1]
    second.go.set()
    third.go.set()
    assert all(manager.wait(identity, WAIT) for identity in ids)
    assert [snapshot.result for snapshot in manager.snapshots("me")] == [1, 2, 3]


def test_devices_work_side_by_side():
    manager = JobManager(("cpu", "cuda:0"))
    slow, quick = Gate(), Gate()
    waiting = manager.submit(slow, owner="me", title="slow", device="cpu")
    assert slow.started.wait(WAIT)
    quick.go.set()
    other = manager.submit(quick, owner="me", title="quick", device="cuda:0")
    assert manager.wait(other, WAIT)
    assert manager.snapshot(waiting, "me").state is JobState.RUNNING
    slow.go.set()
    assert manager.wait(waiting, WAIT)


def test_a_queued_job_is_cancelled_at_once():
    manager = JobManager()
    running, queued = Gate(), Gate()
    first = manager.submit(running, owner="me", title="running")
    second = manager.submit(queued, owner="me", title="queued")
    assert manager.cancel(second, "me")
    assert manager.snapshot(second, "me").state is JobState.CANCELLED
    assert not manager.cancel(second, "me"), "there is nothing left to stop"
    running.go.set()
    assert manager.wait(first, WAIT)
    assert not queued.started.is_set()


def test_owners_neither_see_nor_stop_each_others_jobs():
    manager = JobManager()
    gate = Gate()
    identity = manager.submit(gate, owner="ann", title="private")
    assert gate.started.wait(WAIT)
    assert manager.snapshot(identity, "bob") is None
    assert manager.snapshots("bob") == ()
    assert not manager.cancel(identity, "bob")
    assert not manager.snapshot(identity, "ann").stopping
    gate.go.set()
    assert manager.wait(identity, WAIT)
    assert manager.snapshot(identity, "ann").state is JobState.DONE


def test_an_unwatched_job_is_abandoned_after_the_grace_period():
    clock = Clock()
    manager = JobManager(grace=30.0, clock=clock)
    running, queued = Gate(), Gate()
    first = manager.submit(running, owner="me", title="running")
    second = manager.submit(queued, owner="me", title="queued")
    assert running.started.wait(WAIT)
    clock.now += 29.0
    manager.heartbeat("me")
    clock.now += 29.0
    assert manager.snapshot(first, "me").state is JobState.RUNNING, "the heartbeat counts"
    clock.now += 2.0
    assert manager.wait(first, WAIT)
    assert manager.wait(second, WAIT)
    assert [snapshot.state for snapshot in manager.snapshots("me")] == [JobState.ABANDONED] * 2
    assert not queued.started.is_set()


def test_failures_become_a_sentence_with_an_identifier(tmp_path, monkeypatch):
    monkeypatch.setenv("LRS_LIBRARY", str(tmp_path))

    def bad_input(handle: JobHandle) -> None:
        raise InputError("image must be (3, height, width), got (1, 4, 4)")

    def defect(handle: JobHandle) -> None:
        raise KeyError("weights\nsecond line")

    manager = JobManager()
    snapshot = run(manager, bad_input)
    assert (snapshot.state, snapshot.error) == (
        JobState.FAILED,
        "image must be (3, height, width), got (1, 4, 4)",
    )
    snapshot = run(manager, defect)
    assert re.search(r"fault of this software \(error [0-9a-f]{8}\)", snapshot.error)
    assert snapshot.error.split("error ")[1][:8] in (tmp_path / LOG).read_text()
    assert "KeyError" in snapshot.error
    assert "\n" not in snapshot.error
    assert run(manager, lambda handle: "next").result == "next", "the worker survives"


def test_an_owner_may_have_only_so_many_unfinished_jobs():
    manager = JobManager(per_owner=2)
    gates = [Gate(), Gate()]
    ids = [manager.submit(gate, owner="me", title="gate") for gate in gates]
    with pytest.raises(TooManyJobs, match="already have 2 unfinished runs"):
        manager.submit(Gate(), owner="me", title="one too many")
    for gate in gates:
        gate.go.set()
    other = Gate()
    other.go.set()
    ids.append(manager.submit(other, owner="you", title="another owner"))
    assert all(manager.wait(identity, WAIT) for identity in ids)


def test_history_is_bounded_and_forgets_results():
    class Result:
        pass

    manager = JobManager(history=2)
    snapshots = [run(manager, lambda handle: Result()) for _ in range(4)]
    oldest = weakref.ref(snapshots[0].result)
    identities = [snapshot.identity for snapshot in snapshots]
    del snapshots
    gc.collect()
    assert [manager.snapshot(identity, "me") is None for identity in identities] == [True, True, False, False]
    assert oldest() is None


def test_a_finished_job_lets_go_of_its_work():
    manager = JobManager()
    gate = Gate()
    gate.go.set()
    reference = weakref.ref(gate)
    identity = manager.submit(gate, owner="me", title="holder")
    assert manager.wait(identity, WAIT)
    run(manager, lambda handle: None)  # the worker has moved on from the first job
    del gate
    gc.collect()
    assert reference() is None


def test_remarks_are_collected():
    def work(handle: JobHandle) -> None:
        handle.remark("one")
        handle.remark("two")

    assert run(JobManager(), work).remarks == ("one", "two")


def test_identities_can_not_be_guessed():
    manager = JobManager(per_owner=50)
    identities = {run(manager, lambda handle: None).identity for _ in range(20)}
    assert len(identities) == 20
    assert min(len(identity) for identity in identities) >= 22  # 16 bytes in base 64
