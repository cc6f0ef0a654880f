"""The end of the process: jobs stop, workers end, nothing aborts."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from jobs import JobHandle, JobManager, JobState, TooManyJobs
from lrscore.errors import Cancelled

ROOT = Path(__file__).resolve().parents[2]
WAIT = 20.0


class Patient:
    """A job that reports that it has started, then waits to be cancelled."""

    def __init__(self) -> None:
        self.started = threading.Event()

    def __call__(self, handle: JobHandle) -> None:
        self.started.set()
        while not handle.cancelled():
            threading.Event().wait(0.005)
        raise Cancelled


def test_closing_stops_everything_and_starts_nothing_more():
    manager = JobManager(("cpu", "cuda:0"))
    running, queued = Patient(), Patient()
    first = manager.submit(running, owner="me", title="running")
    second = manager.submit(queued, owner="you", title="queued")
    other = Patient()
    elsewhere = manager.submit(other, owner="me", title="elsewhere", device="cuda:0")
    assert running.started.wait(WAIT)
    assert other.started.wait(WAIT)
    assert manager.close(WAIT), "all workers have ended"
    states = [
        manager.snapshot(first, "me"),
        manager.snapshot(second, "you"),
        manager.snapshot(elsewhere, "me"),
    ]
    assert [snapshot.state for snapshot in states] == [JobState.CANCELLED] * 3
    assert not queued.started.is_set()
    with pytest.raises(TooManyJobs, match="shutting down"):
        manager.submit(Patient(), owner="me", title="too late")
    assert manager.close(0.0), "closing twice is no harm"


def test_a_job_that_does_not_listen_is_not_waited_for_for_ever():
    manager, deaf = JobManager(), threading.Event()
    started = threading.Event()

    def work(handle: JobHandle) -> None:
        started.set()
        assert deaf.wait(WAIT)

    manager.submit(work, owner="me", title="deaf")
    assert started.wait(WAIT)
    assert not manager.close(0.01)
    deaf.set()
    assert manager.close(WAIT)


def test_a_process_ends_cleanly_while_a_job_is_inside_torch():
    """Without `close` at exit the worker returns from torch to an interpreter that is gone, and the process aborts."""
    script = """
        import threading, torch
        from jobs import JobManager
        from lrscore.errors import Cancelled
        started = threading.Event()
        def work(handle):
            batch, kernel = torch.rand(16, 3, 64, 64), torch.rand(8, 3, 3, 3)
            while not handle.cancelled():
                torch.nn.functional.conv2d(batch, kernel)
                started.set()
            print("stopped", flush=True)
            raise Cancelled
        JobManager().submit(work, owner="me", title="busy")
        assert started.wait(60)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "stopped\n", "")
