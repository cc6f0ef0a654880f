"""What a building looks like, and how it is put together from walls and a roof."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.scenes.canvas import UP, Canvas, Panel
from models.scenes.elements import District
from models.scenes.facade import MATERIALS, ROOFS, SHOP_COLOURS, Front, FrontStyle, gable, plain, roof
from models.scenes.light import Rows, linear


@dataclass(frozen=True)
class Building:
    """One building of a row: where it stands, its main measures (metres), its looks."""

    side: int
    start: float
    end: float
    setback: float
    height: float  # of the eaves
    roof_rise: float
    depth: float
    roof: int  # index into ROOFS
    chimneys: int
    style: FrontStyle


def sample_building(
    rng: np.random.Generator, district: District, *, side: int, start: float, setback: float
) -> Building:
    """Draw a building of this district that begins at `start`."""
    tall = district.tall
    floors = int(np.clip(round(rng.normal(2.1 + 1.5 * tall, 0.7 + 0.4 * tall)), 1, 7))
    modern = rng.random() < 0.15 + 0.1 * tall
    bays = int(rng.integers(2, 6)) + (2 if modern else 0)
    share = (rng.uniform(0.6, 0.86), rng.uniform(0.5, 0.7))
    style = FrontStyle(
        floor=rng.uniform(2.7, 3.3),
        bay=rng.uniform(1.9, 3.1),
        window=share if modern else (share[0] * 0.59, share[1] * 0.9),
        material=int(rng.integers(len(MATERIALS))),
        shop=int(rng.integers(len(SHOP_COLOURS))) if rng.random() < district.shops else None,
        seed=int(rng.integers(1 << 30)),
    )
    return Building(
        side=side,
        start=start,
        end=start + bays * style.bay,
        setback=setback,
        height=floors * style.floor + rng.uniform(0.5, 1.2),
        roof_rise=0.0 if modern or rng.random() < 0.2 else rng.uniform(1.6, 3.4),
        depth=rng.uniform(8, 12),
        roof=int(rng.integers(len(ROOFS))),
        chimneys=int(rng.integers(0, 3)),
        style=style,
    )


def draw_building(
    canvas: Canvas, building: Building, corners: tuple[np.ndarray, np.ndarray], rows: Rows, lateral: float
) -> None:
    """Draw front, near end, roof and chimneys.

    `corners` are the two ground corners (3,) of the front, nearer one first; `lateral` is the front's distance
    from the street's middle, negative on the left.
    """
    near, far = corners
    length = float(np.sqrt(((far - near) ** 2).sum()))
    along = (far - near) / length
    outward = np.array([-along[2], 0.0, along[0]]) * building.side  # towards the street
    light = canvas.light
    shade = light.on(outward, 0.0)

    def sunlit(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        return rows.sunlit(light, np.full(len(u), lateral, np.float32), v, building.start + u)

    front = Front(
        building.style, light, sunlit, (length, building.height), (shade, light.on(outward) - shade)
    )
    canvas.draw_panel(Panel(near, along, UP, length, building.height), front)
    end = gable(building.style, (building.height, building.roof_rise, building.depth), light.on(-along, 0.7))
    canvas.draw_panel(Panel(near, -outward, UP, building.depth, building.height + building.roof_rise), end)
    if building.roof_rise > 0:
        _draw_roof(canvas, building, near, along, outward, length)


def _draw_roof(
    canvas: Canvas,
    building: Building,
    near: np.ndarray,
    along: np.ndarray,
    outward: np.ndarray,
    length: float,
) -> None:
    half, rise = building.depth / 2, building.roof_rise
    slope = float(np.sqrt(half**2 + rise**2))
    upwards = (UP * rise - outward * half) / slope
    normal = (outward * rise + UP * half) / slope
    tiles = roof(building.roof, building.style.seed, canvas.light.on(normal))
    canvas.draw_panel(Panel(near + UP * building.height, along, upwards, length, slope), tiles)
    wall = linear(*MATERIALS[building.style.material][0])
    for index in range(building.chimneys):
        share = 0.02 if index == 0 else 0.8
        foot = (
            near
            + along * length * share
            - outward * building.depth * 0.42
            + UP * (building.height + 0.7 * rise)
        )
        for edge, facing in ((-outward, -along), (along, outward)):
            canvas.draw_panel(Panel(foot, edge, UP, 1.1, 1.9), plain(wall * canvas.light.on(facing, 0.8)))
