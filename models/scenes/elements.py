"""What a scene is furnished with: kinds of street, things that stand on the ground, boundaries."""

from __future__ import annotations

from dataclasses import dataclass

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
