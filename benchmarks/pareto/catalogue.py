"""The comparison's pictures and models as a catalogue of studies.

Workers read the pictures from the file that `LRS_PARETO_PICTURES` names; models are the project's, by name.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from benchmarks.pareto.pictures import read
from benchmarks.pareto.rows import Picture
from lrscore.catalogue import LoadedImage
from lrscore.errors import InputError
from lrscore.study.items import array_digest
from models.catalogue import load_graph, load_graph_model, load_image_model, load_reference, model_digest

__all__ = [
    "fingerprint",
    "load_graph",
    "load_graph_model",
    "load_image",
    "load_image_model",
    "load_reference",
    "model_digest",
]
NAME = __name__
VARIABLE = "LRS_PARETO_PICTURES"
"""Environment variable: the file of pictures."""


def load_image(source: str, size: tuple[int, int] | None, **labels: object) -> LoadedImage:
    """A picture by its `Picture.source`, in its own size."""
    picture = _picture(source)
    return LoadedImage(source, picture.image, picture.mask)


def fingerprint(source: str) -> str:
    """SHA-256 of the picture and its labels."""
    picture = _picture(source)
    return array_digest(picture.image, picture.mask)


def _picture(source: str) -> Picture:
    path = Path(os.environ[VARIABLE])
    found = _pictures(path, path.stat().st_mtime_ns).get(source)
    if found is None:
        raise InputError(f"{path} holds no picture {source!r}")
    return found


@lru_cache(maxsize=1)
def _pictures(path: Path, stamp: int) -> dict[str, Picture]:
    return {picture.source: picture for picture in read(path)}
