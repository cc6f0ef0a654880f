"""Models and data by name: what scripts and notebooks import, wherever the code behind it lives.

Names are loaded when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.datasets import open_dataset
    from models.denoising.model import denoised
    from models.graphs.registry import load_graph, load_graph_model
    from models.scenes.gallery import load_gallery_scene as load_scene
    from models.segmentation.registry import load_model

_HOME = {
    "denoised": ("models.denoising.model", "denoised"),
    "load_graph": ("models.graphs.registry", "load_graph"),
    "load_graph_model": ("models.graphs.registry", "load_graph_model"),
    "load_model": ("models.segmentation.registry", "load_model"),
    "load_scene": ("models.scenes.gallery", "load_gallery_scene"),
    "open_dataset": ("models.datasets", "open_dataset"),
}

__all__ = ["denoised", "load_graph", "load_graph_model", "load_model", "load_scene", "open_dataset"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'models' has no attribute {name!r}")
    module, there = _HOME[name]
    return getattr(importlib.import_module(module), there)


def __dir__() -> list[str]:
    return sorted(__all__)
