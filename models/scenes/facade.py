"""Shaders of a building: street front with windows, shop or door; gable; roof."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.scenes.canvas import Shaded, Shader
from models.scenes.ids import BUILDING
from models.scenes.light import Light, linear
from models.scenes.noise import fractal_tile, grain_tile, look_up, look_up_smooth

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
_DOORS = ((40, 56, 92), (110, 24, 24), (30, 70, 48), (54, 40, 30), (30, 30, 30), (190, 186, 176))
_LAMPLIGHT = np.array([0.95, 0.65, 0.33], np.float32)


@dataclass(frozen=True)
class FrontStyle:
    """Looks of a front: floor height and bay width (metres), window size as shares of them, colours by index."""

    floor: float
    bay: float
    window: tuple[float, float]
    material: int
    shop: int | None  # None: a front door and windows instead of a shop
    seed: int


class Front:
    """Shader of a street front, in metres along the street and above the ground."""

    def __init__(
        self,
        style: FrontStyle,
        light: Light,
        sunlit: Callable[[np.ndarray, np.ndarray], np.ndarray],
        size: tuple[float, float],
        irradiance: tuple[np.ndarray, np.ndarray],
    ) -> None:
        self.style, self.light, self.sunlit = style, light, sunlit
        self.length, self.height = size
        self.shade, self.sun = irradiance  # from the sky, from the sun where it reaches
        self.tints = np.random.Generator(np.random.PCG64(style.seed)).random((16, 16), np.float32)
        self.level = 3.4 if style.shop is not None else style.floor  # where the first floor begins
        self.trim = linear(*MATERIALS[style.material][1])

    def __call__(self, u: np.ndarray, v: np.ndarray, depth: np.ndarray) -> Shaded:
        colour = self._wall(u, v)
        glow = np.zeros_like(colour)
        colour[(self.height - v < 0.35) | (np.abs(v - self.level - 0.1) < 0.12)] = self.trim * 0.9
        self._windows(u, v, colour, glow)
        if self.style.shop is not None:
            self._shop(u, v, linear(*SHOP_COLOURS[self.style.shop]), colour, glow)
        else:
            self._door_and_windows(u, v, colour, glow)
        ambient = self.shade * np.clip(0.62 + 0.12 * v, 0, 1)[:, None]
        lit = self.sunlit(u, v)[:, None]
        return Shaded(colour * (ambient + self.sun * lit) + glow, BUILDING)

    def _wall(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        wall, _, courses = MATERIALS[self.style.material]
        offset = self.style.seed % 512
        stain = 0.09 * look_up(fractal_tile(), u * 14 + offset, v * 7)
        stain += 0.05 * look_up(grain_tile(), u * 40, v * 40 + offset)
        if courses:
            stain -= np.float32(0.13) * ((v * 6.5) % 1.0 < 0.22)
        return linear(*wall) * (1.0 + stain)[:, None]

    def _windows(self, u: np.ndarray, v: np.ndarray, colour: np.ndarray, glow: np.ndarray) -> None:
        style = self.style
        story, column = (v - self.level) / style.floor, u / style.bay
        row, bay = np.floor(story), np.floor(column)
        across, up = np.abs(column - bay - 0.5), story - row - 0.52
        width, height = style.window[0] / 2, style.window[1] / 2
        top = self.height - self.level
        fits = (v > self.level) & (v < self.height - 0.45) & ((row + 1) * style.floor < top + 0.1)
        colour[fits & (across < width + 0.05) & (up < height + 0.05) & (up > -height - 0.08)] = self.trim
        pane = fits & (across < width) & (np.abs(up) < height) & (across > 0.018) & (np.abs(up - 0.02) > 0.02)
        chosen = np.nonzero(pane)[0]
        tint = self.tints[row[chosen].astype(int) & 15, bay[chosen].astype(int) & 15]
        self._glass(chosen, tint, up[chosen] / height, colour, glow)

    def _glass(
        self, chosen: np.ndarray, tint: np.ndarray, up: np.ndarray, colour: np.ndarray, glow: np.ndarray
    ) -> None:
        """Dark rooms, some curtains, a mirrored sky; some windows lit at dusk. `up` runs from -1 to 1."""
        curtain = (tint * 7 % 1 > 0.62) & (up > 0.9 - 1.6 * (tint * 13 % 1))
        colour[chosen] = np.where(curtain[:, None], np.float32(0.42), np.float32(0.025))
        mirror = (0.05 + 0.26 * tint * tint) * (1 + 0.45 * up)
        glow[chosen] = mirror[:, None] * self.light.skyline
        if self.light.lamps_lit:
            on = (tint * 29 % 1) < 0.3
            glow[chosen[on]] = _LAMPLIGHT * (0.55 + 0.4 * tint[on])[:, None]

    def _shop(
        self, u: np.ndarray, v: np.ndarray, paint: np.ndarray, colour: np.ndarray, glow: np.ndarray
    ) -> None:
        low = v < self.level
        colour[low] = paint * 0.8
        fascia = low & (v > 2.65) & (v < 3.3)
        colour[fascia] = paint
        letter = u * 4.5
        name = fascia & (np.abs(v - 2.97) < 0.17) & (np.abs(u - self.length / 2) < 0.32 * self.length)
        name &= (letter % 1 < 0.72) & (self.tints[3, letter.astype(int) & 15] > 0.35)
        colour[name] = 0.75 if paint.max() < 0.4 else 0.05
        pane = np.nonzero((v > 0.55) & (v < 2.5) & (u % (self.style.bay * 1.3) > 0.14))[0]
        goods = look_up_smooth(fractal_tile(), u[pane] * 40 + self.style.seed % 97, v[pane] * 34)
        wares = np.clip(0.06 + 0.07 * goods * (v[pane] < 1.7), 0.01, 0.3)[:, None]
        tinted = 1.0 + 0.2 * np.sin(u[pane, None] * 3.1 + np.array([0.0, 1.9, 4.1], np.float32))
        colour[pane] = wares * tinted
        glow[pane] = (0.025 + 0.07 * np.clip(v[pane] - 1.4, 0, 1.2))[:, None] * self.light.skyline
        if self.light.lamps_lit:
            glow[pane] = _LAMPLIGHT * np.clip(0.8 + 0.25 * goods, 0.1, 1.4)[:, None]

    def _door_and_windows(self, u: np.ndarray, v: np.ndarray, colour: np.ndarray, glow: np.ndarray) -> None:
        style = self.style
        column = u / style.bay
        bay = np.floor(column)
        across = np.abs(column - bay - 0.5)
        low = v < self.level
        has_door = bay == style.seed % max(1, round(self.length / style.bay))
        colour[low & has_door & (across * style.bay < 0.62) & (v < 2.45)] = self.trim
        door = low & has_door & (across * style.bay < 0.48) & (v < 2.2)
        colour[door] = linear(*_DOORS[style.seed % len(_DOORS)])
        up = np.abs(v - 1.6)
        colour[low & ~has_door & (across < style.window[0] / 2 + 0.05) & (up < 0.78)] = self.trim
        pane = low & ~has_door & (across < style.window[0] / 2) & (up < 0.68) & (across > 0.018)
        chosen = np.nonzero(pane)[0]
        tint = self.tints[9, bay[chosen].astype(int) & 15]
        self._glass(chosen, tint, (v[chosen] - 1.6) / 0.68, colour, glow)


def gable(style: FrontStyle, measures: tuple[float, float, float], irradiance: np.ndarray) -> Shader:
    """Shader of the end wall below the roof; `measures` are eaves height, roof rise and depth (metres)."""
    height, rise, depth_of_house = measures
    wall, trim, courses = MATERIALS[style.material]
    half = depth_of_house / 2

    def shade(u: np.ndarray, v: np.ndarray, depth: np.ndarray) -> Shaded:
        stain = 1.0 + 0.1 * look_up(fractal_tile(), u * 12 + style.seed % 512, v * 9)
        if courses:
            stain -= np.float32(0.1) * ((v * 6.5) % 1.0 < 0.22)
        colour = linear(*wall) * stain[:, None]
        if style.seed % 3:  # two of three end walls have windows
            story = v / style.floor
            up, across = np.abs(story - np.floor(story) - 0.55), np.abs(np.abs(u - half) - half * 0.5)
            fits = v < np.floor(height / style.floor) * style.floor
            colour[fits & (across < 0.52) & (up < 0.27)] = linear(*trim)
            colour[fits & (across < 0.44) & (up < 0.23)] = linear(58, 64, 72)
        top = height + rise * (1 - np.abs(u - half) / half)
        return Shaded(colour * irradiance, BUILDING, np.where(v <= top, 1.0, -1.0))

    return shade


def roof(index: int, seed: int, irradiance: np.ndarray) -> Shader:
    """Shader of a roof's street side, in rows of tiles."""

    def shade(u: np.ndarray, v: np.ndarray, depth: np.ndarray) -> Shaded:
        tone = 1.0 + 0.14 * look_up(fractal_tile(), u * 11, v * 11 + seed % 512)
        tone -= np.float32(0.16) * ((v * 3.2) % 1.0 < 0.3)
        return Shaded(linear(*ROOFS[index]) * tone[:, None] * irradiance, BUILDING)

    return shade


def plain(radiance: np.ndarray) -> Shader:
    """Shader of one colour, (3,)."""

    def shade(u: np.ndarray, v: np.ndarray, depth: np.ndarray) -> Shaded:
        return Shaded(np.broadcast_to(radiance, (len(u), 3)), BUILDING)

    return shade
