"""Street furniture: lamps, traffic lights, signs, bollards, fences. Local frame as for vehicles."""

from __future__ import annotations

import numpy as np

from models.scenes.canvas import Face, Shaded, Shader
from models.scenes.ids import BUILDING, FENCE, POLE, SIGN
from models.scenes.light import linear
from models.scenes.noise import fractal_tile, grain_tile, look_up

STEEL = linear(112, 116, 118)
DARK = linear(44, 48, 48)


def _bar(
    left: float, right: float, low: float, high: float, colour: np.ndarray, class_id: int, glow: bool = False
) -> Face:
    points = np.array([(left, low, 0.0), (right, low, 0.0), (right, high, 0.0), (left, high, 0.0)])
    return Face(points, colour, class_id, None, glow)


def _round(
    x: float,
    y: float,
    radius: float,
    colour: np.ndarray,
    class_id: int,
    glow: bool = False,
    corners: int = 12,
) -> Face:
    angles = np.arange(corners) * (2 * np.pi / corners) + np.pi / 2
    points = np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles), np.zeros(corners)], axis=1)
    return Face(points, colour, class_id, None, glow)


def lamp(rng: np.random.Generator, *, towards: float, lit: bool) -> list[Face]:
    """A street lamp whose arm reaches to the side `towards` (+1 right, -1 left)."""
    height, arm = rng.uniform(6.5, 9.5), rng.uniform(0.8, 2.0) * towards
    colour = STEEL if rng.random() < 0.6 else DARK
    head = np.array([3.2, 2.5, 1.5], np.float32) if lit else linear(200, 202, 200)
    left, right = sorted((arm - 0.45, arm + 0.3))
    return [
        _bar(-0.1, 0.1, 0.0, 1.2, colour, POLE),
        _bar(-0.06, 0.06, 1.2, height, colour, POLE),
        Face(
            np.array(
                [
                    (0.0, height - 0.1, 0.0),
                    (arm, height + 0.25, 0.0),
                    (arm, height + 0.36, 0.0),
                    (0.0, height + 0.04, 0.0),
                ]
            ),
            colour,
            POLE,
        ),
        _bar(left, right, height + 0.2, height + 0.4, head, POLE, lit),
    ]


def traffic_light(rng: np.random.Generator) -> list[Face]:
    """A traffic light on its pole; the heads are signs, the shaft is pole."""
    phase = int(rng.integers(3))
    colours = ((2.4, 0.12, 0.06), (2.2, 1.1, 0.08), (0.1, 1.9, 0.9))
    faces = [_bar(-0.07, 0.07, 0.0, 2.3, DARK, POLE), _bar(-0.26, 0.26, 2.2, 3.32, linear(18, 18, 20), SIGN)]
    for index, y in enumerate((3.1, 2.77, 2.44)):
        on = index == phase
        lens = np.array(colours[index], np.float32) if on else np.array(colours[index], np.float32) * 0.03
        faces.append(_round(0.0, y, 0.13, lens, SIGN, glow=on))
    return faces


def road_sign(rng: np.random.Generator) -> list[Face]:
    """A traffic sign (round, triangular, square or a direction board) on a pole."""
    kind = int(rng.choice(5, p=[0.24, 0.24, 0.2, 0.17, 0.15]))
    height, radius = rng.uniform(2.3, 3.0), rng.uniform(0.3, 0.45)
    red, blue, white = linear(176, 24, 30), linear(28, 70, 150), linear(232, 232, 228)
    faces = [_bar(-0.045, 0.045, 0.0, height + radius * 0.6, STEEL, POLE)]
    if kind == 0:
        return [*faces, _round(0, height, radius, red, SIGN), _round(0, height, radius * 0.74, white, SIGN),
                _bar(-radius * 0.35, radius * 0.35, height - 0.07, height + 0.07, DARK, SIGN)]  # fmt: skip
    if kind == 1:
        return [
            *faces,
            _round(0, height, radius * 1.25, red, SIGN, corners=3),
            _round(0, height - 0.01, radius * 0.8, white, SIGN, corners=3),
        ]
    if kind == 2:
        return [
            *faces,
            _round(0, height, radius, blue, SIGN),
            _bar(-radius * 0.2, radius * 0.2, height - radius * 0.6, height + radius * 0.6, white, SIGN),
        ]
    if kind == 3:
        return [
            *faces,
            _bar(-radius, radius, height - radius, height + radius, blue, SIGN),
            _bar(-radius * 0.5, radius * 0.5, height - radius * 0.5, height + radius * 0.5, white, SIGN),
        ]
    wide = rng.uniform(0.55, 0.95)
    board = (linear(18, 84, 58), linear(30, 64, 140), white, linear(210, 180, 40))[int(rng.integers(4))]
    ink = DARK if board.max() > 0.4 else white
    return [
        _bar(-wide * 0.7 - 0.05, -wide * 0.7 + 0.05, 0.0, height, STEEL, POLE),
        _bar(wide * 0.7 - 0.05, wide * 0.7 + 0.05, 0.0, height, STEEL, POLE),
        _bar(-wide, wide, height - 0.75, height + 0.55, board, SIGN),
        _bar(-wide * 0.8, wide * 0.3, height + 0.12, height + 0.3, ink, SIGN),
        _bar(-wide * 0.8, wide * 0.6, height - 0.28, height - 0.1, ink, SIGN),
    ]


def bollard(rng: np.random.Generator) -> list[Face]:
    """A bollard, about a metre high."""
    colour = DARK if rng.random() < 0.7 else linear(220, 220, 216)
    return [
        _bar(-0.08, 0.08, 0.0, 1.0, colour, POLE),
        _bar(-0.08, 0.08, 0.78, 0.9, linear(220, 220, 216), POLE),
    ]


def railing(irradiance: np.ndarray, tone: float) -> Shader:
    """Shader of a 1.1 m railing; what shows between the bars belongs to the fence's label, as annotators draw it."""

    def shade(u: np.ndarray, v: np.ndarray, depth: np.ndarray) -> Shaded:
        bars = (u % 0.13 < 0.045) | (np.abs(v - 1.02) < 0.05) | (np.abs(v - 0.14) < 0.035) | (u % 2.0 < 0.09)
        colour = np.broadcast_to(linear(tone, tone, tone * 1.02) * irradiance, (len(u), 3))
        return Shaded(colour, FENCE, np.where(bars, 1.0, 0.16))

    return shade


def board_fence(irradiance: np.ndarray, colour: tuple[float, float, float]) -> Shader:
    """Shader of a closed wooden fence."""

    def shade(u: np.ndarray, v: np.ndarray, depth: np.ndarray) -> Shaded:
        plank = np.floor(u / 0.16)
        tone = (
            1
            + 0.2 * look_up(grain_tile(), plank * 7, plank * 3)
            - 0.35 * (u % 0.16 < 0.02)
            + 0.06 * look_up(fractal_tile(), u * 8, v * 20)
        )
        return Shaded(linear(*colour) * tone[:, None] * irradiance, FENCE)

    return shade


def low_wall(irradiance: np.ndarray, colour: tuple[float, float, float]) -> Shader:
    """Shader of a garden wall (a building by CamVid's eleven classes)."""

    def shade(u: np.ndarray, v: np.ndarray, depth: np.ndarray) -> Shaded:
        tone = 1 + 0.12 * look_up(fractal_tile(), u * 12, v * 14) - 0.16 * ((v * 6.5) % 1 < 0.2)
        return Shaded(linear(*colour) * tone[:, None] * irradiance, BUILDING)

    return shade
