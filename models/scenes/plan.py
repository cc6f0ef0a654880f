"""Draw a whole scene's plan from a seed: kind of street, buildings, greenery, traffic, people, light, camera."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from models.scenes.buildings import Building, sample_building
from models.scenes.light import Light, sample_light
from models.scenes.street import Green, Street, sample_street

FIRST, LAST = -8.0, 150.0  # metres along the street that are furnished


@dataclass(frozen=True)
class District:
    """How a kind of street is furnished: shares are probabilities, densities are per 100 m and side."""

    name: str
    weight: float
    built: float  # share of the frontage that is built up
    shops: float
    tall: float
    setback: tuple[float, float]
    street_trees: float
    parked: float
    people: float
    railings: float


DISTRICTS = (
    District("high street", 0.38, 0.98, 0.75, 1.0, (0.0, 0.6), 0.25, 6.0, 11.0, 0.1),
    District("terraced street", 0.24, 0.96, 0.1, 0.7, (0.0, 2.5), 0.3, 11.0, 3.0, 0.1),
    District("tree-lined avenue", 0.12, 0.78, 0.2, 0.8, (0.5, 4.0), 4.0, 5.0, 4.0, 0.25),
    District("suburban road", 0.16, 0.75, 0.0, 0.3, (2.5, 7.0), 0.8, 5.0, 2.0, 0.35),
    District("park road", 0.1, 0.25, 0.1, 0.8, (2.0, 6.0), 1.5, 2.0, 3.0, 0.5),
)


@dataclass(frozen=True)
class Item:
    """Something that stands on the ground: `lateral` metres right of the street's middle at distance `z`.

    `heading` is relative to the street (radians, 0 = away from the camera); `seed` decides its looks.
    """

    kind: str
    lateral: float
    z: float
    heading: float
    seed: int


@dataclass(frozen=True)
class Boundary:
    """A fence, wall, railing or hedge along the street (metres)."""

    kind: str
    lateral: float
    start: float
    end: float
    height: float
    seed: int


@dataclass(frozen=True)
class View:
    """Camera choices that do not depend on the picture's size: focal length and horizon in picture heights."""

    focal: float
    horizon: float
    x: float
    eye: float
    yaw: float


@dataclass(frozen=True)
class Plan:
    """Everything a scene consists of."""

    district: District
    street: Street
    light: Light
    view: View
    buildings: tuple[Building, ...]
    boundaries: tuple[Boundary, ...]
    items: tuple[Item, ...]
    cloud_shift: tuple[float, float]
    leafless: bool
    backdrop_seed: int


def sample_plan(rng: np.random.Generator) -> Plan:
    """Draw a plan; the same generator state gives the same plan."""
    weights = np.array([district.weight for district in DISTRICTS])
    district = DISTRICTS[rng.choice(len(DISTRICTS), p=weights / weights.sum())]
    street = sample_street(rng, junction_share=0.35)
    light = sample_light(rng)
    view = View(
        focal=rng.uniform(1.0, 1.35),
        horizon=rng.uniform(0.42, 0.55),
        x=-street.half_width * rng.uniform(0.3, 0.6),
        eye=rng.uniform(1.25, 1.75),
        yaw=rng.normal(0.0, 0.05),
    )
    leafless = rng.random() < 0.45
    frontages = [_frontage(rng, district, street, side) for side in (-1, 1)]
    buildings = tuple(building for built, _, _ in frontages for building in built)
    greens = tuple(green for _, green, _ in frontages for green in green)
    boundaries = tuple(boundary for _, _, bounds in frontages for boundary in bounds)
    street = replace(street, greens=greens)
    items = (
        _traffic(rng, district, street)
        + _people(rng, district, street)
        + _furniture(rng, street)
        + _trees(rng, district, street)
    )
    boundaries += _kerb_railings(rng, district, street)
    return Plan(
        district=district,
        street=street,
        light=light,
        view=view,
        buildings=buildings,
        boundaries=boundaries,
        items=tuple(items),
        cloud_shift=(rng.uniform(0, 512), rng.uniform(0, 512)),
        leafless=leafless,
        backdrop_seed=int(rng.integers(512)),
    )


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(1 << 30))


