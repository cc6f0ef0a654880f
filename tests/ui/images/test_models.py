"""The models on offer: bundled ones and those described in the folder that the server's owner names."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lrscore import ImageSettings
from lrscore.errors import InputError
from models.arithmetic import Arithmetic
from models.dressing import Dressing
from models.segmentation.registry import available_models
from tests.ui.page_support import open_page
from ui.images import models
from ui.images.attack.work import attack_model
from ui.images.models import BUNDLED, choice_of, model_to_load, offered, recorded_name
from ui.images.request import Request
from ui.library.described import MODELS_VARIABLE
from ui.running.machine import Pacemaker
from ui.running.machine_resources import pacemaker


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


@pytest.mark.parametrize("suffix", ["", "+denoised", "+bfloat16", "+denoised+float16"])
def test_what_is_put_around_a_model_is_read_from_its_recorded_name(suffix):
    """A certificate's name brings the controls back, and the controls bring the name back."""
    values = models.dressing_of("street-isotropic" + suffix)
    assert values["denoise"] == ("denoised" in suffix)
    worn = Dressing(
        values["denoise"], None if values["precision"] == models.AS_IT_IS else values["precision"]
    )
    assert worn.suffix == suffix
    assert models.choice_of("street-isotropic" + suffix) == "street-isotropic"
    request = Request(ImageSettings(), 0, "street-isotropic", suffix)
    assert models.recorded_name(request.model) == "street-isotropic" + suffix
    assert set(values) == set(models.DRESSING)


def test_names_that_contradict_themselves_are_nobody_s():
    assert models.choice_of("street-unet+float16+bfloat16") == models.BUNDLED
    assert models.dressing_of("street-unet+float16+bfloat16") == models.DRESSING


def test_a_file_attacks_the_bundled_model_as_it_was_dressed_and_compiles_nothing():
    from types import SimpleNamespace

    def attacked(name):
        return attack_model(SimpleNamespace(provenance={"model": name}))

    assert attacked("street-unet+denoised+bfloat16") == "street-unet+denoised+bfloat16"
    assert attacked("street-unet+compiled") is None
    assert attacked("street-unet+float16+bfloat16") is None
    assert attacked("os:system+denoised") is None


def test_a_dressed_model_has_a_rate_of_its_own_once_it_has_run():
    pace = Pacemaker()
    pace.note("cpu", 43200, 100, 1.0)
    assert pace.seconds("cpu+denoised", 43200, 100) == pytest.approx(1.0)
    pace.note("cpu+denoised", 43200, 100, 4.0)
    assert pace.seconds("cpu+denoised", 43200, 100) == pytest.approx(4.0)
    assert pace.seconds("cpu", 43200, 100) == pytest.approx(1.0)
    assert Pacemaker().seconds("cuda:0+bfloat16", 43200, 4000) == pytest.approx(1.0)


def test_the_measured_speed_is_said_and_followed_by_estimates(gallery: Path, monkeypatch):
    """Rates by hand in place of a measurement: the sentence, and what the pacemaker answers afterwards."""
    asked = []

    def measured(base, worn, size, device):
        asked.append((base, worn, size, str(device)))
        return Arithmetic(
            "bfloat16", {"as it is": 50.0, "bfloat16": 200.0}, {"as it is": 1.0, "bfloat16": 0.999}
        )

    monkeypatch.setattr("models.arithmetic.measure_model", measured)
    pacemaker.clear()
    page = open_page("segmentation")
    page.button(key="image_measure").click().run(timeout=90)
    assert not page.exception
    assert asked == [("street-two-view", Dressing(), (180, 240), "cpu")]
    said = next(caption.value for caption in page.caption if "bfloat16" in caption.value)
    assert said == (
        "bfloat16 is the fastest that keeps the labels: as it is 50/s, bfloat16 200/s (99.90% of the labels), "
        "240x180 pixels."
    )
    page.selectbox(key="image_precision").set_value("bfloat16").run(timeout=90)
    assert said in [caption.value for caption in page.caption]
    page.toggle(key="image_denoise").set_value(True).run(timeout=90)  # another model: nothing is known of it
    assert said not in [caption.value for caption in page.caption]
    assert pacemaker().seconds("cpu+bfloat16", 180 * 240, 1000) == pytest.approx(5)
    assert pacemaker().seconds("cpu", 180 * 240, 1000) == pytest.approx(20)
    pacemaker.clear()


def test_what_can_not_be_measured_is_a_sentence(gallery: Path, monkeypatch):
    def fails(*_):
        raise InputError("the model cannot take a picture of 180x240")

    monkeypatch.setattr("models.arithmetic.measure_model", fails)
    page = open_page("segmentation")
    page.button(key="image_measure").click().run(timeout=90)
    assert any("cannot take" in caption.value for caption in page.caption)
