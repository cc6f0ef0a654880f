"""The toys' folder, and the repository's root where workers find the toys."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lrscore.study.toy_catalogue import NAME


@pytest.fixture(autouse=True)
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where models leave notes; the catalogue of toys is the one that is used."""
    folder = tmp_path / "notes"
    folder.mkdir()
    monkeypatch.setenv("LRS_TOY_FOLDER", str(folder))
    monkeypatch.setenv("LRS_CATALOGUE", NAME)
    return folder
