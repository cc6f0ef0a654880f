"""Procedural scenes: determinism, exact masks, plausible class shares, clear errors, the bundled gallery."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest

from lrscore.errors import InputError
from models.datasets.classes import CAMVID_CLASSES
from models.scenes import GALLERY, Scene, load_gallery_scene, render_scene
from models.scenes.__main__ import contact_sheet
from models.scenes.compose import draw_plan
from models.scenes.ids import BUILDING, POLE, ROAD, SKY
from models.scenes.photo import average_down, majority_down
from models.scenes.plan import sample_plan
from models.scenes.render import SUPERSAMPLING

SEEDS = range(24)


def plan_of(seed: int):
    return sample_plan(np.random.Generator(np.random.PCG64([seed, 0])))


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    return [render_scene(seed) for seed in SEEDS]


def test_shapes_types_and_ranges(scenes):
    for scene in scenes:
        assert scene.image.shape == (3, 180, 240)
        assert scene.image.dtype == np.float32
        assert scene.image.min() >= 0.0
        assert scene.image.max() <= 1.0
        assert scene.mask.shape == (180, 240)
        assert scene.mask.dtype == np.uint8
        assert scene.mask.max() <= 10  # no unlabelled pixels


def test_images_survive_storage_with_eight_bits(scenes):
    for scene in scenes[:4]:
        stored = np.rint(scene.image * 255).astype(np.uint8)
        np.testing.assert_array_equal(stored.astype(np.float32) / np.float32(255), scene.image)


def test_the_same_seed_gives_the_same_scene_whatever_was_rendered_before(scenes):
    again = render_scene(5)
    assert again.image.tobytes() == scenes[5].image.tobytes()
    assert again.mask.tobytes() == scenes[5].mask.tobytes()
    assert again.description == scenes[5].description


def test_numpy_seeds_and_sizes_are_accepted():
    scene = render_scene(np.int64(3), height=np.int64(24), width=np.int64(32))
    assert scene.mask.tobytes() == render_scene(3, height=24, width=32).mask.tobytes()


def test_different_seeds_differ(scenes):
    assert len({scene.image.tobytes() for scene in scenes}) == len(scenes)
    assert len({scene.mask.tobytes() for scene in scenes}) == len(scenes)
    assert len({scene.description for scene in scenes}) >= 8


def test_another_size_shows_the_same_street(scenes):
    large = render_scene(4, height=360, width=480)
    assert large.description == scenes[4].description
    assert (large.mask[::2, ::2] == scenes[4].mask).mean() > 0.93


@pytest.mark.parametrize(("height", "width"), [(16, 16), (37, 51), (101, 64), (48, 200)])
def test_odd_sizes(height, width):
    scene = render_scene(7, height=height, width=width)
    assert scene.image.shape == (3, height, width)
    assert scene.mask.shape == (height, width)
    assert scene.mask.max() <= 10


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"seed": 0, "height": 15}, "height: expected an integer number of pixels in 16..1080, got 15"),
        ({"seed": 0, "width": 2000}, "width: expected an integer number of pixels in 16..1080, got 2000"),
        ({"seed": 0, "width": 24.0}, "width: expected an integer"),
        ({"seed": 0, "height": True}, "height: expected an integer"),
        ({"seed": -1}, "seed: expected an integer >= 0, got -1"),
        ({"seed": 1.5}, "seed: expected an integer >= 0, got 1.5"),
        ({"seed": "3"}, "seed: expected an integer >= 0, got '3'"),
    ],
)
def test_bad_arguments_get_one_clear_sentence(arguments, text):
    with pytest.raises(InputError, match=re.escape(text)):
        render_scene(**arguments)


def test_every_class_appears_with_a_sensible_share(scenes):
    counts = np.sum([np.bincount(scene.mask.ravel(), minlength=11) for scene in scenes], axis=0)
    shares = dict(zip(CAMVID_CLASSES, counts / counts.sum(), strict=True))
    expected = {  # CamVid's train split is near the middle of each
        "sky": (0.08, 0.3),
        "building": (0.1, 0.35),
        "pole": (0.004, 0.03),
        "road": (0.22, 0.42),
        "pavement": (0.03, 0.12),
        "tree": (0.05, 0.25),
        "sign": (0.002, 0.02),
        "fence": (0.003, 0.05),
        "car": (0.02, 0.12),
        "pedestrian": (0.003, 0.03),
        "bicyclist": (0.0005, 0.02),
    }
    for name, (low, high) in expected.items():
        assert low < shares[name] < high, f"{name}: {shares[name]:.4f}"


def test_most_scenes_show_road_sky_and_buildings(scenes):
    seen = Counter(int(value) for scene in scenes for value in np.unique(scene.mask))
    assert seen[ROAD] == len(scenes)
    assert seen[SKY] >= len(scenes) - 2
    assert seen[BUILDING] >= len(scenes) - 2


def test_picture_and_mask_agree(scenes):
    for scene in scenes:
        brightness = scene.image.mean(axis=0)
        rows = np.indices(scene.mask.shape)[0]
        sky, road = scene.mask == SKY, scene.mask == ROAD
        assert brightness[sky].mean() > brightness[road].mean()
        assert rows[sky].mean() < rows[road].mean()
        assert road[-1].mean() > 0.3  # the camera stands on the road


def test_the_mask_is_the_majority_of_the_supersampled_geometry(scenes):
    """An independent count, pixel by pixel: no class of a block beats the one in the mask."""
    ids = draw_plan(plan_of(2), height=180 * SUPERSAMPLING, width=240 * SUPERSAMPLING).ids
    for row, column in np.random.default_rng(0).integers((180, 240), size=(800, 2)):
        top, left = row * SUPERSAMPLING, column * SUPERSAMPLING
        block = Counter(ids[top : top + SUPERSAMPLING, left : left + SUPERSAMPLING].ravel().tolist())
        assert block[int(scenes[2].mask[row, column])] == max(block.values())


def test_every_supersampled_pixel_has_a_class():
    for seed in range(40, 52):
        canvas = draw_plan(plan_of(seed), height=90, width=120)
        assert canvas.ids.max() <= 10
        assert np.isfinite(canvas.radiance).all()
        assert (canvas.radiance >= 0).all()


def test_thin_things_win_ties():
    ids = np.array([[POLE, SKY], [POLE, SKY]], np.uint8)
    assert majority_down(ids, 2)[0, 0] == POLE
    ids[1, 0] = SKY
    assert majority_down(ids, 2)[0, 0] == SKY


def test_average_is_the_mean_of_the_block():
    radiance = np.arange(2 * 4 * 3, dtype=np.float32).reshape(2, 4, 3)
    expected = radiance.reshape(1, 2, 2, 2, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(average_down(radiance, 2), expected)


def test_gallery_names_are_unique_slugs_and_load():
    names = [entry.name for entry in GALLERY]
    assert len(set(names)) == len(names) == 8
    assert len({entry.seed for entry in GALLERY}) == len(names)
    for entry in GALLERY:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", entry.name)
        assert entry.title
        assert entry.description.endswith(".")
        scene = load_gallery_scene(entry.name)
        assert scene.seed == entry.seed
        assert len(np.unique(scene.mask)) >= 7


def test_unknown_gallery_name_lists_the_known_ones():
    with pytest.raises(InputError, match=r"zebra-crossing, .*, got 'nowhere'"):
        load_gallery_scene("nowhere")


def test_contact_sheet_stacks_picture_and_mask(scenes):
    sheet = contact_sheet(scenes[:3], columns=2)
    assert sheet.shape == (2 * 360, 2 * 240, 3)
    assert (sheet[360:, 240:] == 255).all()  # the empty place
    np.testing.assert_array_equal(sheet[:180, :240], np.rint(scenes[0].image.transpose(1, 2, 0) * 255))