def _frontage(
    rng: np.random.Generator, district: District, street: Street, side: int
) -> tuple[list[Building], list[Green], list[Boundary]]:
    """One side of the street from near to far: runs of buildings, and gaps with grass behind a boundary."""
    line = street.half_width + street.pavement
    buildings: list[Building] = []
    greens: list[Green] = []
    boundaries: list[Boundary] = []
    built = district.built if rng.random() > 0.12 else 0.15
    position = FIRST - rng.uniform(0, 10)
    while position < LAST:
        if street.junction and street.junction[0] - street.pavement - 3.5 < position < street.junction[1]:
            position = street.junction[1] + street.pavement
        setback = rng.uniform(*district.setback)
        limit = (
            street.junction[0] - street.pavement
            if street.junction and position < street.junction[0]
            else np.inf
        )
        if rng.random() < built:
            building = sample_building(
                rng, side=side, start=position, setback=setback, shops=district.shops, tall=district.tall
            )
            end = min(building.end, limit)
            buildings.append(replace(building, end=end))
            if setback > 1.5:
                greens.append(Green(side, position, end))
                boundaries.append(_boundary(rng, side * line, position, end, district))
            position = end + (0.0 if rng.random() < 0.8 else rng.uniform(1, 4))
        else:
            end = min(position + rng.uniform(8, 30), limit)
            if rng.random() < 0.85:
                greens.append(Green(side, position, end))
                boundaries.append(_boundary(rng, side * line, position, end, district))
            position = end + 0.01
    return buildings, greens, boundaries


def _boundary(
    rng: np.random.Generator, lateral: float, start: float, end: float, district: District
) -> Boundary:
    kind = ("railing", "boards", "wall", "hedge", "none")[rng.choice(5, p=[0.28, 0.22, 0.2, 0.22, 0.08])]
    height = {
        "railing": 1.1,
        "boards": rng.uniform(1.3, 1.9),
        "wall": rng.uniform(0.7, 1.7),
        "hedge": rng.uniform(1.0, 2.4),
    }
    return Boundary(kind, lateral, start, end, height.get(kind, 0.0), _seed(rng))


def _kerb_railings(rng: np.random.Generator, district: District, street: Street) -> tuple[Boundary, ...]:
    found = []
    for side in (-1, 1):
        if rng.random() < district.railings:
            start = rng.uniform(4, 30)
            end = start + rng.uniform(8, 26)
            if street.junction and start < street.junction[1] and end > street.junction[0]:
                continue
            found.append(Boundary("railing", side * (street.half_width + 0.35), start, end, 1.1, _seed(rng)))
    return tuple(found)


def _traffic(rng: np.random.Generator, district: District, street: Street) -> list[Item]:
    items = []
    lane = street.half_width / 2
    z = rng.uniform(7, 30)
    while z < 120:  # own lane, seen from behind
        items.append(
            Item(_vehicle_kind(rng), -lane + rng.normal(0, 0.15), z, rng.normal(0, 0.02), _seed(rng))
        )
        z += rng.uniform(7, 60)
    z = rng.uniform(9, 50)
    while z < 120:  # oncoming
        items.append(
            Item(_vehicle_kind(rng), lane + rng.normal(0, 0.15), z, np.pi + rng.normal(0, 0.02), _seed(rng))
        )
        z += rng.uniform(7, 55)
    for side in (-1, 1):
        density = district.parked * rng.choice([0.0, 0.4, 1.3])
        z = rng.uniform(3, 14) + (6 if side < 0 else 0)
        while density > 0 and z < 110:
            if not street.in_junction(np.array([z]))[0] and rng.random() < 0.75 and street.half_width > 3.6:
                heading = 0.0 if side < 0 else np.pi
                items.append(
                    Item(
                        "parked",
                        side * (street.half_width - 0.95),
                        z,
                        heading + rng.normal(0, 0.03),
                        _seed(rng),
                    )
                )
            z += 5.6 + rng.exponential(60 / max(density, 0.5))
    if street.junction and rng.random() < 0.5:
        z = (street.junction[0] + street.junction[1]) / 2 + rng.uniform(-2, 2)
        items.append(
            Item(_vehicle_kind(rng), rng.uniform(-9, 9), z, rng.choice([-1, 1]) * np.pi / 2, _seed(rng))
        )
    return [
        item for item in items if not (item.kind != "parked" and item.z < 9 and abs(item.lateral + lane) > 9)
    ]


