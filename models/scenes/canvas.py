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
UP = np.array([0.0, 1.0, 0.0])
_SOFT_UP = (0.0, 0.45, 0.0)  # shades cut-outs that have no side of their own
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

    def draw_panel(self, panel: Panel, shader: Shader, *, bulge: float = 0.0) -> None:
        """Draw a textured rectangle; the shader gets (along, across, depth) in metres of the visible pixels.

        A cut-out of something round reaches `bulge` metres out of its plane and covers what is no farther behind.
        """
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
        columns, rows = camera.columns(left, right)[None, :], camera.rows(upper, lower)[:, None]

        def along_rays(vector: np.ndarray) -> np.ndarray:
            east, up, north = vector.tolist()
            return columns * east + (rows * up + north)

        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            depth = float((normal * corner).sum()) / along_rays(normal)
            u = depth * along_rays(along) - float((along * corner).sum())
            v = depth * along_rays(across) - float((across * corner).sum())
            inside = (depth > NEAR) & (u >= 0) & (u <= panel.length) & (v >= 0) & (v <= panel.height)
        seen = np.nonzero(inside & (depth - bulge < self.depth[upper:lower, left:right]))
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
        camera = self.camera
        pivot = camera.to_camera(origin[None])[0]
        if pivot[2] < NEAR or abs(pivot[0]) > (pivot[2] + 8) * camera.width / camera.focal:
            return
        polygons = self._project(faces, origin, heading, sun_share)
        if not polygons:
            return
        every = np.concatenate([points for points, _, _ in polygons])
        left, top = (int(value) for value in np.floor(np.maximum(every.min(axis=0), 0)))
        right, bottom = (int(value) for value in np.ceil(every.max(axis=0)) + 1)
        right, bottom = min(right, camera.width), min(bottom, camera.height)
        if right <= left or bottom <= top:
            return
        colour_patch = Image.new("RGB", (right - left, bottom - top))
        id_patch = Image.new("L", (right - left, bottom - top), UNSET)
        paint, label = ImageDraw.Draw(colour_patch), ImageDraw.Draw(id_patch)
        for points, class_id, colour in polygons:
            outline = (points - (left + 0.5, top + 0.5)).clip(-4000, 4000).ravel().tolist()
            paint.polygon(outline, fill=colour)
            label.polygon(outline, fill=class_id)
        self._paste(np.asarray(colour_patch), np.asarray(id_patch), (left, top), float(pivot[2]))

    def _project(
        self, faces: list[Face], origin: np.ndarray, heading: float, sun_share: float
    ) -> list[tuple[np.ndarray, int, tuple[int, ...]]]:
        """Outline in pixels, class id and coded colour of every face that looks at the camera."""
        world = _turn(np.concatenate([face.points for face in faces]), heading) + origin
        local = self.camera.to_camera(world)
        normals = _turn(
            np.array([_SOFT_UP if face.normal is None else face.normal for face in faces]), heading
        )
        lit = self.light.on_all(normals, sun_share)
        colours = np.array([face.colour for face in faces]) * np.where(
            [[face.glow] for face in faces], 1.0, lit
        )
        coded = np.floor(np.sqrt(np.clip(colours / PATCH_RANGE, 0, 1)) * 255 + 0.5).astype(int).tolist()
        ends = np.cumsum([len(face.points) for face in faces]).tolist()
        starts = [0, *ends[:-1]]
        to_eye = np.array([self.camera.x, self.camera.eye, 0.0]) - world[starts]
        faces_eye = (to_eye * normals).sum(axis=1) > 0
        whole = bool(local[:, 2].min() >= NEAR)
        pixels = self.camera.to_pixels(local) if whole else local
        found = []
        for index, face in enumerate(faces):
            if face.normal is not None and not faces_eye[index]:
                continue
            polygon = pixels[starts[index] : ends[index]]
            if not whole:
                polygon = self.camera.to_pixels(clip_near(polygon))
            if len(polygon) >= 3:
                found.append((polygon, face.class_id, tuple(coded[index])))
        return found

    def _paste(self, colour: np.ndarray, ids: np.ndarray, corner: tuple[int, int], depth: float) -> None:
        left, top = corner
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
