"""A pinhole camera above the road.

World frame (metres): x to the right, y up, z along the street; the camera stands at (x, eye, 0), turned by `yaw`
to the right. The image plane stays upright, so a horizon row replaces pitch and vertical lines stay vertical.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

NEAR = 0.6


@dataclass(frozen=True)
class Camera:
    """Intrinsics in (supersampled) pixels: `focal`, `horizon` row; extrinsics in metres and radians."""

    width: int
    height: int
    focal: float
    horizon: float
    x: float
    eye: float
    yaw: float

    def to_camera(self, points: np.ndarray) -> np.ndarray:
        """World points (N, 3) -> camera frame (right, up, forward), (N, 3)."""
        cosine, sine = math.cos(self.yaw), math.sin(self.yaw)
        east, up, north = points[:, 0] - self.x, points[:, 1] - self.eye, points[:, 2]
        return np.stack([east * cosine - north * sine, up, east * sine + north * cosine], axis=1)

    def turn(self, direction: np.ndarray) -> np.ndarray:
        """A world direction (3,) in the camera frame."""
        cosine, sine = math.cos(self.yaw), math.sin(self.yaw)
        east, up, north = direction
        return np.array([east * cosine - north * sine, up, east * sine + north * cosine])

    def to_pixels(self, points: np.ndarray) -> np.ndarray:
        """Camera-frame points (N, 3) in front of the camera -> pixel coordinates (column, row), (N, 2)."""
        columns = self.width / 2 + self.focal * points[:, 0] / points[:, 2]
        rows = self.horizon - self.focal * points[:, 1] / points[:, 2]
        return np.stack([columns, rows], axis=1)

    def columns(self, first: int, last: int) -> np.ndarray:
        """Horizontal ray components of pixel centres in [first, last), at forward component 1."""
        return ((np.arange(first, last) + 0.5 - self.width / 2) / self.focal).astype(np.float32)

    def rows(self, first: int, last: int) -> np.ndarray:
        """Vertical (up) ray components of pixel centres in [first, last), at forward component 1."""
        return ((self.horizon - np.arange(first, last) - 0.5) / self.focal).astype(np.float32)

    def box(self, points: np.ndarray) -> tuple[int, int, int, int] | None:
        """Pixel box (left, top, right, bottom; half open) of a convex camera-frame polygon, clipped to the frame.

        None where nothing of the polygon is in front of the camera and inside the frame.
        """
        clipped = clip_near(points)
        if len(clipped) < 3:
            return None
        pixels = self.to_pixels(clipped)
        left, top = np.floor(pixels.min(axis=0))
        right, bottom = np.ceil(pixels.max(axis=0))
        left, right = max(int(max(left, -1e6)), 0), min(int(min(right, 1e6)), self.width)
        top, bottom = max(int(max(top, -1e6)), 0), min(int(min(bottom, 1e6)), self.height)
        return (left, top, right, bottom) if left < right and top < bottom else None


def clip_near(points: np.ndarray) -> np.ndarray:
    """The part of a convex camera-frame polygon (N, 3) that is at least `NEAR` in front of the camera."""
    if points[:, 2].min() >= NEAR:
        return points
    kept: list[np.ndarray] = []
    for here, following in zip(points, np.roll(points, -1, axis=0), strict=True):
        inside, inside_next = here[2] >= NEAR, following[2] >= NEAR
        if inside:
            kept.append(here)
        if inside != inside_next:
            share = (NEAR - here[2]) / (following[2] - here[2])
            kept.append(here + share * (following - here))
    return np.array(kept).reshape(-1, 3)
