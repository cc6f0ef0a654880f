"""A model that can not take the photo's size is told when both are chosen; small photos are taken as anywhere else."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from models.datasets.photos import MIN_SIDE, load_photo
from tests.ui.images.test_upload import encoded, gradient
from tests.ui.page_support import COPIES, checked, open_page
from ui.images.upload import UploadError, read_upload
from ui.library.described import MODELS_VARIABLE
from ui.running.machine import ModelShelf

REAL = ModelShelf.get
SMALL = {**COPIES, "rows": "2", "cols": "2"}
NETWORKS = """
from pathlib import Path
from torch import nn
class Halves(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(3, 2, 1)
    def forward(self, x):
        with Path(__file__).with_name("asked.txt").open("a") as file:
            file.write(f"{tuple(x.shape)}\\n")
        if x.shape[-1] % 64 or x.shape[-2] % 64:
            raise RuntimeError("sizes of tensors must match")
        return self.layer(x)
class Wide(Halves):
    def forward(self, x):
        if x.shape[-1] < 300:
            raise RuntimeError("too narrow for my taste")
        return self.layer(x)
def halves():
    return Halves()
def wide():
    return Wide()
"""
DESCRIBED = "network: fitting_networks:{}\nclass_names: [road, rest]\n"


@pytest.fixture
def models(gallery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Descriptions of networks that mind the size of a picture, and the real shelf of models."""
    folder = tmp_path / "described"
    folder.mkdir()
    (folder / "fitting_networks.py").write_text(NETWORKS)
    for name in ("halves", "wide"):
        (folder / f"{name}.yaml").write_text(DESCRIBED.format(name))
    monkeypatch.setenv(MODELS_VARIABLE, str(folder))
    monkeypatch.setattr(ModelShelf, "get", REAL)
    return folder


def told(page: AppTest) -> str:
    """The page's errors, once the trial aside has ended."""
    deadline = time.monotonic() + 120
    while any("Trying the model" in one.value for one in page.caption):
        assert time.monotonic() < deadline
        time.sleep(0.2)
        checked(page.run())
    return "\n".join(one.value for one in page.error)


def test_a_model_that_can_not_take_the_picture_is_told_before_a_run(models: Path):
    page = open_page("segmentation", model="halves", **SMALL)
    said = told(page)
    assert "does not take this picture of 240×180 pixels" in said
    assert 'set "multiple" to 32' in said
    assert "In its description this lets pictures be padded" in said
    assert page.button(key="run").disabled
    # the advice is followed
    (models / "halves.yaml").write_text(DESCRIBED.format("halves") + "multiple: 32\n")
    checked(page.run())
    assert told(page) == ""
    assert not page.button(key="run").disabled


def test_what_no_padding_helps_says_what_else(models: Path):
    said = told(open_page("segmentation", model="wide", **SMALL))
    assert "too narrow for my taste" in said
    assert "Choose a picture of another size, or another model." in said


def test_a_trial_is_made_once_for_a_size(models: Path):
    (models / "halves.yaml").write_text(DESCRIBED.format("halves") + "multiple: 64\n")
    page = open_page("segmentation", model="halves", **SMALL)
    assert told(page) == ""
    asked = (models / "asked.txt").read_text().splitlines()
    assert asked[-1] == "(1, 3, 192, 256)"
    checked(page.slider(key="image_cols").set_value(3).run())
    assert told(page) == ""
    assert (models / "asked.txt").read_text().splitlines() == asked


def test_a_model_without_views_is_offered_copies_for_each_region(models: Path):
    """A link to a model of one's own says nothing of noise: the page begins with views."""
    (models / "halves.yaml").write_text(DESCRIBED.format("halves") + "multiple: 64\n")
    page = open_page("segmentation", model="halves")
    said = told(page)
    assert "reads one picture at a time" in said
    assert "another size" not in said
    assert page.button(key="run").disabled
    checked(page.button(key="use_copies").click().run())
    assert told(page) == ""
    assert not page.button(key="run").disabled
    assert page.slider(key="image_levels").value == (0.1, 0.3)


def test_a_model_that_can_not_be_loaded_is_told_too(models: Path):
    (models / "gone.yml").write_text(DESCRIBED.format("nowhere"))
    said = told(open_page("segmentation", model="gone", **SMALL))
    assert "nowhere" in said
    assert "It can not be certified" in said


def test_bundled_models_are_not_tried(gallery: Path):
    page = open_page("segmentation")
    assert told(page) == ""
    assert not page.button(key="run").disabled


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (31, 40), (20, 200)])
def test_small_photos_are_taken_as_on_the_command_line(size: tuple[int, int]):
    """Enlarged, which is said."""
    content = encoded(gradient(*size))
    upload = read_upload(content, "small.png")
    assert np.array_equal(upload.image, load_photo(content).image)
    assert f"resized from {size[0]}x{size[1]} to" in upload.remark


@pytest.mark.parametrize("size", [(500, 8), (8, 500)])
def test_and_thin_ones_are_refused_as_there(size: tuple[int, int]):
    with pytest.raises(UploadError, match=f"at least {MIN_SIDE} pixels"):
        read_upload(encoded(Image.new("RGB", size)), "thin.png")
