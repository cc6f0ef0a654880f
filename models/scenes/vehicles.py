"""Cars, vans and buses as small polyhedra. Local frame: x right, y up, z forward; origin on the ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.scenes.canvas import Face
from models.scenes.ids import CAR
from models.scenes.light import linear

PAINTS = (
    (176, 178, 182), (150, 154, 160), (40, 42, 46), (24, 26, 30), (30, 44, 86), (52, 80, 140), (140, 24, 28),
    (96, 20, 26), (220, 220, 218), (34, 70, 52), (120, 110, 92), (190, 160, 60), (70, 74, 80),
)  # fmt: skip
GLASS = linear(38, 44, 50)
RUBBER = linear(22, 22, 24)
_SILL = 0.24  # height of the body's lower edge


@dataclass(frozen=True)
class Body:
    """Proportions (metres): overall box, height of the waist line, cabin's ends along z and how far it tapers."""

    length: float
    width: float
    height: float
    waist: float
    cabin: tuple[float, float]
    rake: tuple[float, float]  # how much shorter the roof is at the rear and at the front
    taper: float


BODIES = {
    "hatchback": Body(3.9, 1.72, 1.46, 0.92, (-1.9, 0.85), (0.3, 0.75), 0.2),
    "saloon": Body(4.5, 1.78, 1.43, 0.93, (-1.65, 0.95), (0.6, 0.8), 0.22),
    "estate": Body(4.5, 1.8, 1.62, 0.98, (-2.2, 0.95), (0.25, 0.7), 0.17),
    "van": Body(4.9, 1.95, 2.1, 1.12, (-2.4, 1.55), (0.06, 0.7), 0.1),
    "bus": Body(10.5, 2.5, 3.1, 1.25, (-5.2, 5.2), (0.05, 0.12), 0.04),
}


def _quad(
    corners: list[tuple[float, float, float]],
    colour: np.ndarray,
    normal: tuple[float, float, float] | None,
    glow: bool = False,
) -> Face:
    return Face(np.array(corners), colour, CAR, normal, glow)


def _disc(x: float, y: float, z: float, radius: float, colour: np.ndarray, side: float) -> Face:
    angles = np.arange(10) * (2 * np.pi / 10)
    points = np.stack([np.full(10, x), y + radius * np.sin(angles), z + radius * np.cos(angles)], axis=1)
    return Face(points, colour, CAR, (side, 0.0, 0.0))


def vehicle(kind: str, rng: np.random.Generator, *, lamps_lit: bool, braking: bool) -> list[Face]:
    """Faces of a vehicle, far parts first. `kind` is a key of `BODIES`."""
    body = BODIES[kind]
    paint = linear(*PAINTS[int(rng.integers(len(PAINTS)))]) * rng.uniform(0.85, 1.1)
    if kind == "bus":
        paint = linear(*((150, 24, 30), (40, 84, 150), (196, 196, 190))[int(rng.integers(3))])
    faces = _underside(body) + _hull(body, paint) + _cabin(body, paint, kind)
    for end in (-1.0, 1.0):
        faces += _end_details(body, end, lamps_lit, braking, paint)
    return faces


def _underside(body: Body) -> list[Face]:
    half, end = body.width / 2 - 0.08, body.length / 2 - 0.1
    faces = []
    for z, normal in ((-end, (0.0, 0.0, -1.0)), (end, (0.0, 0.0, 1.0))):
        faces.append(
            _quad([(-half, 0.12, z), (half, 0.12, z), (half, 0.5, z), (-half, 0.5, z)], RUBBER * 0.5, normal)
        )
        for x in (-half, half - 0.2):
            faces.append(
                _quad([(x, 0.0, z), (x + 0.2, 0.0, z), (x + 0.2, 0.4, z), (x, 0.4, z)], RUBBER, normal)
            )
    return faces


def _hull(body: Body, paint: np.ndarray) -> list[Face]:
    half, end, waist, windscreen = body.width / 2, body.length / 2, body.waist, body.cabin[1]
    bonnet = waist - 0.12
    faces = _side(body, paint, -1.0) + _side(body, paint, 1.0)
    deck = [
        (-half, waist, 0.12 - end),
        (half, waist, 0.12 - end),
        (half, waist, windscreen),
        (-half, waist, windscreen),
    ]
    lid = [
        (-half, waist, windscreen),
        (half, waist, windscreen),
        (half, bonnet, end - 0.25),
        (-half, bonnet, end - 0.25),
    ]
    faces += [_quad(deck, paint, (0.0, 1.0, 0.0)), _quad(lid, paint, (0.0, 0.98, 0.15))]
    for sign, top, inset in ((-1.0, waist, 0.12), (1.0, bonnet, 0.25)):
        z, upper, lower = end * sign, (end - inset) * sign, 0.98 * end * sign
        panel = [(-half, 0.6, z), (half, 0.6, z), (half, top, upper), (-half, top, upper)]
        apron = [(-half, _SILL, lower), (half, _SILL, lower), (half, 0.6, z), (-half, 0.6, z)]
        faces += [_quad(panel, paint, (0.0, 0.3, sign)), _quad(apron, paint * 0.7, (0.0, 0.0, sign))]
    return faces


