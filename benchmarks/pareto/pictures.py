"""The images of the comparison in one file, so that a machine without the data sets can run it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.pareto.rows import Picture

VAL, SCENES, PILOT = "CamVid val", "procedural scenes", "CamVid drive 0006R0"
_PILOT_DRIVE = "0006R0"  # kept out of training
_FIRST_SEED = 2_000_000  # training renders seeds from 1,000,000 on


def collect(
    *, frames: int, scenes: int, pilots: int, size: tuple[int, int], root: Path | None
) -> list[Picture]:
    """Evenly spaced frames of CamVid val and of the pilot drive, and procedural scenes that training never saw.

    Args:
        frames, scenes, pilots: how many of each; frames beyond the 101 of CamVid val are not repeated.
        size: (height, width) to fit frames into, and of the scenes.
        root: data root; by default the folder that `LRS_DATA_ROOT` names.
    """
    from models.datasets import open_camvid
    from models.datasets.camvid import drive_of
    from models.scenes import render_scene

    found = []
    if frames:
        val = open_camvid("val", root=root, size=size)
        found += [(VAL, val.load(name)) for name in spread_out(evenly(val.names, frames))]
    if pilots:
        train = open_camvid("train", root=root, size=size)
        drive = [name for name in train.names if drive_of(name) == _PILOT_DRIVE]
        found += [(PILOT, train.load(name)) for name in evenly(drive, pilots)]
    pictures = [Picture(dataset, frame.name, frame.image, frame.mask) for dataset, frame in found]
    for seed in range(_FIRST_SEED, _FIRST_SEED + scenes):
        scene = render_scene(seed, height=size[0], width=size[1])
        pictures.append(Picture(SCENES, f"seed {seed}", scene.image, scene.mask))
    return pictures


def evenly(names: Sequence[str], count: int) -> list[str]:
    """`count` evenly spaced names, or all if there are not more."""
    if count >= len(names):
        return list(names)
    return [names[place] for place in np.linspace(0, len(names) - 1, count).round().astype(int)]


def spread_out(names: Sequence[str]) -> list[str]:
    """The names in an order whose every beginning is spread over all of them (bit reversal, van der Corput)."""
    bits = max(1, (len(names) - 1).bit_length())
    order = sorted(range(len(names)), key=lambda place: int(f"{place:0{bits}b}"[::-1], 2))
    return [names[place] for place in order]


def write(pictures: Sequence[Picture], path: Path) -> None:
    """Store pictures as bytes; all have one size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        images=np.stack([np.rint(picture.image * 255).astype(np.uint8) for picture in pictures]),
        masks=np.stack([picture.mask.astype(np.uint8) for picture in pictures]),
        datasets=np.array([picture.dataset for picture in pictures]),
        names=np.array([picture.name for picture in pictures]),
    )


def read(path: Path) -> list[Picture]:
    """Inverse of `write`, up to rounding to bytes."""
    with np.load(path) as stored:
        images = stored["images"].astype(np.float32) / np.float32(255)
        masks = stored["masks"].astype(np.int64)
        labels = zip(stored["datasets"].tolist(), stored["names"].tolist(), strict=True)
    return [
        Picture(dataset, name, image, mask)
        for (dataset, name), image, mask in zip(labels, images, masks, strict=True)
    ]
