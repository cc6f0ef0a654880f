"""A folder that somebody else has filled: names that are no text, things that are no pictures."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lrscore.images.settings import ImageSettings
from lrscore.study.api import run_study
from lrscore.study.checking import check_study
from lrscore.study.exporting import csv_text
from lrscore.study.settings import Setting, StudySettings
from lrscore.study.store import Store


def test_every_picture_is_done_and_everything_else_is_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LRS_CATALOGUE", "models.catalogue")
    folder = tmp_path / "some one's: data (1)"
    folder.mkdir()
    generator = np.random.default_rng(0)
    for name in (b"UPPER.PNG", b"caf\xe9.png", b"two\nlines\x1b[31m.png", b"=1+1.png"):
        pixels = generator.integers(0, 256, (24, 32, 3), dtype=np.uint8)
        with open(os.path.join(os.fsencode(folder), name), "wb") as file:
            Image.fromarray(pixels).save(file, format="PNG")
    (folder / "copy of UPPER.png").write_bytes((folder / "UPPER.PNG").read_bytes())
    (folder / "empty.png").touch()
    (folder / "text.png").write_text("no picture")
    (folder / "folder.png").mkdir()  # passed over
    (folder / "gone.png").symlink_to(folder / "nowhere")
    (folder / "notes.txt").write_text("passed over")
    settings = ImageSettings(grid=(1, 2), samples=16, pilot_samples=8, batch_size=16)
    study = StudySettings(
        data=(str(folder),),
        settings=(Setting("one", settings, "street-unet"),),
        size=None,
        methods=("naive",),
    )
    outcome = run_study(study, tmp_path / "s", workers=0)
    rows = Store(tmp_path / "s").rows
    assert (outcome.done, outcome.failed) == (5, 3)
    assert len(list((tmp_path / "s").glob("*.nc"))) == 5
    upper, copy = ({**row, "key": ""} for row in rows if "UPPER" in row["picture"])
    assert upper["certified_naive"] == copy["certified_naive"]
    assert all(row["picture"].isprintable() for row in rows)
    assert all(row["sentence"] for row in rows if row["status"] == "failed")
    assert [one.sentence for one in check_study(Store(tmp_path / "s"), workers=0)] == [""] * 5
    assert "\n".join(csv_text(rows).splitlines()).isascii()
    assert run_study(study, tmp_path / "s", workers=0).kept == 5
