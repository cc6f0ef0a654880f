"""Draw a plan: solid surfaces near to far, ground and sky behind them, then objects far to near."""

from __future__ import annotations

import numpy as np

from models.scenes import furniture, people, trees, vehicles
from models.scenes.buildings import draw_building
from models.scenes.camera import Camera
from models.scenes.canvas import UP, Canvas, Panel, Shaded
from models.scenes.elements import FIRST, Boundary, Item
from models.scenes.ground import draw_ground, draw_sky
from models.scenes.ids import BUILDING, TREE
from models.scenes.light import Light, Rows, linear
from models.scenes.noise import fractal_tile, grain_tile, look_up, look_up_smooth
from models.scenes.plan import Plan
from models.scenes.shadows import shadow_maps, tree_of


def draw_plan(plan: Plan, *, height: int, width: int) -> Canvas:
    """Draw a plan at this size without antialiasing: solid surfaces near to far, then objects far to near."""
    view = plan.view
    camera = Camera(width, height, view.focal * height, view.horizon * height, view.x, view.eye, view.yaw)
    canvas = Canvas(camera, plan.light)
    rows = _rows(plan)
    for building in sorted(plan.buildings, key=lambda building: building.start):
        lateral = building.side * (plan.street.half_width + plan.street.pavement + building.setback)
        corners = plan.street.at(lateral, building.start), plan.street.at(lateral, building.end)
        draw_building(canvas, building, corners, rows, lateral)
    for boundary in plan.boundaries:
        if boundary.kind in ("boards", "wall"):
            _draw_boundary(canvas, plan, boundary, rows)
    _draw_backdrop(canvas, plan)
    draw_ground(canvas, plan.street, rows, shadow_maps(plan))
    draw_sky(canvas, plan.cloud_shift)
    _draw_objects(canvas, plan, rows)
    return canvas


def _rows(plan: Plan) -> Rows:
    """Heights of the buildings on both sides, metre by metre, for the shadows they cast."""
    start, cells = FIRST - 30, 260
    heights = {-1: np.zeros(cells, np.float32), 1: np.zeros(cells, np.float32)}
    for building in plan.buildings:
        first, last = int(building.start - start), int(building.end - start)
        heights[building.side][max(first, 0) : max(last, 0)] = building.height + building.roof_rise * 0.7
    line = plan.street.half_width + plan.street.pavement + sum(plan.district.setback) / 2
    return Rows(heights[-1], heights[1], line, line, start)


def _draw_boundary(canvas: Canvas, plan: Plan, boundary: Boundary, rows: Rows) -> None:
    near, far = (
        plan.street.at(boundary.lateral, boundary.start),
        plan.street.at(boundary.lateral, boundary.end),
    )
    length = float(np.sqrt(((far - near) ** 2).sum()))
    along = (far - near) / length
    normal = np.array([-along[2], 0.0, along[0]]) * np.sign(boundary.lateral)
    middle = np.array([(boundary.start + boundary.end) / 2])
    share = float(rows.sunlit(canvas.light, np.array([boundary.lateral]), 1.0, middle)[0])
    irradiance = canvas.light.on(normal, share)
    rng = np.random.Generator(np.random.PCG64(boundary.seed))
    panel = Panel(near, along, UP, length, boundary.height)
    if boundary.kind == "railing":
        shader = furniture.railing(irradiance, float(rng.choice([40.0, 70.0, 150.0])))
    elif boundary.kind == "boards":
        shader = furniture.board_fence(
            irradiance, ((120, 92, 66), (96, 78, 60), (140, 128, 112))[int(rng.integers(3))]
        )
    elif boundary.kind == "wall":
        shader = furniture.low_wall(
            irradiance, ((138, 88, 70), (160, 142, 112), (150, 148, 140))[int(rng.integers(3))]
        )
    else:
        shader = trees.hedge(canvas, irradiance, int(rng.integers(6)), boundary.height)
    canvas.draw_panel(panel, shader)


