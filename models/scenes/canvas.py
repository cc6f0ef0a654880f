"""Supersampled buffers (radiance, class ids, depth) and the two ways to draw into them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from models.scenes.camera import NEAR, Camera, clip_near
from models.scenes.light import Light

UNSET = 255
PATCH_RANGE = 4.0  # patches are painted with 8 bits per channel, square-root coded over [0, PATCH_RANGE]

# ids drawn by a surface: one class for all of it, or one per drawn pixel
Shader = Callable[[np.ndarray, np.ndarray, np.ndarray], "Shaded"]


@dataclass(frozen=True)
class Shaded:
    """Radiance (N, 3), class id (scalar or (N,)) and coverage (None = opaque, else (N,) in [0, 1]) of N pixels.

    Coverage below 0 means that the surface is not there at all: neither colour nor label is drawn.
    """

    radiance: np.ndarray
    ids: np.ndarray | int
    coverage: np.ndarray | None = None


@dataclass(frozen=True)
class Panel:
    """A flat rectangle: corner (3,), unit edges `along` and `across` (3,), and its size in metres."""

    corner: np.ndarray
    along: np.ndarray
    across: np.ndarray
    length: float
    height: float


@dataclass(frozen=True)
class Face:
    """A flat polygon of an object: points (K, 3) metres, reflectance (3,), class id.

    `glow` faces carry radiance instead of reflectance. Where `normal` is given, faces turned away are skipped.
    """

    points: np.ndarray
    colour: np.ndarray
    class_id: int
    normal: tuple[float, float, float] | None = None
    glow: bool = False


class Canvas:
    """Radiance (H, W, 3), class ids (H, W) and depth (H, W) of the supersampled frame."""

    def __init__(self, camera: Camera, light: Light) -> None:
        shape = (camera.height, camera.width)
        self.camera, self.light = camera, light
        self.radiance = np.zeros((*shape, 3), np.float32)
        self.ids = np.full(shape, UNSET, np.uint8)
        self.depth = np.full(shape, np.inf, np.float32)

    def draw_panel(self, panel: Panel, shader: Shader) -> None:
        """Draw a textured rectangle; the shader gets (along, across, depth) in metres of the visible pixels."""
        camera = self.camera
        far = panel.corner + panel.along * panel.length
        top = panel.across * panel.height
        box = camera.box(camera.to_camera(np.stack([panel.corner, far, far + top, panel.corner + top])))
        if box is None:
            return
        left, upper, right, lower = box
        corner = camera.to_camera(panel.corner[None])[0]
        along, across = camera.turn(panel.along), camera.turn(panel.across)
        normal = np.cross(along, across)
        offset = float(normal @ corner)
        columns, rows = camera.columns(left, right)[None, :], camera.rows(upper, lower)[:, None]
        slope = normal[0] * columns + (normal[1] * rows + normal[2])
        with np.errstate(divide="ignore", invalid="ignore"):
            depth = offset / slope
            u = depth * (along[0] * columns + (along[1] * rows + along[2])) - float(along @ corner)
            v = depth * (across[0] * columns + (across[1] * rows + across[2])) - float(across @ corner)
            inside = (depth > NEAR) & (u >= 0) & (u <= panel.length) & (v >= 0) & (v <= panel.height)
        seen = np.nonzero(inside & (depth < self.depth[upper:lower, left:right]))
        if len(seen[0]) == 0:
            return
        shaded = shader(u[seen], v[seen], depth[seen])
        self._write((seen[0] + upper, seen[1] + left), shaded, depth[seen])

    def _write(self, where: tuple[np.ndarray, np.ndarray], shaded: Shaded, depth: np.ndarray) -> None:
        radiance = self.light.through_haze(shaded.radiance, depth)
        ids = np.broadcast_to(np.asarray(shaded.ids, np.uint8), depth.shape)
        if shaded.coverage is not None:
            kept = shaded.coverage >= 0
            where = (where[0][kept], where[1][kept])
            radiance, depth, ids = radiance[kept], depth[kept], ids[kept]
            share = shaded.coverage[kept][:, None]
            radiance = radiance * share + self.radiance[where] * (1 - share)
        self.radiance[where] = radiance
        self.ids[where] = ids
        self.depth[where] = depth

    def draw_faces(self, faces: list[Face], origin: np.ndarray, heading: float, sun_share: float) -> None:
        """Paint an object's faces in list order at world position `origin` (3,), turned by `heading` (radians).

        The object keeps its own depth order by painting; against the rest of the scene it stands at one depth.
        """
        pivot = self.camera.to_camera(origin[None])[0]
        if pivot[2] < NEAR:
            return
        polygons, colours = self._project(faces, origin, heading, sun_share)
        if not polygons:
            return
        every = np.concatenate([points for points, _ in polygons])
        left, top = np.floor(np.maximum(every.min(axis=0), -2)).astype(int)
        right, bottom = np.ceil(
            np.minimum(every.max(axis=0) + 1, [self.camera.width + 2, self.camera.height + 2])
        ).astype(int)
        if (
            right <= max(left, 0)
            or bottom <= max(top, 0)
            or left >= self.camera.width
            or top >= self.camera.height
        ):
            return
        colour_patch = Image.new("RGB", (right - left, bottom - top))
        id_patch = Image.new("L", (right - left, bottom - top), UNSET)
        paint, label = ImageDraw.Draw(colour_patch), ImageDraw.Draw(id_patch)
        for (points, class_id), colour in zip(polygons, colours, strict=True):
            outline = [(float(x), float(y)) for x, y in points - (left + 0.5, top + 0.5)]
            paint.polygon(outline, fill=colour)
            label.polygon(outline, fill=class_id)
        self._paste(np.asarray(colour_patch), np.asarray(id_patch), (int(left), int(top)), float(pivot[2]))

    def _project(
        self, faces: list[Face], origin: np.ndarray, heading: float, sun_share: float
    ) -> tuple[list[tuple[np.ndarray, int]], list[tuple[int, ...]]]:
        eye = np.array([self.camera.x, self.camera.eye, 0.0])
        polygons, colours = [], []
        for face in faces:
            points = _turn(face.points, heading) + origin
            normal = np.array([0.0, 0.45, 0.0])
            if face.normal is not None:
                normal = _turn(np.array([face.normal]), heading)[0]
                if float(((eye - points[0]) * normal).sum()) <= 0:
                    continue
            local = clip_near(self.camera.to_camera(points))
            if len(local) < 3:
                continue
            colour = face.colour if face.glow else face.colour * self.light.on(normal, sun_share)
            coded = np.sqrt(np.clip(colour / PATCH_RANGE, 0, 1)) * 255
            colours.append(tuple(int(value) for value in coded + 0.5))
            polygons.append((self.camera.to_pixels(local), face.class_id))
        return polygons, colours

    def _paste(self, colour: np.ndarray, ids: np.ndarray, corner: tuple[int, int], depth: float) -> None:
        left, top = corner
        inner_left, inner_top = max(-left, 0), max(-top, 0)
        colour = colour[inner_top : self.camera.height - top, inner_left : self.camera.width - left]
        ids = ids[inner_top : self.camera.height - top, inner_left : self.camera.width - left]
        left, top = max(left, 0), max(top, 0)
        window = (slice(top, top + ids.shape[0]), slice(left, left + ids.shape[1]))
        seen = np.nonzero((ids != UNSET) & (depth < self.depth[window]))
        coded = colour[seen].astype(np.float32) / 255
        shaded = Shaded(coded * coded * PATCH_RANGE, ids[seen])
        self._write((seen[0] + top, seen[1] + left), shaded, np.full(len(seen[0]), depth, np.float32))


def _turn(points: np.ndarray, heading: float) -> np.ndarray:
    """Points (N, 3) turned about the vertical axis, so that local +z looks along `heading`."""
    cosine, sine = math.cos(heading), math.sin(heading)
    east = points[:, 0] * cosine + points[:, 2] * sine
    north = points[:, 2] * cosine - points[:, 0] * sine
    return np.stack([east, points[:, 1], north], axis=1)
