"""What a killed run leaves, and what is said of it."""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from lrscore import ImageSettings, load_certificate
from lrscore.errors import LrscoreError
from lrscore.images.certify import stream_image
from lrscore.standing import Standing, Trail
from lrscore.unfinished import BEGUN, STANDING, Unfinished, cut_off, forget, recover_all, standing_of
from tests.ui.toy import ToyModel, toy_image


def standings(correction: str = "anytime") -> list[Standing]:
    settings = ImageSettings(grid=(1, 2), pilot_samples=8, samples=64, batch_size=8, correction=correction)
    found: list[Standing] = []
    generator = torch.Generator().manual_seed(0)
    list(
        stream_image(ToyModel(), toy_image(12, 16), settings, generator=generator, trail=Trail(found.append))
    )
    return found


def killed(file: Path, standing: Standing | None = None) -> None:
    """What a process leaves that was killed there: the system takes the lock, and nothing else."""
    run = Unfinished(file)
    if standing is not None:
        run.keep(standing)
    assert run._lock is not None
    os.close(run._lock)


def test_a_run_that_ends_leaves_nothing(tmp_path: Path):
    run = Unfinished(tmp_path / "shelf" / "a.nc")
    run.keep(standings()[-1])
    assert {path.suffix for path in (tmp_path / "shelf").iterdir()} == {BEGUN, STANDING}
    run.end()
    assert list((tmp_path / "shelf").iterdir()) == []
    assert cut_off(tmp_path / "shelf" / "a.nc") is None


def test_a_killed_run_keeps_its_last_certificate_and_can_go_on(tmp_path: Path):
    file, last = tmp_path / "a.nc", standings()[-1]
    killed(file, last)
    found = cut_off(file)
    assert found is not None
    assert found.sentence.endswith(
        "On screen is what it had certified by then, which holds. It can go on where it stopped."
    )
    assert found.standing is not None
    assert found.standing.copies == last.copies
    assert np.array_equal(load_certificate(file).trials, last.certificate.trials)
    again = cut_off(file)
    assert again is not None
    assert again.sentence == found.sentence, "the next look says the same"
    forget(file)
    assert cut_off(file) is None
    assert [path.name for path in tmp_path.iterdir()] == ["a.nc"]


def test_counts_between_looks_are_kept_and_are_no_certificate(tmp_path: Path):
    file, first = tmp_path / "a.nc", standings("bonferroni")[0]
    assert first.drawn.any()
    assert not first.certificate.trials.any()
    killed(file, first)
    found = cut_off(file)
    assert found is not None
    assert "On screen" not in found.sentence
    assert "It can go on where it stopped." in found.sentence
    assert not file.exists(), "a plan that looks once has certified nothing before its look"


def test_a_run_killed_before_anything_was_kept_is_said_to_be_lost(tmp_path: Path):
    killed(tmp_path / "a.nc")
    found = cut_off(tmp_path / "a.nc")
    assert found is not None
    assert "nothing is left" in found.sentence
    assert found.standing is None
    assert not (tmp_path / "a.nc").exists()


def test_a_run_under_way_is_left_alone(tmp_path: Path):
    file = tmp_path / "a.nc"
    run = Unfinished(file)
    run.keep(standings()[-1])
    found = cut_off(file)
    assert found is not None
    assert "under way on another server" in found.sentence
    assert found.standing is None
    assert not file.exists()
    assert recover_all(tmp_path) == 0
    forget(file)
    assert {path.suffix for path in tmp_path.iterdir()} == {BEGUN, STANDING}
    with pytest.raises(LrscoreError, match="under way already"):
        Unfinished(file)
    run.end()


def test_a_run_goes_on_while_a_page_looks_at_what_it_left(tmp_path: Path):
    file = tmp_path / "a.nc"
    killed(file, standings()[-1])
    looking = os.open(file.with_suffix(BEGUN), os.O_RDWR)
    fcntl.flock(looking, fcntl.LOCK_EX)
    threading.Timer(0.5, os.close, [looking]).start()
    run = Unfinished(file)
    assert cut_off(file).sentence.startswith("This run is under way")
    run.end()


def test_the_start_puts_all_that_was_certified_in_its_place(tmp_path: Path):
    for name in ("one", "two"):
        killed(tmp_path / f"{name}.nc", standings()[-1])
    killed(tmp_path / "lost.nc")
    assert recover_all(tmp_path) == 2
    assert sorted(path.name for path in tmp_path.glob("*.nc")) == ["one.nc", "two.nc"]


def test_a_damaged_standing_is_no_standing(tmp_path: Path):
    rng, file = np.random.default_rng(1), tmp_path / "a.nc"
    killed(file, standings()[-1])
    whole = file.with_suffix(STANDING).read_bytes()
    for _ in range(40):
        damaged = bytearray(whole)
        damaged[int(rng.integers(len(damaged)))] ^= 1 << int(rng.integers(8))
        file.with_suffix(STANDING).write_bytes(damaged[: int(rng.integers(1, len(damaged) + 1))])
        assert standing_of(file) is None or standing_of(file).copies >= 0
    file.with_suffix(STANDING).unlink()
    file.with_suffix(STANDING).symlink_to("/etc/hostname")
    assert standing_of(file) is None
