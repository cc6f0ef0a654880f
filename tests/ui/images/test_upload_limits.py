"""The server takes what the controls offer to take."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import ui
from ui.browse.shelf_panel import MOST_MEGABYTES as MOST_OF_A_SHELF
from ui.graphs.upload import MAX_MEGABYTES as MOST_OF_A_GRAPH
from ui.images.own_model import MOST_MEGABYTES as MOST_OF_WEIGHTS
from ui.images.upload import MAX_MEGABYTES as MOST_OF_A_PHOTO

ROOT = Path(ui.__path__[0]).parent


def test_the_server_refuses_nothing_that_a_control_offers():
    served = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    offered = (MOST_OF_A_SHELF, MOST_OF_A_GRAPH, MOST_OF_WEIGHTS, MOST_OF_A_PHOTO)
    assert served["server"]["maxUploadSize"] == max(offered)


def test_every_control_for_files_says_its_own_limit():
    """Those that do not would take as much as the server does."""
    for path in (ROOT / "ui").rglob("*.py"):
        for call in re.findall(r"file_uploader\((?:[^()]|\([^()]*\))*\)", path.read_text(encoding="utf-8")):
            assert "max_upload_size=" in call, (path.name, call)