def _draw_backdrop(canvas: Canvas, plan: Plan) -> None:
    """Close the view far away with trees and roofs, so that no sky shows at the horizon."""
    shift = plan.backdrop_seed
    middle = plan.street.at(0.0, 165.0)
    irradiance = canvas.light.on((0.0, 0.2, -1.0), 0.7)

    def shade(u: np.ndarray, v: np.ndarray, depth: np.ndarray) -> Shaded:
        clump = look_up_smooth(fractal_tile(), u * 3 + shift, v * 3)
        crown = (
            4.5 + 3.0 * look_up_smooth(fractal_tile(), u * 1.2 + shift, np.full_like(u, shift)) + 1.2 * clump
        )
        block = np.floor(u / 13)
        roof = 8.0 + 5.0 * look_up(grain_tile(), block * 5 + shift, block * 3)
        is_tree = v < crown
        leaves = linear(74, 88, 52) * (1 + 0.3 * clump)[:, None]
        windows = ((u % 3) < 1.1) & ((v % 3) > 1.4)
        walls = np.where(windows[:, None], linear(84, 80, 78), linear(156, 138, 120))
        return Shaded(
            np.where(is_tree[:, None], leaves, walls) * irradiance,
            np.where(is_tree, TREE, BUILDING),
            np.where(is_tree | (v < roof), 1.0, -1.0),
        )

    corner = middle - np.array([260.0, 0.0, 0.0])
    canvas.draw_panel(Panel(corner, np.array([1.0, 0.0, 0.0]), UP, 520.0, 26.0), shade)


def _draw_objects(canvas: Canvas, plan: Plan, rows: Rows) -> None:
    """Draw see-through boundaries and all items, far to near."""
    drawables: list[tuple[float, Item | Boundary]] = [(item.z, item) for item in plan.items]
    for boundary in plan.boundaries:
        if boundary.kind in ("railing", "hedge"):
            drawables.append((boundary.start, boundary))
    for _, thing in sorted(drawables, key=lambda entry: -entry[0]):
        if isinstance(thing, Boundary):
            _draw_boundary(canvas, plan, thing, rows)
        else:
            _draw_item(canvas, plan, thing, rows)


def _draw_item(canvas: Canvas, plan: Plan, item: Item, rows: Rows) -> None:
    rng = np.random.Generator(np.random.PCG64(item.seed))
    light: Light = plan.light
    origin = plan.street.at(item.lateral, item.z)
    share = float(rows.sunlit(light, np.array([item.lateral]), 1.0, np.array([item.z]))[0])
    if item.kind == "tree":
        trees.draw_tree(canvas, tree_of(plan, item), origin, share)
        return
    heading = plan.street.heading(item.z)
    towards = -1.0 if item.lateral > 0 else 1.0
    if item.kind in vehicles.BODIES or item.kind == "parked":
        kind = (
            ("hatchback", "saloon", "estate", "van")[rng.choice(4, p=[0.45, 0.28, 0.2, 0.07])]
            if item.kind == "parked"
            else item.kind
        )
        moving = item.kind != "parked"
        faces = vehicles.vehicle(
            kind, rng, lamps_lit=light.lamps_lit and moving, braking=moving and rng.random() < 0.3
        )
        heading += item.heading
    else:
        faces = {
            "pedestrian": lambda: people.pedestrian(rng),
            "bicyclist": lambda: people.bicyclist(rng, sideways=False),
            "bicyclist across": lambda: people.bicyclist(rng, sideways=True),
            "lamp": lambda: furniture.lamp(rng, towards=towards, lit=light.lamps_lit),
            "traffic light": lambda: furniture.traffic_light(rng),
            "sign": lambda: furniture.road_sign(rng),
            "bollard": lambda: furniture.bollard(rng),
        }[item.kind]()
        heading = plan.view.yaw
    canvas.draw_faces(faces, origin, heading, share)
