"""Where command line and studies get models and data from.

The package knows no model and no data set. Whoever has some offers a module with the functions of `Catalogue`;
the project's own is `models.catalogue`, another one is named by the environment variable `LRS_CATALOGUE`.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np

from lrscore.errors import InputError

DEFAULT_CATALOGUE = "models.catalogue"


@dataclass(frozen=True)
class LoadedImage:
    """An image ready to be certified.

    Args:
        title: what to call it.
        image: (C, H, W) float32 in [0, 1].
        reference: (H, W) ground truth, 255 = void, or None.
        remark: what was done to it on the way (resized, ...), or empty.
        class_names: names of the reference's classes, or empty if nobody knows.
        original: (height, width) before scaling, upright; None if the picture has no other size.
    """

    title: str
    image: np.ndarray
    reference: np.ndarray | None = None
    remark: str = ""
    class_names: tuple[str, ...] = ()
    original: tuple[int, int] | None = None


class Catalogue(Protocol):
    """A source of named images, graphs and models. Unknown names raise `InputError` with the known ones."""

    def load_image(self, source: str, size: tuple[int, int] | None, **labels: Any) -> LoadedImage:
        """A bundled image by name, one of a data set, or the file at a path, scaled to fit (height, width) if given.

        `labels`, given only if the user did: `void`, further mask values without a class, and `class_names`.
        """

    def load_reference(self, source: str, size: tuple[int, int], **picture: Any) -> np.ndarray:
        """An index mask from a file as (H, W) of the given size.

        `picture`, given only if known: `original`, (height, width) of the picture it belongs to.
        """

    def load_image_model(self, name: str, **how: Any) -> Callable[..., Any]:
        """A segmentation model: noisy batch -> scores.

        `how`, given only if the user asked: `denoise`, `precision` and `compiled`; with the precision "auto" also
        `size` (height, width), `copies` that are planned and `device`. What was chosen is the model's `chosen`, a
        sentence, if it has one.
        """

    def load_graph(self, source: str) -> Any:
        """A bundled graph by name, or the `.npz` or GraphML file at a path, as torch-geometric data."""

    def load_graph_model(self, name: str, **how: Any) -> Callable[..., Any]:
        """A node classifier: (x, edge_index) -> class probabilities; `how`: `precision`, `compiled`, if asked."""


def catalogue_name() -> str:
    """The catalogue module that `LRS_CATALOGUE` names, else the project's own."""
    return os.environ.get("LRS_CATALOGUE", DEFAULT_CATALOGUE)


def find_catalogue(name: str | None = None) -> Catalogue:
    """The catalogue module of that name; `catalogue_name()` if None.

    It may have more functions, which are asked where they are there: `image_sources(source)`, all pictures of a split
    or folder as `load_image` takes them; `fingerprint(source)`, SHA-256 of the files behind a picture or graph; and
    `model_digest(name, kind)`, the digest of a model ("image" or "graph") that is known without loading it, else None.

    Raises:
        InputError: there is no such module.
    """
    name = name or catalogue_name()
    try:
        return cast(Catalogue, importlib.import_module(name))
    except ImportError as error:
        raise InputError(
            f"no catalogue of models and data: module {name!r} not found ({error}); run from the project's "
            "folder or set LRS_CATALOGUE"
        ) from error
