"""A study over real data: CamVid val through the project's own catalogue, from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrscore.catalogue import DEFAULT_CATALOGUE
from lrscore.cli.main import main
from lrscore.files import load_certificate
from lrscore.study.store import Store


@pytest.mark.data
def test_two_pictures_of_camvid_val(
    tmp_path: Path, lrs_data_root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("LRS_CATALOGUE", DEFAULT_CATALOGUE)
    folder = str(tmp_path / "camvid")
    command = ["study", "run", "--data", "camvid:val", "--limit", "2", "--size", "45x60", "--grid", "1x2"]
    command += [
        "--samples",
        "64",
        "--pilot-samples",
        "16",
        "--alpha",
        "0.1",
        "--out",
        folder,
        "--workers",
        "0",
    ]
    assert main(command) == 0
    assert main(["study", "verify", folder, "--workers", "0"]) == 0
    assert main(["study", "resume", folder]) == 0
    assert "2 were done before" in capsys.readouterr().out
    rows = Store(folder).rows
    names = sorted(path.stem for path in (lrs_data_root / "camvid" / "val" / "images").iterdir())
    assert [row["picture"] for row in rows] == [f"camvid:val:{name}" for name in (names[0], names[-1])]
    for row in rows:
        certificate = load_certificate(Path(folder) / row["certificate"])
        assert certificate.provenance["model"] == "street-unet"
        assert row["labelled"] > 0
        assert row["model_digest"] == certificate.provenance["model_digest"] != ""
