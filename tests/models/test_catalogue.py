"""Images by name, as the command line asks for them."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lrscore.errors import InputError
from models.catalogue import (
    fingerprint,
    image_sources,
    load_graph_model,
    load_image,
    load_image_model,
    load_images,
    model_digest,
)
from models.datasets.classes import CAMVID_CLASSES
from models.scenes import render_scene
from models.scenes.gallery import GALLERY
from models.segmentation.names import WEIGHTS
from ui.images.sources import source_of
from ui.library.bundled import examples


def test_a_picture_of_a_data_set_comes_with_its_reference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind, pixels in (
        ("images", np.zeros((32, 48, 3), np.uint8)),
        ("masks", np.full((32, 48), 11, np.uint8)),
    ):
        folder = tmp_path / "camvid" / "val" / kind
        folder.mkdir(parents=True)
        Image.fromarray(pixels).save(folder / ("a.jpg" if kind == "images" else "a.png"))
    monkeypatch.setenv("LRS_DATA_ROOT", str(tmp_path))
    loaded = load_image("camvid:val:a", (16, 1000))
    assert loaded.image.shape == (3, 16, 24)
    assert loaded.reference is not None
    np.testing.assert_array_equal(loaded.reference, np.full((16, 24), 255))
    assert loaded.class_names == CAMVID_CLASSES
    assert load_image("CamVid:val:a", None).class_names == CAMVID_CLASSES
    with pytest.raises(InputError, match="CamVid val has no picture 'b'"):
        load_image("camvid:val:b", None)
    with pytest.raises(InputError, match="Pascal VOC 2012 is not here"):
        load_image("voc:val:a", None)


@pytest.mark.parametrize("folder", ["mine", "16:9", "a:b:c"])
@pytest.mark.parametrize("split", ["", "train"])
def test_folders_and_pictures_may_have_colons_in_their_names(tmp_path: Path, folder: str, split: str) -> None:
    names = ("12:30", "noon")
    for part in ("images", "masks"):
        place = tmp_path / folder / split / part
        place.mkdir(parents=True)
        for name in names:
            Image.fromarray(np.zeros((32, 48), np.uint8)).save(place / f"{name}.png")
    (tmp_path / folder / "classes.txt").write_text("a\nb\n")
    source = f"{tmp_path / folder}:{split}"
    assert image_sources(source) == [f"{source}:{name}" for name in names]
    for name, picture in zip(names, load_images(source, None, limit=2), strict=True):
        assert picture.title == load_image(f"{source}:{name}", None).title == f"{source}:{name}"
        assert fingerprint(f"{source}:{name}") is not None
    with pytest.raises(InputError, match="is a folder: name one picture of it"):
        load_image(str(tmp_path / folder), None)


def test_scenes_and_files_are_found_as_before(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((32, 48, 3), np.uint8)).save(tmp_path / "photo.png")
    assert load_image(str(tmp_path / "photo.png"), None).image.shape == (3, 32, 48)
    with pytest.raises(InputError):
        load_image("no-such-scene", None)


def test_scenes_of_any_seed_are_rendered_with_their_reference() -> None:
    loaded, scene = load_image("scene:2000000", None), render_scene(2_000_000)
    assert loaded.class_names == CAMVID_CLASSES
    np.testing.assert_array_equal(loaded.reference, scene.mask)
    np.testing.assert_allclose(loaded.image, scene.image, atol=0.5 / 255 + 1e-6)
    for wrong in ("scene:", "scene:-1", "scene:one"):
        with pytest.raises(InputError, match="scene:SEED"):
            load_image(wrong, None)


def test_the_command_line_and_the_dashboard_certify_the_same_scene() -> None:
    example = examples()[0]
    np.testing.assert_array_equal(load_image(example.name, None).image, source_of(example).image)
    assert load_image(example.name, None).reference is not None


def test_bundled_models_are_known_without_being_loaded() -> None:
    for name in WEIGHTS:
        assert model_digest(name, "image") == load_image_model(name).digest
    assert model_digest("village-gcn", "graph") == load_graph_model("village-gcn").digest
    for name, kind in (
        ("street-unet+bfloat16", "image"),
        ("street-unet", "graph"),
        ("../checkpoints/x", "graph"),
    ):
        assert model_digest(name, kind) is None


def test_a_scene_is_known_by_its_seed_and_by_what_renders_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fingerprint("scene:7") == fingerprint("scene:7")
    seeds = {fingerprint(f"scene:{seed}") for seed in range(20)}
    assert len(seeds) == 20
    assert fingerprint(GALLERY[0].name) == fingerprint(f"scene:{GALLERY[0].seed}")
    monkeypatch.setattr("models.catalogue._renderer_digest", lambda: "another version")
    assert fingerprint("scene:7") not in seeds
    assert fingerprint("no such scene") is None
    with pytest.raises(InputError, match="whole number"):
        fingerprint("scene:x")