def _vehicle_kind(rng: np.random.Generator) -> str:
    return ("hatchback", "saloon", "estate", "van", "bus")[rng.choice(5, p=[0.38, 0.26, 0.18, 0.13, 0.05])]


def _people(rng: np.random.Generator, district: District, street: Street) -> list[Item]:
    items = []
    for side in (-1, 1):
        for _ in range(rng.poisson(district.people)):
            lateral = side * (street.half_width + rng.uniform(0.4, street.pavement - 0.3))
            items.append(
                Item(
                    "pedestrian",
                    lateral,
                    float(rng.uniform(7, 28) if rng.random() < 0.5 else rng.uniform(10, 80)),
                    0.0,
                    _seed(rng),
                )
            )
    for start in street.crossings:
        for _ in range(rng.poisson(1.2)):
            items.append(
                Item(
                    "pedestrian",
                    rng.uniform(-1, 1) * street.half_width,
                    start + rng.uniform(0.4, 2.6),
                    0.0,
                    _seed(rng),
                )
            )
    for _ in range(rng.poisson(1.7)):
        kind = "bicyclist" if rng.random() < 0.75 else "bicyclist across"
        side = -1 if rng.random() < 0.65 else 1
        items.append(
            Item(
                kind, side * (street.half_width - rng.uniform(0.5, 1.4)), rng.uniform(8, 40), 0.0, _seed(rng)
            )
        )
    return items


def _furniture(rng: np.random.Generator, street: Street) -> list[Item]:
    items = []
    for side in (-1, 1):
        spacing, z = rng.uniform(24, 45), rng.uniform(6, 35)
        while z < 100:
            items.append(Item("lamp", side * (street.half_width + 0.5), z, 0.0, _seed(rng)))
            z += spacing
        for _ in range(rng.poisson(2.2)):
            items.append(
                Item(
                    "sign",
                    side * (street.half_width + rng.uniform(0.4, 0.8)),
                    rng.uniform(6, 45),
                    0.0,
                    _seed(rng),
                )
            )
        if rng.random() < 0.2:
            start, step = rng.uniform(5, 20), rng.uniform(1.6, 3)
            for index in range(int(rng.integers(4, 9))):
                items.append(
                    Item("bollard", side * (street.half_width + 0.4), start + step * index, 0.0, _seed(rng))
                )
    stops = [street.junction[0] - 1.0] if street.junction else []
    stops += [start - 0.5 for start in street.crossings if rng.random() < 0.6]
    for z in stops[:1]:
        for side in (-1, 1):
            items.append(Item("traffic light", side * (street.half_width + 0.4), z, 0.0, _seed(rng)))
    return items


def _trees(rng: np.random.Generator, district: District, street: Street) -> list[Item]:
    items = []
    for side in (-1, 1):
        if rng.random() < 0.55 and district.street_trees > 0:
            spacing, z = 100 / (district.street_trees + 0.5) * rng.uniform(0.8, 1.3), rng.uniform(8, 24)
            while z < 130:
                if not street.in_junction(np.array([z]))[0]:
                    items.append(
                        Item(
                            "tree",
                            side * (street.half_width + min(1.0, street.pavement * 0.4)),
                            z,
                            0.0,
                            _seed(rng),
                        )
                    )
                z += spacing * rng.uniform(0.8, 1.2)
    line = street.half_width + street.pavement
    for green in street.greens:
        z = green.start + rng.uniform(1, 4)
        while z < green.end - 1:
            if z > 6:
                items.append(Item("tree", green.side * (line + rng.uniform(2.0, 9.0)), z, 0.0, _seed(rng)))
            z += rng.uniform(8, 22)
    return items
