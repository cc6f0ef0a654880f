"""Runs whose process is killed go on in another one; two processes with one library know of each other's runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from jobs import JobManager, JobState
from lrscore import load_certificate
from lrscore.unfinished import BEGUN, STANDING, cut_off
from tests.ui.images.test_runs import Shelf, run, source
from tests.ui.page_support import ROOT, TIMEOUT, checked
from tests.ui.toy import ToyModel
from ui.images.runs import RunRequest, certification_work
from ui.running.machine import Pacemaker

IDENTITY = "cutoff"
_RUN = """
import signal, sys, time
from pathlib import Path
from jobs import JobManager
from lrscore import ImageSettings
from tests.ui.images.test_runs import Shelf, source
from tests.ui.toy import ToyModel
from ui.images.runs import RunRequest, certification_work
from ui.running.machine import Pacemaker

signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it

class Slow(ToyModel):
    asked = 0
    def __call__(self, batch):
        Slow.asked += 1
        if Slow.asked > 40:
            time.sleep(0.5)
        return super().__call__(batch)

settings = ImageSettings(grid=(1, 2), pilot_samples=16, samples=600, correction=sys.argv[2])
request = RunRequest(source(), settings, 3, "street-unet", Path(sys.argv[1]))
manager = JobManager()
identity = manager.submit(
    certification_work(request, Shelf(Slow()), Pacemaker()), owner="me", title="t", identity="cutoff"
)
print("started", flush=True)
manager.wait(identity, 600)
print(manager.snapshot(identity, "me").state, flush=True)
"""


def start(folder: Path, correction: str) -> subprocess.Popen[str]:
    """A process that is in the middle of a run, whose standing is kept."""
    process = subprocess.Popen(
        [sys.executable, "-c", _RUN, str(folder), correction], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 240
    while not (folder / f"{IDENTITY}{STANDING}").is_file():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return process


def end(process: subprocess.Popen[str], number: int) -> str:
    process.send_signal(number)
    said, _ = process.communicate(timeout=240)
    return said


def request_of(folder: Path | None, correction: str, **begin: object) -> RunRequest:
    from lrscore import ImageSettings

    settings = ImageSettings(grid=(1, 2), pilot_samples=16, samples=600, correction=correction)
    return RunRequest(source(), settings, 3, "street-unet", folder, **begin)


@pytest.mark.parametrize("correction", ["bonferroni", "anytime"])
def test_a_run_killed_in_one_process_goes_on_in_another_to_the_same_counts(correction: str, tmp_path: Path):
    process = start(tmp_path, correction)
    here = cut_off(tmp_path / f"{IDENTITY}.nc")
    assert here is not None
    assert "under way on another server" in here.sentence
    end(process, signal.SIGKILL)
    found = cut_off(tmp_path / f"{IDENTITY}.nc")
    assert found is not None
    assert found.standing is not None
    assert 0 < found.standing.copies < 2 * 600
    manager = JobManager()
    work = certification_work(
        request_of(tmp_path, correction, begin=found.standing), Shelf(ToyModel()), Pacemaker()
    )
    identity = manager.submit(work, owner="me", title="t", identity=IDENTITY)
    assert manager.wait(identity, 240)
    ended = manager.snapshot(identity, "me")
    assert ended.state is JobState.DONE, ended.error
    never_killed = run(request_of(None, correction)).result
    for made in (ended.result, load_certificate(tmp_path / f"{IDENTITY}.nc")):
        for name in ("agreements", "pilot_votes", "trials", "thresholds", "labels"):
            assert np.array_equal(getattr(made, name), getattr(never_killed, name)), name
    assert ended.result.provenance == never_killed.provenance
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{IDENTITY}.nc"]


def test_a_server_that_is_told_to_stop_leaves_what_goes_on(tmp_path: Path):
    process = start(tmp_path, "bonferroni")
    end(process, signal.SIGINT)
    assert (tmp_path / f"{IDENTITY}{BEGUN}").is_file()
    found = cut_off(tmp_path / f"{IDENTITY}.nc")
    assert found is not None
    assert found.standing is not None


def test_a_run_that_its_owner_cancels_leaves_nothing(tmp_path: Path):
    manager, cancelled = JobManager(), []

    class Cancelling(ToyModel):
        def __call__(self, batch):
            if list(tmp_path.glob(f"*{STANDING}")) and not cancelled:
                cancelled.append(manager.cancel(identity[0], "me"))
            return super().__call__(batch)

    identity: list[str] = []
    work = certification_work(request_of(tmp_path, "bonferroni"), Shelf(Cancelling()), Pacemaker())
    identity.append("mine")
    manager.submit(work, owner="me", title="t", identity="mine")
    assert manager.wait("mine", 240)
    assert manager.snapshot("mine", "me").state is JobState.CANCELLED
    assert cancelled == [True]
    assert list(tmp_path.iterdir()) == []


def test_nobody_watching_is_no_reason_to_lose_a_run(tmp_path: Path):
    now = [0.0]
    manager = JobManager(clock=lambda: now[0], grace=5)

    class Leaving(ToyModel):
        def __call__(self, batch):
            if list(tmp_path.glob(f"*{STANDING}")):
                now[0] = 100.0
            return super().__call__(batch)

    work = certification_work(request_of(tmp_path, "bonferroni"), Shelf(Leaving()), Pacemaker())
    identity = manager.submit(work, owner="me", title="t")
    assert manager.wait(identity, 240)
    assert manager.snapshot(identity, "me").state is JobState.ABANDONED
    found = cut_off(tmp_path / f"{identity}.nc")
    assert found is not None
    assert found.standing is not None
    again = manager.submit(lambda _: 1, owner="me", title="t", identity=identity)
    assert again == identity, "an ended job makes room for the one that goes on"


def page_of_a_killed_run(token: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, AppTest]:
    """The folder of a run that was killed, and its owner's page."""
    monkeypatch.setattr("ui.library.opened.owner_token", lambda: token)
    folder = Path(os.environ["LRS_LIBRARY"]) / token
    end(start(folder, "anytime"), signal.SIGKILL)
    page = AppTest.from_file(ROOT / "pages" / "main" / "segmentation.py", default_timeout=TIMEOUT)
    page.query_params["image_job"] = IDENTITY
    return folder, checked(page.run())


def test_the_page_offers_to_go_on_after_a_restart(
    gallery: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
):
    folder, page = page_of_a_killed_run("ab" * 16, monkeypatch)
    assert any("It can go on where it stopped." in one.value for one in page.info)
    checked(page.button(key="go_on_image_job").click().run())
    deadline = time.monotonic() + 240
    while (folder / f"{IDENTITY}{BEGUN}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    never_killed = run(request_of(None, "anytime")).result
    ended = load_certificate(folder / f"{IDENTITY}.nc")
    assert np.array_equal(ended.agreements, never_killed.agreements)
    assert np.array_equal(ended.trials, never_killed.trials)


def test_what_is_left_at_that_is_offered_no_more(gallery: Path, monkeypatch: pytest.MonkeyPatch):
    folder, page = page_of_a_killed_run("cd" * 16, monkeypatch)
    checked(page.button(key="leave_image_job").click().run())
    assert not list(folder.glob(f"*{STANDING}"))
    assert not list(folder.glob(f"*{BEGUN}"))
    assert not any(button.key == "go_on_image_job" for button in page.button)
