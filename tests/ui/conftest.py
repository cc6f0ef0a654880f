"""Galleries of one small certificate, a library in a temporary folder, and the toy model instead of the network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from models.scenes.gallery import GALLERY
from tests.ui.graphs.toy_certificate import toy_certificate as toy_graph_certificate
from tests.ui.toy import ToyModel, toy_certificate
from ui.running.machine import ModelShelf


@pytest.fixture(scope="session")
def certificate_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("certificates") / "toy.nc"
    toy_certificate().save(path)
    return path


@pytest.fixture
def gallery(tmp_path: Path, certificate_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Folder with a certificate of the first bundled scene only."""
    folder = tmp_path / "gallery"
    folder.mkdir()
    (folder / f"{GALLERY[0].name}.nc").write_bytes(certificate_file.read_bytes())
    monkeypatch.setenv("LRS_GALLERY", str(folder))
    monkeypatch.setenv("LRS_GRAPH_GALLERY", str(tmp_path / "none"))
    monkeypatch.setenv("LRS_LIBRARY", str(tmp_path / "library"))
    monkeypatch.setattr(ModelShelf, "get", lambda self, name, device: ToyModel())
    st.cache_data.clear()
    st.cache_resource.clear()
    yield folder
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def graph_gallery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Folder with the certificate `village.nc`."""
    folder = tmp_path / "graphs"
    folder.mkdir()
    toy_graph_certificate().save(folder / "village.nc")
    monkeypatch.setenv("LRS_GRAPH_GALLERY", str(folder))
    monkeypatch.setenv("LRS_LIBRARY", str(tmp_path / "library"))
    monkeypatch.delenv("LRS_DATA_ROOT", raising=False)
    st.cache_data.clear()
    st.cache_resource.clear()
    yield folder
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a small file, too, may take seconds: pages of tests wait for it."""
    monkeypatch.setattr("ui.running.aside.PATIENCE", 60.0)
