"""Buildings: what one looks like, and how its facade, gable and roof are shaded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.scenes.ids import BUILDING
from models.scenes.canvas import Canvas, Panel, Shaded
from models.scenes.light import Light, Rows, linear
from models.scenes.noise import fractal_tile, grain_tile, look_up, look_up_smooth

UP = np.array([0.0, 1.0, 0.0])
MATERIALS = (  # wall colour, trim colour, shows courses of bricks
    ((142, 84, 66), (206, 198, 182), True),
    ((118, 70, 56), (196, 186, 170), True),
    ((172, 148, 104), (214, 206, 188), True),
    ((186, 164, 120), (226, 220, 206), True),
    ((150, 128, 98), (190, 180, 160), True),
    ((214, 208, 194), (238, 236, 230), False),
    ((222, 206, 168), (240, 236, 224), False),
    ((164, 152, 134), (190, 182, 168), False),
    ((128, 126, 122), (170, 168, 164), False),
    ((196, 176, 160), (230, 224, 214), False),
    ((176, 190, 196), (230, 232, 232), False),
    ((92, 88, 86), (150, 148, 144), False),
)
SHOP_COLOURS = (
    (40, 70, 60),
    (120, 26, 30),
    (24, 36, 76),
    (30, 30, 32),
    (210, 204, 190),
    (160, 96, 30),
    (60, 110, 130),
)
ROOFS = ((92, 74, 66), (78, 78, 84), (122, 78, 60), (66, 64, 66))
DOORS = ((40, 56, 92), (110, 24, 24), (30, 70, 48), (54, 40, 30), (30, 30, 30), (190, 186, 176))


@dataclass(frozen=True)
class Building:
    """One building of a row: extent along the street, height of the eaves, and its looks (metres)."""

    side: int
    start: float
    end: float
    setback: float
    height: float
    roof_rise: float
    depth: float
    floor: float
    bay: float
    window: tuple[float, float]
    material: int
    shop: int  # index of the shop front's colour, -1 for a front door and windows
    roof: int
    chimneys: int
    seed: int


def sample_building(
    rng: np.random.Generator, *, side: int, start: float, setback: float, shops: float, tall: float
) -> Building:
    """Draw a building that begins at `start`; `shops` is a probability, `tall` scales the number of floors."""
    floors = int(np.clip(round(rng.normal(2.1 + 1.5 * tall, 0.7 + 0.4 * tall)), 1, 7))
    floor = rng.uniform(2.7, 3.3)
    bay = rng.uniform(1.9, 3.1)
    modern = rng.random() < 0.15 + 0.1 * tall
    bays = int(rng.integers(2, 6)) + (2 if modern else 0)
    return Building(
        side=side,
        start=start,
        end=start + bays * bay,
        setback=setback,
        height=floors * floor + rng.uniform(0.5, 1.2),
        roof_rise=0.0 if modern or rng.random() < 0.2 else rng.uniform(1.6, 3.4),
        depth=rng.uniform(8, 12),
        floor=floor,
        bay=bay,
        window=(rng.uniform(0.6, 0.86), rng.uniform(0.5, 0.7))
        if modern
        else (rng.uniform(0.34, 0.52), rng.uniform(0.48, 0.62)),
        material=int(rng.integers(len(MATERIALS))),
        shop=int(rng.integers(len(SHOP_COLOURS))) if rng.random() < shops else -1,
        roof=int(rng.integers(len(ROOFS))),
        chimneys=int(rng.integers(0, 3)),
        seed=int(rng.integers(1 << 30)),
    )


class _Front:
    """Shader of a street front: windows by bay and floor, a shop or a door at street level, trim, grime."""

    def __init__(
        self, building: Building, light: Light, irradiance: tuple[np.ndarray, np.ndarray, Rows], line: float
    ) -> None:
        self.building, self.light, self.line = building, light, line
        self.shade, self.sun, self.rows = irradiance
        self.rng = np.random.Generator(np.random.PCG64(building.seed))
        self.tints = self.rng.random((16, 16)).astype(np.float32)
        self.level = 3.4 if building.shop >= 0 else building.floor

    def __call__(self, u: np.ndarray, v: np.ndarray, depth: np.ndarray) -> Shaded:
        spec = self.building
        wall, trim, courses = MATERIALS[spec.material]
        colour = self._wall(u, v, linear(*wall), courses)
        glow = np.zeros_like(colour)
        band = (spec.height - v < 0.35) | (np.abs(v - self.level - 0.1) < 0.12)
        colour[band] = linear(*trim) * 0.9
        self._windows(u, v, colour, glow, linear(*trim))
        self._street_level(u, v, colour, glow, linear(*trim))
        z = spec.start + u if spec.side > 0 else spec.end - u
        lit = self.rows.sunlit(self.light, np.full(len(u), self.line), v, z)
        ambient = self.shade * np.clip(0.62 + 0.12 * v, 0, 1)[:, None]
        return Shaded(colour * (ambient + self.sun * lit[:, None]) + glow, BUILDING)

    def _wall(self, u: np.ndarray, v: np.ndarray, base: np.ndarray, courses: bool) -> np.ndarray:
        offset = self.building.seed % 512
        stain = 0.09 * look_up(fractal_tile(), u * 14 + offset, v * 7) + 0.05 * look_up(
            grain_tile(), u * 40, v * 40 + offset
        )
        if courses:
            stain = stain - 0.13 * ((v * 6.5) % 1.0 < 0.22)
        return base * (1.0 + stain)[:, None].astype(np.float32)

    def _windows(
        self, u: np.ndarray, v: np.ndarray, colour: np.ndarray, glow: np.ndarray, trim: np.ndarray
    ) -> None:
        spec = self.building
        story, column = (v - self.level) / spec.floor, u / spec.bay
        row, bay = np.floor(story), np.floor(column)
        across, up = column - bay - 0.5, story - row - 0.52
        width, height = spec.window[0] / 2, spec.window[1] / 2
        fits = (
            (v > self.level)
            & (v < spec.height - 0.45)
            & ((row + 1) * spec.floor + self.level < spec.height + 0.1)
        )
        near = fits & (np.abs(across) < width + 0.05) & (up < height + 0.05) & (up > -height - 0.08)
        colour[near] = trim
        pane = fits & (np.abs(across) < width) & (np.abs(up) < height)
        cross = (np.abs(across) < 0.018) | (np.abs(up - 0.02) < 0.02)
        pane &= ~cross
        chosen = np.nonzero(pane)[0]
        tint = self.tints[row[chosen].astype(int) & 15, bay[chosen].astype(int) & 15]
        self._glass(chosen, tint, up[chosen] / height, colour, glow)

    def _glass(
        self, chosen: np.ndarray, tint: np.ndarray, up: np.ndarray, colour: np.ndarray, glow: np.ndarray
    ) -> None:
        curtain = (tint * 7 % 1 > 0.62) & (up > 0.9 - 1.6 * (tint * 13 % 1))
        colour[chosen] = np.where(curtain[:, None], np.float32(0.42), np.float32(0.025))
        mirror = (0.05 + 0.26 * tint * tint) * (1 + 0.45 * up)
        glow[chosen] = mirror[:, None] * self.light.skyline
        if self.light.lamps_lit:
            on = (tint * 29 % 1) < 0.3
            glow[chosen[on]] = np.array([0.95, 0.62, 0.28], np.float32) * (0.55 + 0.4 * tint[on])[:, None]

    def _street_level(
        self, u: np.ndarray, v: np.ndarray, colour: np.ndarray, glow: np.ndarray, trim: np.ndarray
    ) -> None:
        spec = self.building
        low = v < self.level
        if spec.shop >= 0:
            paint = linear(*SHOP_COLOURS[spec.shop])
            colour[low] = paint * 0.8
            fascia = low & (v > 2.65) & (v < 3.3)
            colour[fascia] = paint
            letters = fascia & (np.abs(v - 2.97) < 0.17) & (self.tints[3, (u * 4.5).astype(int) & 15] > 0.35)
            length = spec.end - spec.start
            letters &= (np.abs(u - length / 2) < 0.32 * length) & ((u * 4.5) % 1 < 0.72)
            colour[letters] = 0.75 if paint.max() < 0.4 else 0.05
            frame = u % (spec.bay * 1.3)
            pane = np.nonzero((v > 0.55) & (v < 2.5) & (frame > 0.14))[0]
            goods = look_up_smooth(fractal_tile(), u[pane] * 40 + spec.seed % 97, v[pane] * 34)
            self._glass(pane, np.clip(0.3 + 0.2 * goods, 0, 1), np.clip(v[pane] / 2.5, 0, 1), colour, glow)
            if self.light.lamps_lit:
                glow[pane] = (
                    np.array([1.0, 0.72, 0.4], np.float32) * np.clip(0.75 + 0.25 * goods, 0.1, 1.4)[:, None]
                )
            return
        bays = max(1, round((spec.end - spec.start) / spec.bay))
        door_bay = spec.seed % bays
        column = u / spec.bay
        bay = np.floor(column)
        across = column - bay - 0.5
        is_door = bay == door_bay
        framed = low & is_door & (np.abs(across) * spec.bay < 0.62) & (v < 2.45)
        colour[framed] = trim
        door = framed & (np.abs(across) * spec.bay < 0.48) & (v < 2.2)
        colour[door] = linear(*DOORS[spec.seed % len(DOORS)])
        near = low & ~is_door & (np.abs(across) < spec.window[0] / 2 + 0.05) & (np.abs(v - 1.6) < 0.78)
        colour[near] = trim
        pane = (
            near & (np.abs(across) < spec.window[0] / 2) & (np.abs(v - 1.6) < 0.68) & (np.abs(across) > 0.018)
        )
        chosen = np.nonzero(pane)[0]
        tint = self.tints[9, bay[chosen].astype(int) & 15]
        self._glass(chosen, tint, (v[chosen] - 1.6) / 0.68, colour, glow)


def draw_building(
    canvas: Canvas, building: Building, corners: tuple[np.ndarray, np.ndarray], rows: Rows
) -> None:
    """Draw front, near end and roof between the two ground corners (3,) of the front: (nearer, farther)."""
    near, far = corners
    length = float(np.sqrt(((far - near) ** 2).sum()))
    along = (far - near) / length
    outward = np.array([-along[2], 0.0, along[0]]) * building.side  # towards the street
    light = canvas.light
    facing = light.on(outward, 1.0) - light.on(outward, 0.0)
    start, direction = (near, along) if building.side > 0 else (far, -along)
    line = float((near[0] + far[0]) / 2)
    front = _Front(building, light, (light.on(outward, 0.0), facing, rows), line)
    canvas.draw_panel(Panel(start, direction, UP, length, building.height), front)
    back = -outward
    end_light = light.on(-along, 0.7)
    gable = _gable(building, end_light)
    canvas.draw_panel(Panel(near, back, UP, building.depth, building.height + building.roof_rise), gable)
    if building.roof_rise > 0:
        half = building.depth / 2
        slope = float(np.sqrt(half**2 + building.roof_rise**2))
        rise = (back * half + UP * building.roof_rise) / slope
        normal = (outward * building.roof_rise + UP * half) / slope
        tiles = _roof(building, light.on(normal, 1.0))
        canvas.draw_panel(Panel(near + UP * building.height, along, rise, length, slope), tiles)
    _draw_chimneys(canvas, building, near, along, back, length)


def _gable(building: Building, irradiance: np.ndarray):  # type: ignore[no-untyped-def]
    wall, trim, courses = MATERIALS[building.material]
    half = building.depth / 2

    def shade(u: np.ndarray, v: np.ndarray, depth: np.ndarray) -> Shaded:
        stain = 1.0 + 0.1 * look_up(fractal_tile(), u * 12 + building.seed % 512, v * 9)
        if courses:
            stain = stain - 0.1 * ((v * 6.5) % 1.0 < 0.22)
        colour = linear(*wall) * stain[:, None].astype(np.float32)
        if building.seed % 3:
            story = v / building.floor
            up, across = np.abs(story - np.floor(story) - 0.55), np.abs(np.abs(u - half) - half * 0.5)
            fits = v < np.floor(building.height / building.floor) * building.floor
            colour[fits & (across < 0.52) & (up < 0.27)] = linear(*trim)
            colour[fits & (across < 0.44) & (up < 0.23)] = linear(58, 64, 72)
        top = building.height + building.roof_rise * (1 - np.abs(u - half) / half)
        return Shaded(colour * irradiance, BUILDING, np.where(v <= top, 1.0, -1.0))

    return shade


def _roof(building: Building, irradiance: np.ndarray):  # type: ignore[no-untyped-def]
    def shade(u: np.ndarray, v: np.ndarray, depth: np.ndarray) -> Shaded:
        tone = (
            1.0
            + 0.14 * look_up(fractal_tile(), u * 11, v * 11 + building.seed % 512)
            - 0.16 * ((v * 3.2) % 1.0 < 0.3)
        )
        return Shaded(linear(*ROOFS[building.roof]) * tone[:, None] * irradiance, BUILDING)

    return shade


def _draw_chimneys(
    canvas: Canvas, building: Building, near: np.ndarray, along: np.ndarray, back: np.ndarray, length: float
) -> None:
    colour = linear(*MATERIALS[building.material][0])
    for index in range(building.chimneys if building.roof_rise > 0 else 0):
        share = 0.02 if index == 0 else 0.8
        foot = (
            near
            + along * length * share
            + back * building.depth * 0.42
            + UP * (building.height + building.roof_rise * 0.7)
        )
        for edge, other in ((back, along), (along, back)):
            shaded = Shaded(colour[None] * canvas.light.on(-other, 0.8), BUILDING)
            canvas.draw_panel(Panel(foot, edge, UP, 1.1, 1.9), _flat(shaded))


def _flat(shaded: Shaded):  # type: ignore[no-untyped-def]
    def shade(u: np.ndarray, v: np.ndarray, depth: np.ndarray) -> Shaded:
        return Shaded(np.broadcast_to(shaded.radiance, (len(u), 3)), shaded.ids)

    return shade
