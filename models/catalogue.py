"""The project's models and data by name, for the command line (see `lrscore.cli.catalogue`)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lrscore.cli.catalogue import LoadedImage
from lrscore.errors import InputError
from models.datasets import DATASETS, open_dataset
from models.datasets.classes import CAMVID_CLASSES
from models.datasets.photos import load_mask, load_photo
from models.graphs import registry as graph_registry
from models.scenes import gallery
from models.scenes.render import Scene, render_scene
from models.segmentation import registry


def load_image(source: str, size: tuple[int, int] | None) -> LoadedImage:
    """A bundled scene, a rendered one (`scene:SEED`), a picture of a data set (`DATASET:SPLIT:NAME`), or a file.

    Raises:
        InputError: neither a scene of that name nor a readable picture, or the data set is not here.
    """
    kind, *place = source.split(":")
    if kind in DATASETS and len(place) == 2:
        pairs = open_dataset(kind, place[0], size=size)
        picture = pairs.load(place[1])
        mask = picture.mask.astype(np.int64)
        return LoadedImage(source, picture.image, mask, class_names=pairs.class_names)
    if kind == "scene" and len(place) == 1:
        return _scene(source, render_scene(_seed(place[0])))
    names = [scene.name for scene in gallery.GALLERY]
    if source in names or not (Path(source).suffix or Path(source).exists()):
        return _scene(source, gallery.load_gallery_scene(source))
    photo = load_photo(source, size)
    return LoadedImage(Path(source).name, photo.image, remark=photo.remark)


def _scene(title: str, scene: Scene) -> LoadedImage:
    """A scene on the 1/255 lattice, like any stored picture."""
    image = np.rint(scene.image * 255).astype(np.float32) / np.float32(255)
    return LoadedImage(title, image, scene.mask.astype(np.int64), class_names=CAMVID_CLASSES)


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise InputError(f"a rendered scene is named scene:SEED with a whole number, got scene:{text}")
    return int(text)


def load_reference(source: str, size: tuple[int, int]) -> np.ndarray:
    """An index mask (H, W) from a picture file, nearest neighbour to `size`."""
    return load_mask(source, size)


def load_image_model(name: str) -> Callable[..., Any]:
    """A segmentation model by name.

    Raises:
        InputError: no such model, or its weights do not fit.
    """
    return registry.load_model(name)


def load_graph(source: str) -> Any:
    """A graph by name, or the `.npz` or `.graphml` file at a path, as torch-geometric data.

    Raises:
        InputError: no such name or file, or no usable graph.
    """
    return graph_registry.load_graph(source)


def load_graph_model(name: str) -> Callable[..., Any]:
    """A node classifier by name.

    Raises:
        InputError: no such model.
    """
    return graph_registry.load_graph_model(name)