def _side(body: Body, paint: np.ndarray, side: float) -> list[Face]:
    x, end, waist, normal = body.width / 2 * side, body.length / 2, body.waist, (side, 0.0, 0.0)
    outline = [
        (x, _SILL, -end + 0.1),
        (x, 0.62, -end),
        (x, waist, -end + 0.12),
        (x, waist, body.cabin[1]),
        (x, waist - 0.12, end - 0.25),
        (x, 0.6, end),
        (x, _SILL, end - 0.1),
    ]
    skirt = [(x, _SILL, -end + 0.1), (x, 0.36, -end), (x, 0.36, end), (x, _SILL, end - 0.1)]
    faces = [_quad(outline, paint, normal), _quad(skirt, paint * 0.45, normal)]
    for z in (-0.31 * body.length, 0.31 * body.length):
        faces.append(_disc(x, 0.34, z, 0.38, RUBBER * 0.4, side))
        faces.append(_disc(x * 1.005, 0.31, z, 0.31, RUBBER, side))
        faces.append(_disc(x * 1.01, 0.31, z, 0.18, linear(150, 152, 156), side))
    return faces


def _cabin(body: Body, paint: np.ndarray, kind: str) -> list[Face]:
    (rear, front), (rake_rear, rake_front) = body.cabin, body.rake
    low, high = body.width / 2 - 0.02, body.width / 2 - body.taper
    roof_rear, roof_front, top, waist = rear + rake_rear, front - rake_front, body.height, body.waist
    faces = []

    for side in (-1.0, 1.0):
        wall = [
            (low * side, waist, rear),
            (low * side, waist, front),
            (high * side, top, roof_front),
            (high * side, top, roof_rear),
        ]
        normal = (side, 0.25, 0.0)
        faces.append(_quad(wall, paint, normal))
        faces += _glazing(_shrink(wall, 0.84), normal)
        if kind == "van":
            faces.append(
                _quad([wall[0], (low * side, waist, 0.3), (high * side, top, 0.3), wall[3]], paint, normal)
            )
        middle = (rear + front) / 2 - 0.1
        pillar = [
            (low * side, waist, middle),
            (low * side, waist, middle + 0.09),
            (high * side, top, middle + 0.05),
            (high * side, top, middle - 0.03),
        ]
        faces.append(_quad(pillar, paint * 0.7, normal))
    for z, z_roof, sign in ((rear, roof_rear, -1.0), (front, roof_front, 1.0)):
        pane = [(-low, waist, z), (low, waist, z), (high, top, z_roof), (-high, top, z_roof)]
        normal = (0.0, 0.4, sign)
        faces.append(_quad(pane, paint, normal))
        faces += _glazing(_shrink(pane, 0.86), normal)
    faces.append(
        _quad(
            [
                (-high, top, roof_rear),
                (high, top, roof_rear),
                (high, top, roof_front),
                (-high, top, roof_front),
            ],
            paint,
            (0.0, 1.0, 0.0),
        )
    )
    return faces


def _shrink(corners: list[tuple[float, float, float]], share: float) -> list[tuple[float, float, float]]:
    points = np.array(corners)
    middle = points.mean(axis=0)
    return [tuple(point) for point in (middle + (points - middle) * share).tolist()]


def _glazing(pane: list[tuple[float, float, float]], normal: tuple[float, float, float]) -> list[Face]:
    """A window pane (lower two corners first) with the sky mirrored in its upper part."""
    lower_left, lower_right, upper_right, upper_left = np.array(pane)
    shares = (0.45, 0.62, 0.82)
    faces = [_quad(pane, GLASS, normal)]
    for share, tone in zip(shares, (1.9, 3.2, 4.8), strict=True):
        corners = np.stack(
            [
                lower_left + (upper_left - lower_left) * share,
                lower_right + (upper_right - lower_right) * (share + 0.12),
                upper_right,
                upper_left,
            ]
        )
        faces.append(Face(corners, GLASS * tone, CAR, normal))
    return faces


def _end_details(body: Body, end: float, lamps_lit: bool, braking: bool, paint: np.ndarray) -> list[Face]:
    half, z, normal = body.width / 2, body.length / 2 * end * 1.004, (0.0, 0.0, end)
    faces = []

    def block(
        left: float, right: float, low: float, high: float, colour: np.ndarray, glow: bool = False
    ) -> None:
        faces.append(
            _quad([(left, low, z), (right, low, z), (right, high, z), (left, high, z)], colour, normal, glow)
        )

    block(-half * 0.9, half * 0.9, 0.3, 0.46, paint * 0.35)
    block(-0.27, 0.27, 0.47, 0.6, linear(225, 190, 60) if end < 0 else linear(230, 230, 226))
    for side in (-1.0, 1.0):
        outer, inner = side * half * 0.97, side * half * 0.66
        left, right = min(outer, inner), max(outer, inner)
        if end < 0:
            bright = lamps_lit or braking
            colour = np.array([1.6, 0.1, 0.06], np.float32) if bright else linear(150, 18, 16)
            block(left, right, 0.6, 0.82, colour, bright)
        else:
            colour = np.array([2.6, 2.4, 2.0], np.float32) if lamps_lit else linear(235, 235, 230)
            block(left, right, 0.56, 0.74, colour, lamps_lit)
    if end > 0:
        block(-half * 0.55, half * 0.55, 0.56, 0.7, RUBBER)
    return faces
