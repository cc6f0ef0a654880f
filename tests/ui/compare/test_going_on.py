"""Rivals whose process is killed go on in another one, picture by picture, to the counts they would have had."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from jobs import JobManager, JobState
from lrscore import ImageSettings, load_certificate
from lrscore.unfinished import BEGUN, STANDING, is_under_way
from tests.ui import page_support
from tests.ui.images.test_runs import Shelf
from tests.ui.page_support import ROOT, checked
from tests.ui.toy import ToyModel, toy_certificate
from ui.compare.rivals import Rival, rival_work
from ui.compare.sets import Header
from ui.compare.unfinished import PLAN, RivalPlan, forget_plan, plan_file, read_plan
from ui.library.entries import Entry
from ui.running.machine import Pacemaker

IDENTITY = "rivals"
SETTINGS = ImageSettings(grid=(1, 1), pilot_samples=16, samples=600)
_RUN = """
import sys, time
from pathlib import Path
from jobs import JobManager
from tests.ui.compare.test_going_on import IDENTITY, work_in
from tests.ui.toy import ToyModel

class Slow(ToyModel):
    asked = 0
    def __call__(self, batch):
        Slow.asked += 1
        if Slow.asked > 60:
            time.sleep(0.5)
        return super().__call__(batch)

manager = JobManager()
manager.submit(work_in(Path(sys.argv[1]), Slow()), owner="me", title="t", identity=IDENTITY)
manager.wait(IDENTITY, 600)
"""


def work_in(folder: Path, model: object, first: int = 0, members: list[str] | None = None):
    """Rivals of the pictures in a folder."""
    header = Header("image", "", model=ToyModel.name, digest=ToyModel.digest, settings=SETTINGS)
    entries = [Entry("own", folder / f"{name}.nc", 1) for name in members or ("one", "two", "three")]
    return rival_work(
        Rival(header, SETTINGS, tuple(entries)), ToyModel.name, Shelf(model), Pacemaker(), folder, first
    )


def pictures(folder: Path) -> None:
    """Three certificates of different pictures, small and quick."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, size in (("one", 36), ("two", 24), ("three", 30)):
        toy_certificate(size=size).save(folder / f"{name}.nc")


def killed(folder: Path) -> RivalPlan:
    """What is left of a job that was killed within its second picture."""
    process = subprocess.Popen([sys.executable, "-c", _RUN, str(folder)], cwd=ROOT)
    deadline = time.monotonic() + 240
    while not (folder / f"{IDENTITY}-1{STANDING}").is_file():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert is_under_way(plan_file(folder, IDENTITY))
    forget_plan(folder, IDENTITY)  # of a job that is under way: nothing is forgotten
    process.send_signal(signal.SIGKILL)
    process.wait()
    plan = read_plan(folder, IDENTITY)
    assert plan is not None
    return plan


def ended(work: object, identity: str = IDENTITY) -> JobState:
    manager = JobManager()
    manager.submit(work, owner="me", title="t", identity=identity)
    assert manager.wait(identity, 240)
    snapshot = manager.snapshot(identity, "me")
    assert snapshot.state is JobState.DONE, snapshot.error
    return snapshot


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix in (BEGUN, STANDING, PLAN))


def test_a_killed_job_goes_on_with_the_picture_that_was_under_way(tmp_path: Path):
    pictures(tmp_path)
    plan = killed(tmp_path)
    assert (plan.first, plan.settings) == (1, SETTINGS)
    assert plan.members == ("own:two", "own:three")
    first = (tmp_path / f"{IDENTITY}-0.nc").stat().st_mtime_ns
    asked = []

    class Counting(ToyModel):
        def __call__(self, batch):
            asked.append(len(batch))
            return super().__call__(batch)

    done = ended(work_in(tmp_path, Counting(), plan.first, ["two", "three"]))
    assert done.result == (f"{IDENTITY}-1", f"{IDENTITY}-2")
    assert sum(asked) < 2 * (600 + 16), "the second picture goes on, it does not begin again"
    assert (tmp_path / f"{IDENTITY}-0.nc").stat().st_mtime_ns == first
    assert left(tmp_path) == []
    ended(work_in(tmp_path, ToyModel()), "whole")
    for number in range(3):
        went_on, whole = (load_certificate(tmp_path / f"{name}-{number}.nc") for name in (IDENTITY, "whole"))
        for name in ("agreements", "pilot_votes", "trials", "thresholds", "labels"):
            assert np.array_equal(getattr(went_on, name), getattr(whole, name)), (number, name)
        assert went_on.provenance == whole.provenance


