"""Data sets on the page: found, searched, shown with their reference masks."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.datasets.classes import CAMVID_CLASSES
from tests.ui import page_support
from tests.ui.page_support import checked, html
from tests.ui.toy import toy_image, toy_mask
from ui.images.dataset_picker import PICTURE
from ui.images.datasets import find_data_sets, matching, open_pairs, picture_source, thumbnail, why_none
from ui.images.source_picker import DATASET_TITLE

open_page = partial(page_support.open_page, "segmentation", scene=DATASET_TITLE)
NAMES = ("dawn street", "dusk street", "noon square")


def write_pairs(place: Path) -> None:
    for part in ("images", "masks"):
        (place / part).mkdir(parents=True)
    (place / "classes.txt").write_text("\n".join(CAMVID_CLASSES))
    for seed, name in enumerate(NAMES):
        pixels = np.rint(toy_image(180, 240, seed).transpose(1, 2, 0) * 255).astype(np.uint8)
        Image.fromarray(pixels).save(place / "images" / f"{name}.png")
        Image.fromarray(toy_mask(180, 240).astype(np.uint8)).save(place / "masks" / f"{name}.png")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_pairs(tmp_path / "data" / "towns" / "train")
    write_pairs(tmp_path / "data" / "villages")
    return tmp_path / "data"


def test_folders_of_pairs_are_found_with_their_splits(root: Path):
    found = {data_set.title: data_set.splits for data_set in find_data_sets(str(root))}
    assert found == {"data": ("villages",), "towns": ("train",), "villages": ("",)}
    assert find_data_sets(str(root / "nowhere")) == ()
    assert find_data_sets("") == ()


def test_a_picture_comes_with_its_reference_and_the_name_of_the_command_line(root: Path):
    towns = next(data_set for data_set in find_data_sets(str(root)) if data_set.title == "towns")
    source = picture_source(towns, "train", "dusk street", str(root))
    assert source.argument == f"{root / 'towns'}:train:dusk street"
    assert np.array_equal(source.reference, toy_mask(180, 240))
    assert source.class_names == CAMVID_CLASSES
    assert thumbnail(towns.name, "train", "dusk street", str(root)).startswith("data:image/")
    assert matching(NAMES, "STREET du") == ["dusk street"]
    assert matching(NAMES, "") == list(NAMES)


def test_the_page_searches_and_chooses(gallery: Path, root: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LRS_DATA_ROOT", str(root))
    page = open_page(dataset="towns")
    assert page.selectbox(key=PICTURE).options == list(NAMES)
    assert not page.button(key="run").disabled
    assert "dawn street" in html(page)
    checked(page.text_input(key="image_search").set_value("street").run())
    assert page.selectbox(key=PICTURE).options == ["dawn street", "dusk street"]
    checked(page.button(key="thumbnail_dusk street").click().run())
    assert page.selectbox(key=PICTURE).value == "dusk street"
    assert "dusk street" in html(page)
    checked(page.text_input(key="image_search").set_value("harbour").run())
    assert "Nothing found." in html(page)
    assert page.button(key="run").disabled


def test_a_folder_named_on_the_page(gallery: Path, root: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("LRS_DATA_ROOT", raising=False)
    page = open_page(folder=str(root))
    assert page.selectbox(key="image_dataset").value == "A folder …"
    assert page.selectbox(key="image_set").options == ["data", "towns", "villages"]
    assert page.selectbox(key=PICTURE).value == NAMES[0]
    checked(page.text_input(key="image_folder").set_value(str(root / "nowhere")).run())
    assert "No data set was found" in page.error[0].value


def test_a_folder_whose_owner_is_at_work_is_read_again(root: Path):
    place = root / "villages"
    villages = next(data_set for data_set in find_data_sets(str(place)) if data_set.title == "villages")
    before = picture_source(villages, "", NAMES[0], "")
    (place / "classes.txt").write_text("\n".join([*CAMVID_CLASSES[:-1], "tricyclist"]))
    after = picture_source(villages, "", NAMES[0], "")
    assert (before.class_names[-1], after.class_names[-1]) == ("bicyclist", "tricyclist")
    for part, name in (("images", "extra.png"), ("masks", "extra.png")):
        (place / part / name).write_bytes((place / part / f"{NAMES[0]}.png").read_bytes())
    assert "extra" in open_pairs(str(place), "", "").names


@pytest.mark.parametrize("below", ["", "train"])
def test_why_a_folder_can_not_be_used_is_said(
    tmp_path: Path, gallery: Path, below: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("LRS_DATA_ROOT", raising=False)
    place = tmp_path / "mine"
    write_pairs(place / below)
    (place / below / "classes.txt").write_text("sky\n\nroad\n")
    page = open_page(folder=str(place))
    assert "line 2 of" in page.error[0].value
    (place / below / "classes.txt").unlink()
    assert "class names" in why_none(str(place))


def test_splits_are_whatever_is_there(root: Path):
    frames = root / "camvid" / "night"
    write_pairs(frames)
    for path in (frames / "images").iterdir():
        path.rename(path.with_suffix(".jpg"))
    found = {data_set.title: data_set.splits for data_set in find_data_sets(str(root))}
    assert found["CamVid"] == ("night",)


@pytest.mark.data
def test_camvid_is_offered(gallery: Path, lrs_data_root: Path):
    page = open_page(dataset="CamVid", split="val", search="0016E5_08")
    assert page.selectbox(key="image_dataset").options[:2] == ["CamVid", "Pascal VOC 2012"]
    assert page.selectbox(key=PICTURE).value.startswith("0016E5_08")
    assert not page.button(key="run").disabled
