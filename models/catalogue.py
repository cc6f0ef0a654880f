"""The project's models and data by name, for the command line (see `lrscore.catalogue`)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lrscore.catalogue import LoadedImage
from models import registry
from models.datasets import DATASETS, open_dataset
from models.graphs import registry as graph_registry
from models.photos import load_mask, load_photo
from models.scenes import gallery


def load_image(source: str, size: tuple[int, int] | None) -> LoadedImage:
    """A gallery scene by name, a picture of a data set (`DATASET:SPLIT:NAME`), or a picture file by path.

    Raises:
        InputError: neither a scene of that name nor a readable picture, or the data set is not here.
    """
    dataset, *place = source.split(":")
    if dataset in DATASETS and len(place) == 2:
        picture = open_dataset(dataset, place[0], size=size).load(place[1])
        return LoadedImage(source, picture.image, picture.mask.astype(np.int64))
    names = [scene.name for scene in gallery.GALLERY]
    if source in names or not (Path(source).suffix or Path(source).exists()):
        scene = gallery.load_gallery_scene(source)
        return LoadedImage(source, scene.image, scene.mask)
    photo = load_photo(source, size)
    return LoadedImage(Path(source).name, photo.image, remark=photo.remark)


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
