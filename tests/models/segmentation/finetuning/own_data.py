"""A user's folder and network, made up: bright discs and bars on dark ground, pictures of two sizes, a void line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image

NETWORK = """
import torch
from torch import nn


class Small(nn.Module):
    def __init__(self, classes, width):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, width, 5, padding=2), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, width, 5, padding=2), nn.BatchNorm2d(width), nn.ReLU(),
        )
        self.head = nn.Conv2d(width, classes, 1)

    def forward(self, x):
        return {"out": self.head(self.body(x))}


def small(classes=3, width=8):
    return Small(classes, width)
"""


def picture(random: np.random.Generator, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """RGB bytes and class numbers: 0 ground, 1 disc (red), 2 bar (green), 3 void."""
    rows, columns = np.mgrid[:height, :width]
    mask = np.zeros((height, width), dtype=np.uint8)
    centre = random.integers(12, height - 12), random.integers(12, width - 12)
    mask[(rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 < 81] = 1
    start = int(random.integers(0, width - 10))
    mask[:, start : start + 8] = 2
    colours = np.array([[40, 40, 60], [210, 60, 50], [60, 200, 80]], dtype=np.float64)
    values = colours[mask] + random.normal(0, 6, (height, width, 1))
    mask[:2] = 3
    return values.clip(0, 255).astype(np.uint8), mask


def write_folder(folder: Path, count: int = 8) -> Path:
    """`images`, `masks` and `classes.txt`, with what systems leave lying about."""
    random = np.random.default_rng(0)
    for part in ("images", "masks"):
        (folder / part).mkdir(parents=True)
    for number in range(count):
        size = (48, 64) if number % 2 else (64, 48)
        values, mask = picture(random, *size)
        Image.fromarray(values).save(folder / "images" / f"p{number}.JPG", quality=95)
        Image.fromarray(mask).save(folder / "masks" / f"p{number}.PNG")
    (folder / "images" / "._p0.JPG").write_bytes(b"\0")
    (folder / "classes.txt").write_bytes(b"\xef\xbb\xbfGround\r\nDisc\r\nBar\r\nVoid\r\n")
    return folder


def write_network(folder: Path) -> Path:
    """A module, a checkpoint as training scripts leave it, and its description."""
    folder.mkdir(exist_ok=True)
    (folder / "small_net.py").write_text(NETWORK)
    space: dict[str, object] = {}
    exec(NETWORK, space)
    torch.manual_seed(0)
    network = space["small"]()  # type: ignore[operator]
    torch.save(
        {"state_dict": {f"net.{key}": value for key, value in network.state_dict().items()}},
        folder / "clean.pth",
    )
    described = {
        "network": "small_net:small",
        "weights": "clean.pth",
        "class_names": ["ground", "disc", "bar"],
        "mean": [0.5, 0.5, 0.5],
        "std": [0.25, 0.25, 0.25],
    }
    (folder / "clean.json").write_text(json.dumps(described))
    return folder / "clean.json"
