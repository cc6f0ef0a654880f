"""Where vehicles, people, street furniture and trees stand."""

from __future__ import annotations

import numpy as np

from models.scenes.elements import District, Item
from models.scenes.street import Street

_VEHICLES = ("hatchback", "saloon", "estate", "van", "bus")


def _item(rng: np.random.Generator, kind: str, lateral: float, z: float, heading: float = 0.0) -> Item:
    return Item(kind, float(lateral), float(z), float(heading), int(rng.integers(1 << 30)))


def _vehicle_kind(rng: np.random.Generator) -> str:
    return _VEHICLES[rng.choice(5, p=[0.38, 0.26, 0.18, 0.13, 0.05])]


def place_traffic(rng: np.random.Generator, district: District, street: Street) -> list[Item]:
    """Vehicles: both lanes (traffic keeps left), kerbs, and a junction's crossing street."""
    items = _lane(rng, -street.half_width / 2, 0.0, rng.uniform(10, 60))
    items += _lane(rng, street.half_width / 2, np.pi, rng.uniform(9, 50))
    items += _parked(rng, district, street)
    if street.junction and rng.random() < 0.5:
        z = (street.junction[0] + street.junction[1]) / 2 + rng.uniform(-2, 2)
        across = rng.choice([-1, 1]) * np.pi / 2
        items.append(_item(rng, _vehicle_kind(rng), rng.uniform(-9, 9), z, across))
    return items


def _lane(rng: np.random.Generator, lateral: float, heading: float, z: float) -> list[Item]:
    items = []
    while z < 120:
        kind = _vehicle_kind(rng)
        z += 12 if kind == "bus" else 0  # a near bus would hide the whole street
        items.append(_item(rng, kind, lateral + rng.normal(0, 0.15), z, heading + rng.normal(0, 0.02)))
        z += rng.uniform(7, 60) + (8 if kind == "bus" else 0)
    return items


def _parked(rng: np.random.Generator, district: District, street: Street) -> list[Item]:
    items = []
    for side in (-1, 1):
        density = district.parked * rng.choice([0.0, 0.7, 1.5])
        z = rng.uniform(3, 14) + (6 if side < 0 else 0)  # on the camera's side not right beside it
        while density > 0 and z < 110 and street.half_width > 3.6:
            if not street.in_junction(np.array([z]))[0] and rng.random() < 0.75:
                heading = (0.0 if side < 0 else np.pi) + rng.normal(0, 0.03)
                items.append(_item(rng, "parked", side * (street.half_width - 0.95), z, heading))
            z += 5.6 + rng.exponential(60 / max(density, 0.5))
    return items


def place_people(rng: np.random.Generator, district: District, street: Street) -> list[Item]:
    """Pedestrians on pavements and crossings, bicyclists near the kerbs."""
    items = []
    for side in (-1, 1):
        for _ in range(rng.poisson(district.people)):
            lateral = side * (street.half_width + rng.uniform(0.4, street.pavement - 0.3))
            z = rng.uniform(7, 28) if rng.random() < 0.5 else rng.uniform(10, 80)
            items.append(_item(rng, "pedestrian", lateral, z))
    for start in street.crossings:
        for _ in range(rng.poisson(1.2)):
            lateral = rng.uniform(-1, 1) * street.half_width
            items.append(_item(rng, "pedestrian", lateral, start + rng.uniform(0.4, 2.6)))
    for _ in range(rng.poisson(1.7)):
        kind = "bicyclist" if rng.random() < 0.75 else "bicyclist across"
        side = -1 if rng.random() < 0.65 else 1
        items.append(_item(rng, kind, side * (street.half_width - rng.uniform(0.5, 1.4)), rng.uniform(8, 40)))
    return items


def place_furniture(rng: np.random.Generator, street: Street) -> list[Item]:
    """Lamps, signs, bollards, and traffic lights at the first crossing."""
    items = []
    for side in (-1, 1):
        kerb = side * street.half_width
        spacing, first = rng.uniform(24, 45), rng.uniform(6, 35)
        items += [_item(rng, "lamp", kerb + side * 0.5, z) for z in np.arange(first, 100, spacing)]
        for _ in range(rng.poisson(2.2)):
            items.append(_item(rng, "sign", kerb + side * rng.uniform(0.4, 0.8), rng.uniform(8, 50)))
        if rng.random() < 0.2:
            start, step = rng.uniform(5, 20), rng.uniform(1.6, 3)
            count = int(rng.integers(4, 9))
            items += [
                _item(rng, "bollard", kerb + side * 0.4, start + step * index) for index in range(count)
            ]
    stops = [street.junction[0] - 1.0] if street.junction else []
    stops += [start - 0.5 for start in street.crossings if rng.random() < 0.6]
    for z in stops[:1]:
        items += [_item(rng, "traffic light", side * (street.half_width + 0.4), z) for side in (-1, 1)]
    return items


def place_trees(rng: np.random.Generator, district: District, street: Street) -> list[Item]:
    """Trees in rows on the pavements and scattered over the greens."""
    items = []
    for side in (-1, 1):
        if rng.random() >= 0.55:
            continue
        lateral = side * (street.half_width + min(1.0, street.pavement * 0.4))
        spacing, z = 100 / (district.street_trees + 0.5) * rng.uniform(0.8, 1.3), rng.uniform(8, 24)
        while z < 130:
            if not street.in_junction(np.array([z]))[0]:
                items.append(_item(rng, "tree", lateral, z))
            z += spacing * rng.uniform(0.8, 1.2)
    edge = street.half_width + street.pavement
    for green in street.greens:
        z = green.start + rng.uniform(1, 4)
        while z < green.end - 1:
            if z > 6:
                items.append(_item(rng, "tree", green.side * (edge + rng.uniform(2.0, 9.0)), z))
            z += rng.uniform(8, 22)
    return items
