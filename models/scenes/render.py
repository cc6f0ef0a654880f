"""From a seed to a picture with its exact mask."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrscore.errors import InputError
from models.scenes.compose import draw_plan
from models.scenes.photo import average_down, develop, majority_down
from models.scenes.plan import Plan, sample_plan

SUPERSAMPLING = 2
SMALLEST, LARGEST = 16, 1080


@dataclass(frozen=True)
class Scene:
    """A rendered street: image (3, H, W) float32 in [0, 1], mask (H, W) uint8 of class ids 0..10.

    The mask comes from the same geometry as the picture, pixel by pixel; there are no unlabelled pixels.
    Bare crowns and railings are labelled as wholes, gaps included, as people who label photos do.
    """

    image: np.ndarray
    mask: np.ndarray
    seed: int
    description: str


def render_scene(seed: int, *, height: int = 180, width: int = 240) -> Scene:
    """Render the street that belongs to a seed.

    The same seed and size give the same arrays; another size shows the same street. `seed` is an integer >= 0,
    `height` and `width` are pixels in 16..1080. Raises `InputError` otherwise.
    """
    _check(seed, height, width)
    plan = sample_plan(np.random.Generator(np.random.PCG64([seed, 0])))
    canvas = draw_plan(plan, height=height * SUPERSAMPLING, width=width * SUPERSAMPLING)
    radiance = average_down(canvas.radiance, SUPERSAMPLING)
    image = develop(radiance, plan.light.exposure, np.random.Generator(np.random.PCG64([seed, 1])))
    mask = majority_down(canvas.ids, SUPERSAMPLING)
    return Scene(np.ascontiguousarray(image.transpose(2, 0, 1)), mask, seed, describe(plan))


def _check(seed: int, height: int, width: int) -> None:
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise InputError(f"seed: expected an integer >= 0, got {seed!r}")
    for name, value in (("height", height), ("width", width)):
        if (
            isinstance(value, bool)
            or not isinstance(value, int | np.integer)
            or not SMALLEST <= value <= LARGEST
        ):
            raise InputError(
                f"{name}: expected an integer number of pixels in {SMALLEST}..{LARGEST}, got {value!r}"
            )


def describe(plan: Plan) -> str:
    """One sentence fragment, such as "high street with a junction, overcast"."""
    extra = " with a junction" if plan.street.junction else ""
    light = {"bright": "bright day", "dull": "dull day"}.get(plan.light.mood, plan.light.mood)
    return f"{plan.district.name}{extra}, {light}"
