"""Shadows on the ground: below objects, and where the sun casts them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from scipy.spatial import ConvexHull

from models.scenes.elements import Item
from models.scenes.plan import Plan
from models.scenes.trees import Tree, sample_tree
from models.scenes.vehicles import BODIES

_CELL = 0.125  # metres per cell of a map
_HALF_WIDTH = 16.0
_FAR = 96.0
_CAR = np.array([(-0.95, -2.2), (0.95, -2.2), (0.95, 2.2), (-0.95, 2.2)])
_PERSON = np.array([(-0.2, -0.15), (0.2, -0.15), (0.2, 0.15), (-0.2, 0.15)])


@dataclass(frozen=True)
class ShadowMap:
    """Share of light that reaches each cell of the ground near the camera, (cells along z, cells along x)."""

    share: np.ndarray

    def at(self, x: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Share of light at ground points (metres), 1 outside the map's frame of unshaded cells."""
        column = np.clip((x + _HALF_WIDTH) / _CELL, 0, self.share.shape[1] - 1).astype(np.int32)
        row = np.clip(z / _CELL, 0, self.share.shape[0] - 1).astype(np.int32)
        return self.share[row, column]


def shadow_maps(plan: Plan) -> tuple[ShadowMap, ShadowMap]:
    """Maps of sunlight (behind vehicles, people, crowns) and of sky light (dark rims below things)."""
    east, up, north = plan.light.to_sun
    reach = np.array([-east, -north]) / max(up, 0.12)
    cast: list[np.ndarray] = []
    contact: list[np.ndarray] = []
    for item in plan.items:
        place = plan.street.at(item.lateral, item.z)[[0, 2]]
        if item.kind in BODIES or item.kind == "parked":
            outline = _turned(_CAR, item.heading + plan.street.heading(item.z))
            contact.append(outline * 1.05 + place)
            cast.append(_swept(outline, reach * 1.3) + place)
        elif item.kind == "pedestrian":
            contact.append(_PERSON * 1.4 + place)
            cast.append(_swept(_PERSON, reach * 1.65) + place)
        elif item.kind == "tree" and not plan.leafless:
            tree = tree_of(plan, item)
            cast.append(_crown(tree) + place + reach * tree.height * 0.62)
    return _paint(cast, 20, 0.7), _paint(contact, 60, 2.0)


def tree_of(plan: Plan, item: Item) -> Tree:
    """The tree that an item stands for."""
    return sample_tree(np.random.Generator(np.random.PCG64(item.seed)), bare=plan.leafless)


def _paint(outlines: list[np.ndarray], value: int, blur: float) -> ShadowMap:
    picture = Image.new("L", (int(2 * _HALF_WIDTH / _CELL), int(_FAR / _CELL)), 255)
    brush = ImageDraw.Draw(picture)
    for outline in outlines:
        brush.polygon(((outline + np.array([_HALF_WIDTH, 0.0])) / _CELL).ravel().tolist(), fill=value)
    return ShadowMap(np.asarray(picture.filter(ImageFilter.BoxBlur(blur)), np.float32) / 255)


def _turned(outline: np.ndarray, angle: float) -> np.ndarray:
    x, z = outline.T
    return np.stack([x * np.cos(angle) + z * np.sin(angle), z * np.cos(angle) - x * np.sin(angle)], axis=1)


def _swept(outline: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Convex hull of an outline (K, 2) and of its copy moved by `reach`."""
    points = np.concatenate([outline, outline + reach])
    return points[ConvexHull(points).vertices]


def _crown(tree: Tree) -> np.ndarray:
    angles = np.arange(16) * (np.pi / 8)
    ragged = 0.45 * tree.spread * (1 + 0.18 * np.cos(angles * 3 + tree.seed % 5) + 0.1 * np.cos(angles * 7))
    return np.stack([np.cos(angles), 1.2 * np.sin(angles)], axis=1) * ragged[:, None]
