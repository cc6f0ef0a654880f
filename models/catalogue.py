"""The project's models and data by name, for the command line (see `lrscore.catalogue`)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from lrscore.catalogue import LoadedImage
from lrscore.errors import InputError
from lrscore.provenance import digest_of_file
from models.datasets import DATASETS, PicturePairs, open_dataset
from models.datasets.classes import CAMVID_CLASSES
from models.datasets.pairs import Pair
from models.datasets.photos import load_mask, load_photo
from models.dressing import Dressing, parted
from models.scenes import gallery
from models.scenes.render import Scene, render_scene
from models.segmentation.names import WEIGHTS, bundled_digest


def load_image(
    source: str,
    size: tuple[int, int] | None,
    *,
    void: Sequence[int] = (),
    class_names: Sequence[str] | None = None,
) -> LoadedImage:
    """A bundled scene, a rendered one (`scene:SEED`), one of a data set or folder (`DATASET:SPLIT:NAME`), or a file.

    Args:
        source: see above; a folder is named by its path, `SPLIT` is a folder in it or empty.
        size: (height, width) to fit into; None keeps the size.
        void: further mask values without a class, of a data set or folder.
        class_names: of a folder, instead of its `classes.txt`.

    Raises:
        InputError: neither a scene of that name nor a readable picture, or the data set is not here.
    """
    if Path(source).is_file():  # whatever colons its name may have
        return _file(source, size)
    if (place := _picture_of(source)) is not None:
        pairs = open_dataset(place[0], place[1], size=size, class_names=class_names, void=void)
        return _of_data_set(source, pairs, place[2])
    if (seed := _seed_of(source)) is not None:
        return _scene(source, render_scene(seed))
    if Path(source).is_dir():
        raise InputError(
            f"{source} is a folder: name one picture of it, {source}:SPLIT:NAME or {source}::NAME"
        )
    names = [scene.name for scene in gallery.GALLERY]
    if source in names or not (Path(source).suffix or Path(source).exists() or ":" in source):
        return _scene(source, gallery.load_gallery_scene(source))
    return _file(source, size)


def load_images(
    source: str,
    size: tuple[int, int] | None,
    *,
    limit: int,
    void: Sequence[int] = (),
    class_names: Sequence[str] | None = None,
) -> list[LoadedImage] | None:
    """Pictures of a split (`DATASET:SPLIT`) or folder (`FOLDER`, `FOLDER:SPLIT`), evenly spaced; None for others.

    Args:
        size, void, class_names: as in `load_image`.
        limit: most pictures.

    Raises:
        InputError: no such split, or a picture that can not be used.
    """
    place = _split_of(source)
    if place is None:
        return None
    kind, split = place
    pairs = open_dataset(kind, split, size=size, class_names=class_names, void=void)
    chosen = np.unique(np.linspace(0, len(pairs) - 1, limit).round().astype(int))
    return [_of_data_set(f"{kind}:{split}:{pairs.names[one]}", pairs, pairs.names[one]) for one in chosen]


def image_sources(source: str) -> list[str] | None:
    """All pictures of a split (`DATASET:SPLIT`) or folder of pairs (`FOLDER`, `FOLDER:SPLIT`) by their names.

    None for anything else, a folder without `images/` included.

    Raises:
        InputError: no such split.
    """
    place = _split_of(source)
    if place is None or (place[0] not in DATASETS and not (Path(place[0]) / place[1] / "images").is_dir()):
        return None
    return [f"{place[0]}:{place[1]}:{name}" for name in open_dataset(*place).names]


def fingerprint(source: str) -> str | None:
    """SHA-256 of the file behind a picture or graph, its mask included, or of a scene's seed and all that renders it.

    None for what is neither, such as downloads.

    Raises:
        InputError: no such picture or scene.
        OSError: it can not be read.
    """
    if Path(source).is_file():
        return _digest_of(Path(source))
    if (place := _picture_of(source)) is not None:
        kind, split, name = place
        pair = next((pair for pair in _pairs(kind, split) if pair.name == name), None)
        if pair is None:
            raise InputError(f"{kind}:{split} has no picture {name!r}")
        return _digest_of(pair.image, pair.mask)
    if (rendered := _seed_of(source)) is not None:
        return _scene_digest(rendered)
    seed = next((scene.seed for scene in gallery.GALLERY if scene.name == source), None)
    return None if seed is None else _scene_digest(seed)


def model_digest(name: str, kind: str) -> str | None:
    """What a bundled model is known by, without loading it (and torch); None for any other.

    Args:
        kind: "image" or "graph".
    """
    if kind == "image":
        return bundled_digest(name) if name in WEIGHTS else None
    found = {
        path.stem: path for path in (Path(__file__).parent / "graphs" / "checkpoints").glob("*.safetensors")
    }
    return digest_of_file(found[name]) if name in found else None


def _scene_digest(seed: int) -> str:
    """A scene follows from its seed and the code that renders it: to know it, it need not be rendered."""
    return hashlib.sha256(f"{_renderer_digest()} {seed}".encode()).hexdigest()


@cache
def _renderer_digest() -> str:
    return _digest_of(*sorted(Path(gallery.__file__).parent.glob("*.py")))


@lru_cache(maxsize=8)
def _pairs(kind: str, split: str) -> tuple[Pair, ...]:
    return open_dataset(kind, split).pairs


def _digest_of(*files: Path) -> str:
    digest = hashlib.sha256()
    for file in files:
        content = file.read_bytes()
        digest.update(f"{len(content)} bytes ".encode() + content)
    return digest.hexdigest()


def _picture_of(source: str) -> tuple[str, str, str] | None:
    """Data set or folder, split and name of a picture, whatever colons folder and name may have; None for others."""
    places = [place for place, letter in enumerate(source) if letter == ":"]
    for place in places:
        split, separator, name = source[place + 1 :].partition(":")
        if separator and (kind := _kind_of(source[:place])):
            return kind, split, name
    return None


def _kind_of(name: str) -> str:
    """A data set's name, written in any case, or a folder's path; empty for anything else."""
    return name.lower() if name.lower() in DATASETS else name if name and Path(name).is_dir() else ""


def _split_of(source: str) -> tuple[str, str] | None:
    """Data set or folder, and split; None for anything else."""
    if Path(source).is_dir():
        return source, ""
    name, _, split = source.rpartition(":")
    return (kind, split) if (kind := _kind_of(name)) else None


def _file(source: str, size: tuple[int, int] | None) -> LoadedImage:
    photo = load_photo(source, size)
    return LoadedImage(Path(source).name, photo.image, remark=photo.remark, original=photo.original)


def _of_data_set(title: str, pairs: PicturePairs, name: str) -> LoadedImage:
    picture = pairs.load(name)
    return LoadedImage(title, picture.image, picture.mask.astype(np.int64), class_names=pairs.class_names)


def _scene(title: str, scene: Scene) -> LoadedImage:
    """A scene on the 1/255 lattice, like any stored picture."""
    image = np.rint(scene.image * 255).astype(np.float32) / np.float32(255)
    return LoadedImage(title, image, scene.mask.astype(np.int64), class_names=CAMVID_CLASSES)


def _seed_of(source: str) -> int | None:
    """The seed of a rendered scene, scene:SEED; None for anything else.

    Raises:
        InputError: no whole number.
    """
    kind, separator, seed = source.partition(":")
    return _seed(seed) if separator and kind == "scene" and ":" not in seed else None


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise InputError(f"a rendered scene is named scene:SEED with a whole number, got scene:{text}")
    return int(text)


def load_reference(
    source: str, size: tuple[int, int], *, original: tuple[int, int] | None = None
) -> np.ndarray:
    """An index mask (H, W) from a picture file, nearest neighbour to `size`; never stretched.

    Args:
        source: the file.
        size: (height, width) that the picture has been scaled to.
        original: (height, width) that it had, upright; `size` if None.

    Raises:
        InputError: no usable mask, or one of another shape than the picture.
    """
    mask, before = load_mask(source, None), original or size
    if mask.shape not in (size, before):
        drift = abs(mask.shape[0] * before[1] - mask.shape[1] * before[0])
        if drift > max(sum(mask.shape), sum(before)) / 2:  # more than half a pixel of rounding in a side
            raise InputError(
                f"the mask must have the shape of the picture, {before[1]}x{before[0]} (wide x high, upright), "
                f"got {mask.shape[1]}x{mask.shape[0]}"
            )
    return load_mask(source, size)


def load_image_model(
    name: str,
    *,
    denoise: bool = False,
    precision: str | None = None,
    compiled: bool = False,
    size: tuple[int, int] | None = None,
    copies: int = 0,
    device: Any = "cpu",
) -> Callable[..., Any]:
    """A segmentation model by name, in what is asked for beside what its name says (`models.dressing`).

    Args:
        denoise: the bundled denoiser in front of it.
        precision: see `models.precision`; "auto" for the fastest that keeps the labels, if so many copies of that size
            are planned that measuring it is worth its time. Such a model says so in an attribute `chosen`.
        compiled: translated by `torch.compile`.

    Raises:
        InputError: no such model, its weights do not fit, or the name already says something else.
    """
    import torch  # slow to load, and listing pictures does without

    from models import arithmetic
    from models.segmentation import registry

    base, worn = parted(name)
    wanted = Dressing(worn.denoise or denoise, worn.precision, worn.compiled or compiled)
    if precision not in (None, "auto"):
        if worn.precision not in (None, precision):
            raise InputError(f"model {name} names another precision than {precision}")
        wanted = replace(wanted, precision=precision)
    chosen = ""
    if (
        precision == "auto"
        and not wanted.precision
        and size is not None
        and copies >= arithmetic.LEAST_COPIES
    ):
        measured = arithmetic.measure_model(base, wanted, size, torch.device(device))
        wanted, chosen = replace(wanted, precision=measured.chosen), measured.sentence
    model = registry.load_model(base + wanted.suffix)
    model.chosen = chosen
    return model


def load_graph(source: str) -> Any:
    """A graph by name, or the `.npz` or `.graphml` file at a path, as torch-geometric data.

    Raises:
        InputError: no such name or file, or no usable graph.
    """
    from models.graphs import registry

    return registry.load_graph(source)


def load_graph_model(
    name: str, *, precision: str | None = None, compiled: bool = False
) -> Callable[..., Any]:
    """A node classifier by name, in that precision if one is asked for.

    Raises:
        InputError: no such model.
    """
    from models.graphs import registry

    return registry.load_graph_model(name + Dressing(False, precision, compiled).suffix)
