"""The certificates stored for presets are those of the presets, the scenes and the checkpoints in the tree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import lrscore
from lrscore.verify import verify_file
from models.scenes.gallery import GALLERY
from models.segmentation.names import bundled_digest
from tests.ui.page_support import html, open_page
from ui.images.request import COPIES, DEFAULTS, PRESETS
from ui.images.stored_presets import STORED_PRESETS, preset_request
from ui.library.bundled import FIRST_PRESET, OWN_PRESET, preset_file
from ui.library.entries import list_entries

SCENES = [scene.name for scene in GALLERY]


@pytest.fixture(autouse=True)
def bundled(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("LRS_GALLERY", raising=False)


def stored() -> list[tuple[str, str]]:
    return [
        (scene, preset.name)
        for scene in SCENES
        for preset in STORED_PRESETS
        if preset.name != OWN_PRESET and preset_file(scene, preset.name).is_file()
    ]


def test_every_file_belongs_to_a_scene_and_a_preset_and_none_is_missing():
    files = {path.name for path in preset_file(SCENES[0], "live").parent.glob("*.nc")}
    assert files == {f"{scene}-{name}.nc" for scene, name in stored()}
    presets = [preset.name for preset in STORED_PRESETS if preset.name != OWN_PRESET]
    assert {(scene, name) for scene in SCENES for name in presets} == set(stored())


def test_each_answers_its_preset_on_its_scene_with_the_model_in_the_tree():
    wanted = {preset.name: preset for preset in STORED_PRESETS}
    for scene, name in stored():
        certificate = lrscore.load_certificate(preset_file(scene, name))
        request = preset_request(wanted[name], certificate.shape)
        assert certificate.settings == replace(
            request.settings,
            correction="bonferroni",
            tolerated=1,
            offered=(),
            batch_size=certificate.settings.batch_size,
        ), (scene, name)
        assert certificate.provenance["title"] == scene
        assert certificate.provenance["seed"] == "0"
        assert certificate.provenance["model_digest"] == bundled_digest(request.model), (
            "stale: `make presets`"
        )
        own = lrscore.load_certificate(preset_file(scene, name).parents[1] / f"{scene}.nc")
        assert np.array_equal(certificate.image, own.image)


def test_a_stored_preset_verifies_with_its_proofs():
    assert len(verify_file(preset_file(SCENES[0], "isotropic"))) >= 5


def test_a_click_on_the_pyramid_is_answered_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Its views are no control: what the page asks for after the click has to be what is stored."""
    monkeypatch.setenv("LRS_LIBRARY", str(tmp_path))
    page = open_page("segmentation")
    page.pills(key="image_preset").set_value("pyramid")
    page.run()
    assert not page.exception
    assert page.pills(key="image_preset").value == "pyramid"
    assert not page.info, "nothing is missing"
    assert "certified-share" in html(page)


@pytest.mark.parametrize("parameters", [{}, {"open": SCENES[1]}])
def test_the_first_look_at_a_scene_asks_for_nothing_and_says_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parameters: dict[str, str]
):
    """What a newcomer meets: views, answered, and no sentence about other settings."""
    monkeypatch.setenv("LRS_LIBRARY", str(tmp_path))
    page = open_page("segmentation", **parameters)
    assert page.pills(key="image_preset").value == FIRST_PRESET
    assert not page.info
    assert not page.error
    assert "other settings than" not in html(page)
    assert "certified-share" in html(page)
    assert PRESETS[0].name == FIRST_PRESET
    assert dict(PRESETS[0].values) == dict(DEFAULTS)
    page.pills(key="image_preset").set_value(OWN_PRESET)
    page.run()
    assert not page.info
    assert not page.toggle(key="image_views").value


@pytest.mark.parametrize(
    ("control", "value"), [("image_model", "street-isotropic"), ("image_noise", "laplace")]
)
def test_what_views_can_not_do_gets_copies_for_each_region(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, control: str, value: str
):
    monkeypatch.setenv("LRS_LIBRARY", str(tmp_path))
    page = open_page("segmentation")
    page.selectbox(key=control).select(value).run()
    assert not page.error
    assert not page.toggle(key="image_views").value
    assert page.selectbox(key=control).value == value
    assert page.slider(key="image_rows").value == COPIES["rows"]
    chosen = open_page("segmentation", levels=["0.1", "0.7"])
    chosen.selectbox(key=control).select(value).run()
    assert chosen.toggle(key="image_views").value, "noise that was chosen by hand stays"


def test_what_is_shown_first_lies_on_the_shelf_and_opens_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LRS_LIBRARY", str(tmp_path))
    listed = {entry.identity for entry in list_entries(tmp_path)}
    for scene in SCENES:
        assert {f"bundled:{scene}", f"bundled:{scene}-{FIRST_PRESET}"} <= listed
    page = open_page("segmentation", open=f"bundled:{SCENES[1]}-{FIRST_PRESET}")
    assert page.selectbox(key="image_scene").value == SCENES[1]
    assert page.toggle(key="image_views").value
    assert not page.info
    assert not page.error
