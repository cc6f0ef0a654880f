"""Photographs to learn denoising from, in memory, and random patches of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lrscore.errors import InputError
from models.datasets.camvid import open_camvid, without_drives
from models.datasets.pairs import PicturePairs, data_root, missing
from models.datasets.photos import load_photo
from models.datasets.voc import open_voc
from models.segmentation.training.data import procedural_scenes

KEPT_OUT = 10
"""Of the photographs, sorted by name, every one whose number is divisible by this is kept out of training."""
JUDGED_DRIVE = "0006R0"
"""CamVid's drive that segmentation is judged on: the denoiser does not see it either."""


@dataclass(frozen=True)
class Source:
    """Pictures of one origin, (3, H, W) uint8 each, and their share of the patches."""

    title: str
    pictures: tuple[Tensor, ...]
    share: float


def open_photographs(root: Path | None = None) -> tuple[list[Path], list[Path]]:
    """Files of the natural photographs in `bsds/images` below the data root: to train on, and kept out.

    Raises:
        InputError: they are not there.
    """
    place = data_root(root)
    files = [] if place is None else sorted((place / "bsds" / "images").glob("*.jpg"))
    if len(files) < 2:
        how = "put the photographs of the Berkeley Segmentation Data Set (train and val) there"
        raise missing("BSDS", "bsds/images", how)
    return [file for number, file in enumerate(files) if number % KEPT_OUT], files[::KEPT_OUT]


def training_sources(root: Path | None, scenes: int, scene_cache: Path | None) -> list[Source]:
    """Everything that the bundled denoiser learns from; nothing that it is judged on.

    Raises:
        InputError: a data set is missing.
    """
    photographs = [as_bytes(load_photo(file, None).image) for file in open_photographs(root)[0]]
    camvid = without_drives(open_camvid("train", root=root), JUDGED_DRIVE)
    sources = [
        Source("BSDS photographs", tuple(photographs), 0.6),
        Source(f"CamVid train without drive {JUDGED_DRIVE}", _loaded(camvid), 0.25),
        Source("Pascal VOC sample", _loaded(open_voc("sample", root=root)), 0.1),
    ]
    if scenes:
        rendered = procedural_scenes(range(2_000_000, 2_000_000 + scenes), cache=scene_cache).images
        sources.append(Source("procedural scenes", tuple(rendered), 0.05))
    return sources


def draw_patches(sources: Sequence[Source], count: int, size: int, random: np.random.Generator) -> Tensor:
    """Random square patches, (count, 3, size, size) float32 in [0, 1]: mirrored, turned, half of them at half size.

    Raises:
        InputError: a picture is smaller than a patch.
    """
    shares = np.array([source.share for source in sources])
    origins = random.choice(len(sources), count, p=shares / shares.sum())
    patches = []
    for origin in origins:
        pictures = sources[origin].pictures
        picture = pictures[random.integers(len(pictures))]
        height, width = picture.shape[1:]
        if min(height, width) < size:
            raise InputError(f"patches of {size} pixels do not fit into a picture of {height}x{width}")
        # At half size a pixel is the mean of 2x2: sharper, and what other cameras' pictures look like
        zoom = 2 if min(height, width) >= 2 * size and random.random() < 0.5 else 1
        top, left = (int(random.integers(side - zoom * size + 1)) for side in (height, width))
        patch = picture[:, top : top + zoom * size, left : left + zoom * size].float() / 255
        if zoom == 2:
            patch = torch.nn.functional.avg_pool2d(patch, 2)
        turned = torch.rot90(patch, int(random.integers(4)), (1, 2))
        patches.append(turned.flip(2) if random.random() < 0.5 else turned)
    return torch.stack(patches)


def as_bytes(image: np.ndarray) -> Tensor:
    """A picture in [0, 1] as bytes."""
    return torch.from_numpy(np.rint(image * 255).astype(np.uint8))


def _loaded(pairs: PicturePairs) -> tuple[Tensor, ...]:
    return tuple(as_bytes(load_photo(pair.image, pairs.size).image) for pair in pairs.pairs)
