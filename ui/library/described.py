"""Descriptions of models in a folder that the server's owner names: what pages may offer beside the bundled ones.

A page offers no free path: a link could name any file or module of the machine.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from models.descriptions import is_description

MODELS_VARIABLE = "LRS_MODELS"
"""Environment variable: folder of descriptions of segmentation models, and below `graphs/` of node classifiers."""
_MOST = 200


def described_files(kind: Literal["images", "graphs"]) -> dict[str, Path]:
    """The descriptions (FILE.json, FILE.yaml) of a kind by the file's stem, sorted; of two with one stem the first."""
    root = os.environ.get(MODELS_VARIABLE)
    folder = Path(root or "") / ("graphs" if kind == "graphs" else "")
    paths = sorted(path for path in folder.glob("*") if is_description(path))[:_MOST] if root else []
    found: dict[str, Path] = {}
    for path in paths:
        found.setdefault(path.stem, path)
    return found
