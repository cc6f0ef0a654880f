"""Descriptions of models in a folder that the server's owner names: what pages may offer beside the bundled ones.

A page offers no free path: a link could name any file or module of the machine.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

MODELS_VARIABLE = "LRS_MODELS"
"""Environment variable: folder of descriptions of segmentation models, and below `graphs/` of node classifiers."""
_MOST = 200


def described_files(kind: Literal["images", "graphs"]) -> dict[str, Path]:
    """The descriptions (FILE.json) of a kind by the file's stem, sorted."""
    root = os.environ.get(MODELS_VARIABLE)
    folder = Path(root or "") / ("graphs" if kind == "graphs" else "")
    return {path.stem: path for path in sorted(folder.glob("*.json"))[:_MOST]} if root else {}
