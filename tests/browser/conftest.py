"""One dashboard whose galleries hold a small certificate of the first scene and of a small graph."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.dashboard.browser import ROOT, Server, streamlit_server
from models.scenes.gallery import GALLERY
from tests.ui.graphs.toy_certificate import toy_certificate as graph_certificate
from tests.ui.studies.made_up import write_study
from tests.ui.toy import toy_certificate


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment variables of the dashboard under test."""
    folder, graphs = tmp_path_factory.mktemp("gallery"), tmp_path_factory.mktemp("graphs")
    toy_certificate().save(folder / f"{GALLERY[0].name}.nc")
    graph_certificate().save(graphs / "village.nc")
    studies = tmp_path_factory.mktemp("studies")
    write_study(studies / "many", 30)
    return {
        "LRS_GALLERY": str(folder),
        "LRS_GRAPH_GALLERY": str(graphs),
        "LRS_STUDIES": str(studies),
        "LRS_LIBRARY": str(tmp_path_factory.mktemp("library")),
    }


@pytest.fixture(scope="session")
def dashboard(environment: dict[str, str]) -> Iterator[Server]:
    """A running dashboard, shared by all tests."""
    with streamlit_server(Path(ROOT) / "app.py", env=environment) as server:
        yield server
