"""Procedural scenes: projection, clipping, occlusion and shadows against closed-form cases."""

from __future__ import annotations

import numpy as np
import pytest

from models.scenes.camera import NEAR, Camera, clip_near
from models.scenes.canvas import UP, Canvas, Face, Panel, Shaded
from models.scenes.ids import BUILDING, CAR
from models.scenes.light import Rows, sample_light


def test_camera_projects_by_similar_triangles():
    camera = Camera(width=200, height=100, focal=80.0, horizon=40.0, x=-1.0, eye=1.5, yaw=0.0)
    pixels = camera.to_pixels(camera.to_camera(np.array([[1.0, 0.0, 10.0]])))
    np.testing.assert_allclose(pixels, [[200 / 2 + 80 * (1 - -1) / 10, 40 + 80 * 1.5 / 10]])


def test_parallel_lines_meet_at_the_vanishing_point():
    camera = Camera(width=200, height=100, focal=80.0, horizon=40.0, x=-1.0, eye=1.5, yaw=0.1)
    far = camera.to_pixels(camera.to_camera(np.array([[-5.0, 0.0, 1e7], [5.0, 3.0, 1e7]])))
    np.testing.assert_allclose(far, [[100 - 80 * np.tan(0.1), 40]] * 2, atol=1e-3)


def test_clipping_keeps_what_is_in_front():
    polygon = np.array([[0.0, 0.0, -1.0], [0.0, 0.0, 3.0], [1.0, 0.0, 3.0], [1.0, 0.0, -1.0]])
    clipped = clip_near(polygon)
    assert clipped[:, 2].min() == pytest.approx(NEAR)
    assert sorted(map(tuple, clipped[:, [0, 2]].round(9).tolist())) == [(0, NEAR), (0, 3), (1, NEAR), (1, 3)]
    assert len(clip_near(polygon - (0, 0, 9))) == 0


@pytest.fixture
def canvas() -> Canvas:
    camera = Camera(width=64, height=48, focal=60.0, horizon=24.0, x=0.0, eye=1.5, yaw=0.0)
    return Canvas(camera, sample_light(np.random.default_rng(0)))


def wall(z: float, size: float = 8.0) -> Panel:
    return Panel(np.array([-size / 2, 1.5 - size / 2, z]), np.array([1.0, 0.0, 0.0]), UP, size, size)


def of_class(class_id: int):
    return lambda u, v, depth: Shaded(np.full((len(u), 3), 0.5), class_id)


def test_a_panel_covers_the_pixels_of_its_projection(canvas):
    canvas.draw_panel(wall(20.0), of_class(BUILDING))
    rows, columns = np.nonzero(canvas.ids == BUILDING)
    half = 60 * 4 / 20  # focal x half size / distance
    assert (columns.min(), columns.max() + 1) == (32 - half, 32 + half)
    assert (rows.min(), rows.max() + 1) == (24 - half, 24 + half)
    np.testing.assert_allclose(canvas.depth[rows, columns], 20.0, rtol=1e-5)


@pytest.mark.parametrize("order", [(10.0, 20.0), (20.0, 10.0)])
def test_the_nearer_panel_covers_the_farther_one_in_either_order(canvas, order):
    classes = {10.0: CAR, 20.0: BUILDING}
    for z in order:
        canvas.draw_panel(wall(z), of_class(classes[z]))
    assert (canvas.ids == CAR).sum() == 48 * 48  # 60 * 4 / 10 = 24 pixels each way
    assert (canvas.ids == BUILDING).sum() == 0


def test_absent_parts_of_a_panel_leave_no_label(canvas):
    def half(u, v, depth):
        return Shaded(np.ones((len(u), 3)), BUILDING, np.where(u < 4.0, 1.0, -1.0))

    canvas.draw_panel(wall(20.0), half)
    assert (canvas.ids == BUILDING).sum() == 12 * 24


def test_objects_hide_behind_walls_and_cover_what_is_behind(canvas):
    square = Face(
        np.array([(-1.0, 0.5, 0.0), (1.0, 0.5, 0.0), (1.0, 2.5, 0.0), (-1.0, 2.5, 0.0)]), np.ones(3), CAR
    )
    canvas.draw_panel(wall(20.0), of_class(BUILDING))
    canvas.draw_faces([square], np.array([0.0, 0.0, 30.0]), 0.0, 1.0)
    assert (canvas.ids == CAR).sum() == 0
    canvas.draw_faces([square], np.array([0.0, 0.0, 10.0]), 0.0, 1.0)
    side = 60 * 2 / 10
    assert side**2 <= (canvas.ids == CAR).sum() <= (side + 1) ** 2  # outlines may add half a pixel


def test_faces_turned_away_are_not_drawn(canvas):
    points = np.array([(-1.0, 0.5, 0.0), (1.0, 0.5, 0.0), (1.0, 2.5, 0.0), (-1.0, 2.5, 0.0)])
    away = Face(points, np.ones(3), CAR, normal=(0.0, 0.0, 1.0))
    canvas.draw_faces([away], np.array([0.0, 0.0, 10.0]), 0.0, 1.0)
    assert (canvas.ids == CAR).sum() == 0
    canvas.draw_faces([away], np.array([0.0, 0.0, 10.0]), np.pi, 1.0)
    assert (canvas.ids == CAR).sum() > 0


def test_building_shadows_end_where_the_ray_to_the_sun_clears_the_roof():
    light = sample_light(np.random.default_rng(0))
    to_sun = np.array([1.0, 1.0, 0.0]) / np.sqrt(2)  # from the right, 45 degrees high
    light = type(light)(**{**vars(light), "to_sun": to_sun})
    rows = Rows(np.zeros(50, np.float32), np.full(50, 6.0, np.float32), 5.0, 5.0, start=-10.0)
    lateral = np.array([-1.5, -0.5, 0.0, 4.0])  # 6.5, 5.5, 5 and 1 metres from the row at +5
    np.testing.assert_array_equal(rows.sunlit(light, lateral, 0.0, np.full(4, 3.0)), [1, 0, 0, 0])
