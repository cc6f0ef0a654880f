"""What a killed run leaves, and what is said of it."""

from __future__ import annotations

import os
from pathlib import Path

from lrscore import load_certificate
from lrscore.unfinished import BEGUN, PARTIAL, Unfinished, recover, recover_all
from tests.ui.toy import toy_certificate


def test_a_run_that_ends_leaves_nothing(tmp_path: Path):
    run = Unfinished(tmp_path / "shelf" / "a.nc")
    run.keep(toy_certificate())
    assert {path.suffix for path in (tmp_path / "shelf").iterdir()} == {BEGUN, PARTIAL}
    run.end()
    assert list((tmp_path / "shelf").iterdir()) == []
    assert recover(tmp_path / "shelf" / "a.nc") is None


def test_a_killed_run_keeps_its_last_certificate_and_says_so(tmp_path: Path):
    file = tmp_path / "a.nc"
    Unfinished(file).keep(toy_certificate())
    said = recover(file)
    assert said is not None
    assert "cut off" in said
    assert "what it had certified by then" in said
    assert load_certificate(file).labels.shape == toy_certificate().labels.shape
    assert recover(file) == said, "the next look says the same"


def test_a_run_killed_before_anything_was_certified_is_said_to_be_lost(tmp_path: Path):
    Unfinished(tmp_path / "a.nc")
    said = recover(tmp_path / "a.nc")
    assert said is not None
    assert "nothing of it is left" in said
    assert not (tmp_path / "a.nc").exists()


def test_only_old_leftovers_are_recovered_at_the_start(tmp_path: Path):
    for name in ("old", "new"):
        Unfinished(tmp_path / f"{name}.nc").keep(toy_certificate())
    os.utime(tmp_path / f"old{PARTIAL}", (0, 0))
    assert recover_all(tmp_path) == 1
    assert sorted(path.name for path in tmp_path.glob("*.nc")) == ["old.nc"]
