"""From a seed to a picture with its exact mask."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrscore.errors import InputError
from models.scenes import furniture, people, trees, vehicles
from models.scenes.buildings import UP, Building, draw_building
from models.scenes.camera import Camera
from models.scenes.canvas import Canvas, Panel, Shaded
from models.scenes.ground import Shadow, draw_ground, draw_sky
from models.scenes.ids import BUILDING, TREE
from models.scenes.light import Light, Rows, linear
from models.scenes.noise import fractal_tile, grain_tile, look_up, look_up_smooth
from models.scenes.photo import average_down, develop, majority_down
from models.scenes.plan import FIRST, Boundary, Item, Plan, sample_plan
from models.scenes.street import Street

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


def draw_plan(plan: Plan, *, height: int, width: int) -> Canvas:
    """Draw a plan at this size without antialiasing: solid surfaces near to far, then objects far to near."""
    view = plan.view
    camera = Camera(width, height, view.focal * height, view.horizon * height, view.x, view.eye, view.yaw)
    canvas = Canvas(camera, plan.light)
    rows = _rows(plan)
    for building in sorted(plan.buildings, key=lambda building: building.start):
        draw_building(canvas, building, _front(plan.street, building), rows)
    for boundary in plan.boundaries:
        if boundary.kind in ("boards", "wall"):
            _draw_boundary(canvas, plan, boundary, rows)
    _draw_backdrop(canvas, plan)
    draw_ground(canvas, plan.street, rows, _shadows(plan))
    draw_sky(canvas, plan.cloud_shift)
    _draw_objects(canvas, plan, rows)
    return canvas


def _front(street: Street, building: Building) -> tuple[np.ndarray, np.ndarray]:
    lateral = building.side * (street.half_width + street.pavement + building.setback)
    return street.at(lateral, building.start), street.at(lateral, building.end)


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
    camera, shift = canvas.camera, plan.backdrop_seed
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
    assert camera.horizon >= 0


def _shadows(plan: Plan) -> list[Shadow]:
    """Contact shadows below vehicles and people, and what the sun casts behind vehicles and trees."""
    east, up, north = plan.light.to_sun
    reach = np.array([-east, -north]) / max(up, 0.12)
    found = []
    for item in plan.items:
        place = plan.street.at(item.lateral, item.z)[[0, 2]]
        if item.kind in vehicles.BODIES or item.kind == "parked":
            half = np.array([(-0.95, -2.2), (0.95, -2.2), (0.95, 2.2), (-0.95, 2.2)])
            angle = item.heading + plan.street.heading(item.z)
            turned = np.stack(
                [
                    half[:, 0] * np.cos(angle) + half[:, 1] * np.sin(angle),
                    half[:, 1] * np.cos(angle) - half[:, 0] * np.sin(angle),
                ],
                axis=1,
            )
            found.append(Shadow(turned * 1.05 + place, soft=True))
            found.append(Shadow(_swept(turned, reach * 1.3) + place))
        elif item.kind == "pedestrian":
            square = np.array([(-0.2, -0.15), (0.2, -0.15), (0.2, 0.15), (-0.2, 0.15)])
            found.append(Shadow(square * 1.4 + place, soft=True))
            found.append(Shadow(_swept(square, reach * 1.65) + place))
        elif item.kind == "tree" and not plan.leafless:
            tree = _tree_of(plan, item)
            angles = np.arange(16) * (np.pi / 8)
            ragged = 1 + 0.18 * np.cos(angles * 3 + tree.seed % 5) + 0.1 * np.cos(angles * 7)
            oval = (
                np.stack([np.cos(angles), np.sin(angles) * 1.2], axis=1)
                * ragged[:, None]
                * tree.spread
                * 0.45
            )
            found.append(Shadow(oval + place + reach * tree.height * 0.62))
    return found


def _swept(outline: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Convex hull of an outline and of its copy moved by `reach`, ordered by angle about the middle."""
    points = np.concatenate([outline, outline + reach])
    from_middle = points - points.mean(axis=0)
    return points[np.argsort(np.arctan2(from_middle[:, 1], from_middle[:, 0]))]


def _tree_of(plan: Plan, item: Item) -> trees.Tree:
    return trees.sample_tree(np.random.Generator(np.random.PCG64(item.seed)), bare=plan.leafless)


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
        trees.draw_tree(canvas, _tree_of(plan, item), origin, share)
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
