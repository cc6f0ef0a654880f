"""A catalogue of toys: pictures that need no file, a model that looks at single pixels, and every way to fail.

Workers import it by name; `LRS_TOY_FOLDER` names a folder in which it leaves notes and finds orders.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch

from lrscore.catalogue import LoadedImage
from lrscore.class_tree import ClassTree
from lrscore.errors import InputError
from tests.lrscore.linear import Brightness
from tests.lrscore.shades import Shades

NAME = "tests.lrscore.study.toy_catalogue"
SHAPE = (3, 6, 8)


class Slow(Brightness):
    """Takes its time, and leaves its process id so that somebody can kill it."""

    digest = "slow"

    def __call__(self, batch: torch.Tensor) -> torch.Tensor:
        folder = Path(os.environ["LRS_TOY_FOLDER"])
        (folder / f"{os.getpid()}.pid").touch()
        time.sleep(0.02)
        return super().__call__(batch)


class Small(Brightness):
    """Can take one size of picture alone."""

    digest = "small"

    def __call__(self, batch: torch.Tensor) -> torch.Tensor:
        if batch.shape[2] != SHAPE[1]:
            raise RuntimeError(f"size mismatch: {batch.shape[2]} rows")
        return super().__call__(batch)


class Deadly(Brightness):
    """Ends every worker process that asks it."""

    digest = "deadly"

    def __call__(self, batch: torch.Tensor) -> torch.Tensor:
        if multiprocessing.parent_process() is not None:
            os._exit(9)
        return super().__call__(batch)


class Neighbours:
    """A node classifier: class 1 with the share of ones among a node's first four attributes."""

    name, digest, sparse_input = "neighbours", "neighbours", False

    def __call__(self, x: torch.Tensor, edge_index: torch.Tensor) -> torch.Tensor:
        ones = 0.1 + 0.8 * x[:, :4].mean(dim=1)
        return torch.stack([1 - ones, ones], dim=1)


class Quarters:
    """A node classifier of four classes, with a tree of them: its first attribute decides between the groups."""

    name, digest, sparse_input = "quarters", "quarters", False
    class_names = ("none", "few", "some", "many")
    class_tree = ClassTree.from_names({"less": ["none", "few"], "more": ["some", "many"]}, class_names)

    def __call__(self, x: torch.Tensor, edge_index: torch.Tensor) -> torch.Tensor:
        place = 2 * (x[:, 0] > 0).long() + (x[:, 1:4].sum(dim=1) > 1).long()
        return 0.1 + 0.6 * torch.nn.functional.one_hot(place, 4).float()


class Degrees:
    """A node classifier that looks at the edges alone: class 1 with two neighbours, as all nodes of a ring have."""

    name, digest, sparse_input = "degrees", "degrees", False

    def __call__(self, x: torch.Tensor, edge_index: torch.Tensor) -> torch.Tensor:
        two = (torch.bincount(edge_index[0], minlength=len(x)) == 2).float()
        return torch.stack([1 - two, two], dim=1)


class Named(Brightness):
    """The toy with a digest."""

    digest = "brightness"


class Trees(Shades):
    """The toy of four shades, with a tree of them."""

    digest = "trees"
    class_tree = ClassTree.from_names(
        {"low": ["black", "dark"], "high": ["light", "white"]}, Shades.class_names
    )


_MODELS = {"toy": Named, "slow": Slow, "small": Small, "deadly": Deadly, "trees": Trees}


def image_sources(source: str) -> list[str] | None:
    """`toys:N`: N pictures."""
    kind, _, number = source.partition(":")
    return [f"toy{place}" for place in range(int(number))] if kind == "toys" else None


def fingerprint(source: str) -> str | None:
    """Of the text that a file in the folder of notes holds, if there is one, and of the name."""
    if source == "broken":
        raise InputError("broken can not be read: not a picture")
    note = Path(os.environ.get("LRS_TOY_FOLDER", "/nowhere")) / f"{source}.note"
    return hashlib.sha256((source + (note.read_text() if note.is_file() else "")).encode()).hexdigest()


def load_image(source: str, size: tuple[int, int] | None, **labels: object) -> LoadedImage:
    """Noise of its name; `tall` has another size."""
    if source == "broken":
        raise InputError("broken can not be read: not a picture")
    shape = (3, 9, 8) if source == "tall" else SHAPE
    seed = int(hashlib.sha256(source.encode()).hexdigest()[:8], 16)
    image = np.random.default_rng(seed).random(shape, dtype=np.float32)
    image = np.rint(image * 255).astype(np.float32) / np.float32(255)
    return LoadedImage(
        source, image, (image.mean(axis=0) > 0.5).astype(np.int64), class_names=("dark", "bright")
    )


def load_image_model(name: str) -> Brightness | Shades:
    """See `_MODELS`."""
    if name not in _MODELS:
        raise InputError(f"model must be one of {', '.join(_MODELS)}, got {name!r}")
    return _MODELS[name]()


def load_graph(source: str) -> SimpleNamespace:
    """A ring of twelve nodes with six attributes."""
    generator = np.random.default_rng(len(source))
    x = (generator.random((12, 6)) < 0.5).astype(np.float32)
    ring = np.arange(12)
    edges = np.stack([np.append(ring, (ring + 1) % 12), np.append((ring + 1) % 12, ring)])
    tests = np.arange(12) % 2 == 0
    truth = (x[:, :4].mean(axis=1) > 0.5).astype(np.int64)
    return SimpleNamespace(
        x=torch.from_numpy(x), edge_index=torch.from_numpy(edges), y=torch.from_numpy(truth), test_mask=tests
    )


def load_graph_model(name: str) -> Neighbours | Degrees | Quarters:
    """One of two that read attributes, or one that reads edges."""
    return {"degrees": Degrees, "quarters": Quarters}.get(name, Neighbours)()
