"""The two sides of a street: runs of buildings, gaps with grass, and the boundaries in front of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from models.scenes.buildings import Building, sample_building
from models.scenes.elements import FIRST, LAST, Boundary, District
from models.scenes.street import Green, Street

_GARDEN = 1.5  # metres of setback from which on there is a front garden


@dataclass(frozen=True)
class Frontage:
    """What lies along one side of the street, from near to far."""

    buildings: tuple[Building, ...]
    greens: tuple[Green, ...]
    boundaries: tuple[Boundary, ...]


def sample_frontage(rng: np.random.Generator, district: District, street: Street, side: int) -> Frontage:
    """Draw one side (-1 left, +1 right) from near to far; a crossing street interrupts it."""
    edge = side * (street.half_width + street.pavement)
    buildings: list[Building] = []
    greens: list[Green] = []
    boundaries: list[Boundary] = []
    built = district.built if rng.random() > 0.12 else 0.15
    position = FIRST - rng.uniform(0, 10)
    while position < LAST:
        position, limit = _past_junction(street, position)
        setback = rng.uniform(*district.setback)
        if rng.random() < built:
            building = sample_building(rng, district, side=side, start=position, setback=setback)
            end = min(building.end, limit)
            buildings.append(replace(building, end=end))
            open_ground = setback > _GARDEN
            gap = 0.0 if rng.random() < 0.8 else rng.uniform(1, 4)
        else:
            end = min(position + rng.uniform(8, 30), limit)
            open_ground = rng.random() < 0.85
            gap = 0.01
        if open_ground:
            greens.append(Green(side, position, end))
            boundaries.append(_sample_boundary(rng, edge, position, end))
        position = end + gap
    return Frontage(tuple(buildings), tuple(greens), tuple(boundaries))


def _past_junction(street: Street, position: float) -> tuple[float, float]:
    """Where to go on building, and where it must stop: before a junction, or nowhere."""
    if street.junction is None:
        return position, np.inf
    start, end = street.junction
    limit = start - street.pavement
    if position < limit - 3.5:
        return position, limit
    return max(position, end + street.pavement), np.inf


def _sample_boundary(rng: np.random.Generator, lateral: float, start: float, end: float) -> Boundary:
    kind = ("railing", "boards", "wall", "hedge", "none")[rng.choice(5, p=[0.28, 0.22, 0.2, 0.22, 0.08])]
    lowest, highest = {"boards": (1.3, 1.9), "wall": (0.7, 1.7), "hedge": (1.0, 2.4)}.get(kind, (1.1, 1.1))
    return Boundary(kind, lateral, start, end, rng.uniform(lowest, highest), int(rng.integers(1 << 30)))


def kerb_railings(rng: np.random.Generator, district: District, street: Street) -> tuple[Boundary, ...]:
    """Railings between pavement and road, none across a junction."""
    found = []
    for side in (-1, 1):
        if rng.random() >= district.railings:
            continue
        start = rng.uniform(4, 30)
        end = start + rng.uniform(8, 26)
        if street.junction and start < street.junction[1] and end > street.junction[0]:
            continue
        lateral = side * (street.half_width + 0.35)
        found.append(Boundary("railing", lateral, start, end, 1.1, int(rng.integers(1 << 30))))
    return tuple(found)
