"""The models on offer: bundled ones and those described in the folder that the server's owner names."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lrscore import ImageSettings
from models.segmentation.registry import available_models
from tests.ui.page_support import open_page
from ui.images.models import BUNDLED, choice_of, model_to_load, offered, recorded_name
from ui.library.described import MODELS_VARIABLE


@pytest.fixture
def described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "mine.json"
    file.write_text(
        json.dumps({"name": "my network", "network": "somewhere:network", "class_names": ["a", "b"]})
    )
    (tmp_path / "notes.txt").write_text("no description")
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    return file


def test_without_a_folder_only_bundled_models_are_offered(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(MODELS_VARIABLE, raising=False)
    assert list(offered()) == [BUNDLED, "street-isotropic"]
    settings = ImageSettings()
    assert model_to_load(BUNDLED, settings) == "street-unet"
    assert model_to_load(BUNDLED, replace(settings, two_views=True)) == "street-two-view"


def test_descriptions_are_offered_by_their_file_and_recognised_by_their_name(described: Path):
    assert offered()["mine"] == str(described)
    assert model_to_load("mine", ImageSettings()) == str(described)
    assert recorded_name(str(described)) == "my network"
    assert choice_of("my network") == "mine"
    assert choice_of("street-isotropic") == "street-isotropic"
    assert choice_of("somebody else's") == BUNDLED


def test_a_link_names_no_other_file_or_module(described: Path):
    assert set(offered()) == {BUNDLED, "street-isotropic", "mine"}
    assert model_to_load("os:system", ImageSettings()) == "street-unet"


def test_a_description_that_can_not_be_read_keeps_its_path_as_name(described: Path):
    described.write_text("{")
    assert recorded_name(str(described)) == str(described)


def test_every_bundled_model_says_where_it_fails():
    for entry in available_models():
        assert "Night" in entry.limits
        assert "wide photographs" in entry.limits.lower()
        assert "##" not in entry.limits


def test_the_page_says_where_the_chosen_model_fails(gallery: Path):
    page = open_page("segmentation")
    assert any("Night, snow" in markdown.value for markdown in page.markdown)
