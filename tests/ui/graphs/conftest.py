"""A gallery that holds one small certificate as the village's, and a library in a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from tests.ui.graphs.toy_certificate import toy_certificate


@pytest.fixture
def graph_gallery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Folder with the certificate `village.nc`."""
    folder = tmp_path / "graphs"
    folder.mkdir()
    toy_certificate().save(folder / "village.nc")
    monkeypatch.setenv("LRS_GRAPH_GALLERY", str(folder))
    monkeypatch.setenv("LRS_LIBRARY", str(tmp_path / "library"))
    monkeypatch.delenv("LRS_DATA_ROOT", raising=False)
    st.cache_data.clear()
    st.cache_resource.clear()
    yield folder
    st.cache_data.clear()
    st.cache_resource.clear()
