"""The bundled certificates of graphs."""

from __future__ import annotations

import os
from pathlib import Path

ENVIRONMENT = "LRS_GRAPH_GALLERY"
"""Environment variable: another folder of certificates for the graphs that can be chosen."""


_GRAPHS = Path(__file__).resolve().parents[2] / "models" / "graphs"


_TITLES = {"village": "Village (invented)", "citeseer": "CiteSeer", "cora_ml": "Cora-ML"}


def graph_titles() -> dict[str, str]:
    """Name -> title of the graphs at hand: the bundled one, and the files below `LRS_DATA_ROOT`."""
    root = os.environ.get("LRS_DATA_ROOT")
    found = sorted(path.stem for path in (Path(root) / "graphs").glob("*.npz")) if root else []
    return {name: _TITLES.get(name, name) for name in ("village", *found)}


def gallery_folder() -> Path:
    """Where the certificates stored with graphs lie."""
    return Path(os.environ.get(ENVIRONMENT) or _GRAPHS / "bundled")


def graph_file(name: str) -> Path | None:
    """The file of a graph at hand."""
    if name == "village":
        return _GRAPHS / "bundled" / "village.npz"
    root = os.environ.get("LRS_DATA_ROOT")
    path = Path(root or "") / "graphs" / f"{name}.npz"
    return path if root and path.is_file() else None


def checkpoints_folder() -> Path:
    """Where the bundled graph networks and their cards lie."""
    return _GRAPHS / "checkpoints"


def stored_file(name: str) -> Path | None:
    """The certificate stored with a graph, if there is one."""
    path = gallery_folder() / f"{name}.nc"
    return path if path.is_file() else None


def stored_files() -> list[Path]:
    """The certificates stored with the graphs at hand."""
    return [path for path in map(stored_file, graph_titles()) if path is not None]


def graph_preset_file(graph: str, preset: str) -> Path:
    """Where the certificate that answers a preset on a bundled graph lies, if there is one."""
    return gallery_folder() / "presets" / f"{graph}-{preset}.nc"
