"""Contact sheet of scenes: `python -m models.scenes --out sheet.png --seeds 0:12`."""

from __future__ import annotations

import argparse

import numpy as np
from PIL import Image

from models.datasets.classes import CAMVID_PALETTE
from models.scenes.render import Scene, render_scene


def contact_sheet(scenes: list[Scene], columns: int) -> np.ndarray:
    """Pictures with their coloured masks below them, (H, W, 3) uint8; empty places are white."""
    tiles = []
    for scene in scenes:
        picture = np.round(scene.image.transpose(1, 2, 0) * 255).astype(np.uint8)
        tiles.append(np.concatenate([picture, CAMVID_PALETTE[scene.mask]]))
    tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % columns)
    rows = [np.concatenate(tiles[first : first + columns], axis=1) for first in range(0, len(tiles), columns)]
    return np.concatenate(rows)


def main() -> None:
    """Render a range of seeds and write one PNG."""
    parser = argparse.ArgumentParser(
        prog="python -m models.scenes", description="contact sheet of street scenes"
    )
    parser.add_argument("--out", required=True, help="PNG file to write")
    parser.add_argument("--seeds", default="0:12", help="first:last (last excluded), default 0:12")
    parser.add_argument("--size", default="180x240", help="height x width of one scene, default 180x240")
    parser.add_argument("--columns", type=int, default=4)
    arguments = parser.parse_args()
    first, last = (int(part) for part in arguments.seeds.split(":"))
    height, width = (int(part) for part in arguments.size.split("x"))
    scenes = [render_scene(seed, height=height, width=width) for seed in range(first, last)]
    Image.fromarray(contact_sheet(scenes, arguments.columns)).save(arguments.out)


if __name__ == "__main__":
    main()