def test_a_cancelled_job_leaves_its_finished_pictures_alone(tmp_path: Path):
    pictures(tmp_path)
    manager = JobManager()

    class Cancelling(ToyModel):
        def __call__(self, batch):
            if (tmp_path / f"{IDENTITY}-1{BEGUN}").exists():
                manager.cancel(IDENTITY, "me")
            return super().__call__(batch)

    manager.submit(work_in(tmp_path, Cancelling()), owner="me", title="t", identity=IDENTITY)
    assert manager.wait(IDENTITY, 240)
    assert manager.snapshot(IDENTITY, "me").state is JobState.CANCELLED
    assert left(tmp_path) == []
    assert sorted(path.stem for path in tmp_path.glob(f"{IDENTITY}-*.nc")) == [f"{IDENTITY}-0"]


def test_the_page_offers_to_go_on_and_to_leave_it(gallery: Path, monkeypatch: pytest.MonkeyPatch):
    for module in ("ui.library.opened", "ui.running.page_job"):
        monkeypatch.setattr(f"{module}.owner_token", lambda: "me")
    folder = Path(os.environ["LRS_LIBRARY"]) / "me"
    pictures(folder)
    killed(folder)
    kept = {name: (folder / name).read_bytes() for name in left(folder)}
    page = page_support.open_page("compare", job=IDENTITY)
    assert any("2 pictures can go on where they stopped" in one.value for one in page.info)
    checked(page.button(key="leave_compare_job").click().run())
    assert left(folder) == []
    assert not any(button.key == "go_on_compare_job" for button in page.button)
    for name, content in kept.items():
        (folder / name).write_bytes(content)
    page = page_support.open_page("compare", job=IDENTITY)
    checked(page.button(key="go_on_compare_job").click().run())
    deadline = time.monotonic() + 240
    while left(folder):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert len(list(folder.glob(f"{IDENTITY}-*.nc"))) == 3


def test_a_picture_that_is_gone_is_said(gallery: Path, monkeypatch: pytest.MonkeyPatch):
    for module in ("ui.library.opened", "ui.running.page_job"):
        monkeypatch.setattr(f"{module}.owner_token", lambda: "me")
    folder = Path(os.environ["LRS_LIBRARY"]) / "me"
    folder.mkdir(parents=True)
    plan = RivalPlan(3, SETTINGS, "m", "d", ("own:nowhere", "../../etc/passwd"))
    plan_file(folder, IDENTITY).write_bytes(plan.to_bytes())
    page = page_support.open_page("compare", job=IDENTITY)
    assert any(
        "2 pictures of it can not be found in the library any more" in one.value for one in page.warning
    )
    assert page.button(key="go_on_compare_job").disabled


@pytest.mark.parametrize(
    "change",
    [
        {"first": -1}, {"first": 1e9}, {"first": "1"}, {"first": True}, {"members": []}, {"members": [3]},
        {"members": "own:one"}, {"members": None}, {"settings": {"grid": [1, 1], "odd": 3}}, {"settings": None},
        {"settings": {"samples": -4}}, {"model": None}, {"digest": 5}, None,
    ],
)  # fmt: skip
def test_a_damaged_plan_is_none(change: dict[str, object] | None, tmp_path: Path):
    plan = RivalPlan(0, SETTINGS, "m", "d", ("own:one",))
    path = plan_file(tmp_path, IDENTITY)
    path.write_bytes(plan.to_bytes())
    assert read_plan(tmp_path, IDENTITY) == plan
    path.write_bytes(
        plan.to_bytes()[:-9]
        if change is None
        else json.dumps({**json.loads(plan.to_bytes()), **change}).encode()
    )
    assert read_plan(tmp_path, IDENTITY) is None


def test_a_plan_is_no_link(tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(RivalPlan(0, SETTINGS, "m", "d", ("own:one",)).to_bytes())
    plan_file(tmp_path, IDENTITY).symlink_to(elsewhere)
    assert read_plan(tmp_path, IDENTITY) is None
