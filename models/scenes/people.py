"""Pedestrians and bicyclists, drawn as upright cut-outs. Local frame: x right, y up; origin on the ground."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from models.scenes.canvas import Face
from models.scenes.ids import BICYCLIST, PEDESTRIAN
from models.scenes.light import linear

SKIN = ((224, 180, 150), (198, 150, 118), (140, 98, 72), (92, 62, 46))
CLOTHES = (
    (28, 28, 34), (44, 48, 62), (60, 44, 40), (120, 30, 34), (36, 70, 110), (150, 140, 120), (200, 200, 196),
    (70, 92, 60), (176, 84, 40), (90, 90, 96), (150, 60, 100), (206, 172, 60),
)  # fmt: skip
TROUSERS = ((30, 36, 56), (26, 26, 30), (70, 62, 52), (88, 98, 116), (46, 46, 50))


_FRAME = (  # tubes of a bicycle seen from the side, (x, y) in metres
    ((-0.52, 0.34), (-0.2, 0.85)),
    ((-0.52, 0.34), (0.0, 0.32)),
    ((0.0, 0.32), (-0.2, 0.9)),
    ((0.0, 0.32), (0.4, 0.85)),
    ((-0.2, 0.82), (0.4, 0.82)),
    ((0.52, 0.34), (0.4, 1.0)),
    ((0.36, 1.0), (0.5, 1.04)),
)


def _flat(points: list[tuple[float, float]], colour: np.ndarray, class_id: int) -> Face:
    return Face(np.array([(x, y, 0.0) for x, y in points]), colour, class_id)


def _oval(x: float, y: float, radius_x: float, radius_y: float, colour: np.ndarray, class_id: int) -> Face:
    angles = np.arange(10) * (2 * np.pi / 10)
    return _flat(
        list(
            zip(
                (x + radius_x * np.cos(angles)).tolist(),
                (y + radius_y * np.sin(angles)).tolist(),
                strict=True,
            )
        ),
        colour,
        class_id,
    )


def _limb(
    start: tuple[float, float], end: tuple[float, float], thick: float, colour: np.ndarray, class_id: int
) -> Face:
    across = np.array([end[1] - start[1], start[0] - end[0]])
    across = across / max(float(np.sqrt((across**2).sum())), 1e-6) * thick / 2
    a, b = np.array(start), np.array(end)
    return _flat(
        [tuple(p) for p in np.stack([a + across, b + across * 0.8, b - across * 0.8, a - across]).tolist()],
        colour,
        class_id,
    )


def _pick(rng: np.random.Generator, colours: tuple[tuple[int, int, int], ...]) -> np.ndarray:
    return linear(*colours[int(rng.integers(len(colours)))]) * rng.uniform(0.8, 1.15)


def pedestrian(rng: np.random.Generator) -> list[Face]:
    """Faces of one walking or standing person, about 1.55 to 1.9 m tall (children smaller)."""
    size = rng.uniform(1.55, 1.9) / 1.75 * (0.68 if rng.random() < 0.08 else 1.0)
    stride = rng.uniform(0.02, 0.3) * rng.choice([-1.0, 1.0])
    coat, legs, skin = _pick(rng, CLOTHES), _pick(rng, TROUSERS), _pick(rng, SKIN)
    shoe, hair = (
        linear(24, 22, 22),
        linear(*((40, 28, 20), (24, 20, 18), (120, 90, 54), (150, 146, 140))[int(rng.integers(4))]),
    )
    hem = rng.uniform(0.62, 0.9)
    faces = []
    for foot, tone in ((-stride, 0.75), (stride, 1.0)):
        knee = (foot * 0.62 + 0.03 * np.sign(stride), 0.46)
        faces += [
            _limb((foot * 0.15, 0.88), knee, 0.19, legs * tone, PEDESTRIAN),
            _limb(knee, (foot, 0.07), 0.14, legs * tone, PEDESTRIAN),
            _flat(
                [(foot - 0.08, 0.0), (foot + 0.13, 0.0), (foot + 0.1, 0.09), (foot - 0.07, 0.1)],
                shoe,
                PEDESTRIAN,
            ),
        ]
    faces.append(_limb((-0.19, 1.4), (-0.2 - stride * 0.6, 0.88), 0.12, coat * 0.75, PEDESTRIAN))
    faces.append(
        _flat(
            [(-0.18, hem), (0.19, hem), (0.23, 1.36), (0.12, 1.47), (-0.12, 1.47), (-0.23, 1.36)],
            coat,
            PEDESTRIAN,
        )
    )
    faces.append(_limb((0.19, 1.4), (0.2 + stride * 0.6, 0.88), 0.12, coat * 0.88, PEDESTRIAN))
    faces.append(_flat([(-0.05, 1.44), (0.05, 1.44), (0.05, 1.54), (-0.05, 1.54)], skin * 0.8, PEDESTRIAN))
    faces.append(_oval(0.0, 1.63, 0.095, 0.125, skin, PEDESTRIAN))
    faces.append(_oval(-0.01, 1.69, 0.1, 0.08, hair, PEDESTRIAN))
    if rng.random() < 0.35:
        faces.append(
            _flat([(0.2, 0.62), (0.4, 0.62), (0.38, 0.92), (0.22, 0.92)], _pick(rng, CLOTHES), PEDESTRIAN)
        )
    return [Face(face.points * size, face.colour, face.class_id) for face in faces]


def bicyclist(rng: np.random.Generator, *, sideways: bool) -> list[Face]:
    """Faces of a rider on a bicycle, seen from behind or in front, or from the side."""
    coat, legs, skin = _pick(rng, CLOTHES), _pick(rng, TROUSERS), _pick(rng, SKIN)
    metal, tyre = _pick(rng, CLOTHES), linear(20, 20, 22)
    helmet = _pick(rng, CLOTHES) if rng.random() < 0.6 else linear(40, 30, 24)
    cls = BICYCLIST
    if not sideways:
        return [
            _oval(0.0, 0.34, 0.05, 0.34, tyre, cls),
            _limb((-0.1, 0.95), (-0.13, 0.3), 0.16, legs * 0.8, cls),
            _limb((0.1, 0.95), (0.13, 0.48), 0.16, legs, cls),
            _limb((-0.3, 1.02), (0.3, 1.02), 0.04, metal, cls),
            _limb((-0.2, 1.42), (-0.3, 1.03), 0.11, coat * 0.8, cls),
            _limb((0.2, 1.42), (0.3, 1.03), 0.11, coat * 0.9, cls),
            _flat(
                [(-0.17, 0.86), (0.17, 0.86), (0.22, 1.4), (0.1, 1.5), (-0.1, 1.5), (-0.22, 1.4)], coat, cls
            ),
            _oval(0.0, 1.63, 0.1, 0.13, skin, cls),
            _oval(0.0, 1.69, 0.12, 0.09, helmet, cls),
        ]
    faces = []
    for hub in (-0.52, 0.52):
        rim = np.arange(13) * (2 * np.pi / 12)
        ring = [(hub + 0.34 * float(np.cos(a)), 0.34 + 0.34 * float(np.sin(a))) for a in rim]
        faces += [_limb(here, there, 0.07, tyre, cls) for here, there in pairwise(ring)]
        faces += [
            _limb((hub - 0.3, 0.34), (hub + 0.3, 0.34), 0.02, metal, cls),
            _limb((hub, 0.04), (hub, 0.64), 0.02, metal, cls),
        ]
    faces += [_limb(here, there, 0.06, metal, cls) for here, there in _FRAME]
    faces += [
        _limb((-0.18, 0.95), (0.14, 0.68), 0.17, legs, cls),
        _limb((0.14, 0.68), (0.04, 0.22), 0.13, legs, cls),
        _limb((-0.2, 0.95), (0.14, 1.42), 0.3, coat, cls),
        _limb((0.14, 1.38), (0.44, 1.04), 0.1, coat * 0.8, cls),
        _oval(0.24, 1.58, 0.11, 0.13, skin, cls),
        _oval(0.22, 1.65, 0.13, 0.09, helmet, cls),
    ]
    return faces
