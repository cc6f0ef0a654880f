"""Draw a whole scene's plan from a seed: kind of street, buildings, greenery, traffic, people, light, camera."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from models.scenes.buildings import Building
from models.scenes.elements import DISTRICTS, Boundary, District, Item
from models.scenes.frontage import kerb_railings, sample_frontage
from models.scenes.light import Light, sample_light
from models.scenes.placing import place_furniture, place_people, place_traffic, place_trees
from models.scenes.street import Street, sample_street


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
    frontages = [sample_frontage(rng, district, street, side) for side in (-1, 1)]
    street = replace(street, greens=frontages[0].greens + frontages[1].greens)
    items = (
        place_traffic(rng, district, street)
        + place_people(rng, district, street)
        + place_furniture(rng, street)
        + place_trees(rng, district, street)
    )
    railings = kerb_railings(rng, district, street)
    return Plan(
        district=district,
        street=street,
        light=light,
        view=view,
        buildings=frontages[0].buildings + frontages[1].buildings,
        boundaries=frontages[0].boundaries + frontages[1].boundaries + railings,
        items=tuple(items),
        cloud_shift=(rng.uniform(0, 512), rng.uniform(0, 512)),
        leafless=leafless,
        backdrop_seed=int(rng.integers(512)),
    )
