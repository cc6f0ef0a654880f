"""What a street is: widths, bend, junction, surface, and what stands along it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Green:
    """A stretch of grass beyond the pavement on one side (-1 left, +1 right), metres along the street."""

    side: int
    start: float
    end: float


@dataclass(frozen=True)
class Street:
    """The ground plan. Lengths in metres, colours in display units, `texture` shifts the noise."""

    half_width: float
    pavement: float
    bend: float
    junction: tuple[float, float] | None
    crossings: tuple[float, ...]
    greens: tuple[Green, ...]
    asphalt: tuple[float, float, float]
    paving: tuple[float, float, float]
    dash: float
    dash_share: float
    edge: str
    patches: tuple[tuple[float, float, float, float, float], ...]
    texture: float

    def centre(self, z: np.ndarray | float) -> np.ndarray | float:
        """x of the street's middle at distance z: a parabola, straight for bend 0."""
        return self.bend * z * z

    def at(self, lateral: float, z: float) -> np.ndarray:
        """World position (3,) on the ground, `lateral` metres right of the street's middle."""
        return np.array([self.bend * z * z + lateral, 0.0, z])

    def heading(self, z: float) -> float:
        """Direction of the street at distance z, radians to the right of straight ahead."""
        return float(np.arctan(2 * self.bend * z))

    def in_junction(self, z: np.ndarray) -> np.ndarray:
        """Where a crossing street runs, boolean like z."""
        if self.junction is None:
            return np.zeros(np.shape(z), bool)
        return (z > self.junction[0]) & (z < self.junction[1])


def sample_street(rng: np.random.Generator, *, junction_share: float) -> Street:
    """Draw width, bend, junction, crossings, surface and markings (no greens yet)."""
    half_width = rng.uniform(3.1, 5.2)
    start = rng.uniform(16, 45)
    junction = (start, start + rng.uniform(8, 14)) if rng.random() < junction_share else None
    crossings: tuple[float, ...] = ()
    if junction is not None and rng.random() < 0.6:
        crossings = (junction[0] - 4.0,)
    elif rng.random() < 0.25:
        crossings = (rng.uniform(9, 26),)
    grey = rng.uniform(76, 112)
    pave = rng.uniform(120, 165)
    patches = tuple(
        (
            rng.uniform(-4, 3),
            rng.uniform(3, 30),
            rng.uniform(0.5, 2),
            rng.uniform(1, 8),
            rng.uniform(0.72, 1.15),
        )
        for _ in range(int(rng.integers(0, 6)))
    )
    return Street(
        half_width=half_width,
        pavement=rng.uniform(1.6, 3.6),
        bend=float(rng.choice([0.0, 0.0, 1.0]) * rng.uniform(-1, 1) * 0.0022),
        junction=junction,
        crossings=crossings,
        greens=(),
        asphalt=(grey, grey + rng.uniform(-2, 1), grey + rng.uniform(-3, 5)),
        paving=(pave + rng.uniform(0, 10), pave, pave - rng.uniform(0, 14)),
        dash=rng.uniform(4, 9),
        dash_share=rng.uniform(0.35, 0.65),
        edge=("none", "white", "yellow")[rng.choice(3, p=[0.4, 0.25, 0.35])],
        patches=patches,
        texture=float(rng.integers(512)),
    )
