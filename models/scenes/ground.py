"""The ground plane: road, markings, kerbs, pavements, grass, and the shadows that lie on it."""

from __future__ import annotations

import numpy as np

from models.scenes.canvas import Canvas
from models.scenes.ids import PAVEMENT, ROAD, SKY, TREE
from models.scenes.light import Rows, linear, sky_radiance
from models.scenes.noise import fractal_tile, grain_tile, look_up, look_up_smooth
from models.scenes.shadows import ShadowMap
from models.scenes.street import Street

# Depth noted for ground: what stands on it covers it, also where its wheels are nearer than its middle.
_BELOW_ALL = 1e6


def draw_ground(canvas: Canvas, street: Street, rows: Rows, maps: tuple[ShadowMap, ShadowMap]) -> None:
    """Fill every pixel below the horizon that nothing has covered yet; `maps` as from `shadow_maps`."""
    camera = canvas.camera
    first = max(int(np.ceil(camera.horizon + 0.5)), 0)
    empty = np.nonzero(~np.isfinite(canvas.depth[first:]))
    rise = camera.rows(first, camera.height)[empty[0]]
    depth = (camera.eye / -rise).astype(np.float32)
    right = camera.columns(0, camera.width)[empty[1]] * depth
    cosine, sine = np.cos(camera.yaw), np.sin(camera.yaw)
    x = (camera.x + right * cosine + depth * sine).astype(np.float32)
    z = (depth * cosine - right * sine).astype(np.float32)
    colour, ids = _surface(street, x, z)
    cast, contact = (shadow_map.at(x, z) for shadow_map in maps)
    light = canvas.light
    lit = rows.sunlit(light, x - street.centre(z), 0.0, z) * cast
    ambient, full = light.on((0, 1, 0), 0.0), light.on((0, 1, 0), 1.0)
    radiance = colour * ((full - ambient) * lit[:, None] + ambient * contact[:, None])
    where = (empty[0] + first, empty[1])
    canvas.radiance[where] = light.through_haze(radiance, depth)
    canvas.ids[where] = ids
    canvas.depth[where] = _BELOW_ALL


def draw_sky(canvas: Canvas, cloud_shift: tuple[float, float]) -> None:
    """Fill the pixels that are still empty with sky."""
    camera = canvas.camera
    empty = np.nonzero(~np.isfinite(canvas.depth))
    up = camera.rows(0, camera.height)[empty[0]].astype(np.float32)
    east = camera.columns(0, camera.width)[empty[1]].astype(np.float32) + np.float32(camera.yaw)
    canvas.radiance[empty] = sky_radiance(canvas.light, east, np.maximum(up, 0.001), cloud_shift)
    canvas.ids[empty] = SKY


def _surface(street: Street, x: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Reflectance (N, 3) and class ids (N,) of ground points."""
    lateral = x - street.centre(z)
    side = np.abs(lateral)
    in_junction = street.in_junction(z)
    road = (side < street.half_width) | in_junction
    left, right = (np.zeros(len(z), bool) for _ in range(2))
    for green in street.greens:
        (right if green.side > 0 else left)[(z > green.start) & (z < green.end)] = True
    verge = np.where(lateral > 0, right, left) & (side > street.half_width + street.pavement) & ~in_junction
    coarse = look_up_smooth(fractal_tile(), x * 9 + street.texture, z * 5)
    fine = look_up(grain_tile(), x * 31, z * 24 + street.texture)
    tone = 1.0 + 0.07 * coarse + 0.06 * fine
    colour = np.where(road[:, None], linear(*street.asphalt), linear(*street.paving)) * tone[:, None]
    _wear(street, lateral, z, road, colour)
    paved = np.nonzero(~road & ~verge & (z < 22))[0]
    joints = ((lateral[paved] / 0.9) % 1 < 0.05) | ((z[paved] / 0.9) % 1 < 0.05)
    colour[paved[joints]] *= 0.78
    grass = np.nonzero(verge)[0]
    colour[grass] = (
        linear(96, 122, 58) * (0.8 + 0.22 * coarse[grass] + 0.16 * fine[grass]).clip(0.25)[:, None]
    )
    _mark(street, lateral, z, road & ~in_junction, colour)
    kerb = ~in_junction & (side >= street.half_width) & (side < street.half_width + 0.16)
    colour[kerb] = linear(188, 184, 176) * tone[kerb][:, None]
    gutter = ~in_junction & (side < street.half_width) & (side > street.half_width - 0.12)
    colour[gutter] *= 0.7
    ids = np.where(road, ROAD, np.where(verge, TREE, PAVEMENT)).astype(np.uint8)
    return colour.astype(np.float32), ids


def _wear(street: Street, lateral: np.ndarray, z: np.ndarray, road: np.ndarray, colour: np.ndarray) -> None:
    """Tyre tracks and patches of newer asphalt."""
    lane = street.half_width / 2
    track = np.abs(np.abs(np.abs(lateral) - lane) - 0.75)
    colour *= np.where(road & (track < 0.35), 0.93 + 0.2 * track, 1.0)[:, None].astype(np.float32)
    for left, start, width, length, tone in street.patches:
        patch = road & (lateral > left) & (lateral < left + width) & (z > start) & (z < start + length)
        colour[patch] *= tone


def _mark(street: Street, lateral: np.ndarray, z: np.ndarray, road: np.ndarray, colour: np.ndarray) -> None:
    """Paint centre dashes, edge lines, crossings and stop lines."""
    white, yellow = linear(214, 214, 208), linear(206, 176, 60)
    side = np.abs(lateral)
    crossing, stop = np.zeros(len(z), bool), np.zeros(len(z), bool)
    for start in street.crossings:
        crossing |= road & (z > start) & (z < start + 3.0)
        stop |= road & (np.abs(z - start + 1.4) < 0.17) & (lateral < 0)
    dashes = road & (side < 0.07) & (z % street.dash < street.dash * street.dash_share) & ~crossing
    paint = dashes | stop | (crossing & (((lateral + 50) / 1.2) % 1 < 0.5))
    if street.edge == "white":
        paint |= road & (np.abs(side - street.half_width + 0.45) < 0.06) & ~crossing
    painted = np.nonzero(paint)[0]
    worn = 0.3 + 0.6 * (look_up(grain_tile(), lateral[painted] * 23, z[painted] * 11) > -0.9)
    colour[painted] += (white - colour[painted]) * worn[:, None].astype(np.float32)
    if street.edge == "yellow":
        inset = street.half_width - side
        double = road & ~crossing & ((np.abs(inset - 0.3) < 0.05) | (np.abs(inset - 0.52) < 0.05))
        colour[double] = yellow * 0.8
