"""Measured locality and proposed levels on the segmentation page."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lrscore.files import load_certificate
from models.scenes.gallery import GALLERY
from tests.ui.page_support import TIMEOUT, checked
from tests.ui.pages.test_segmentation_page import finished, open_page
from ui.images.noise.matrix_text import decode_levels

SMALL = {"scene": GALLERY[1].title, "rows": "1", "cols": "2", "pilot": "16", "samples": "64"}
LOOK = {**SMALL, "tool": "Measured locality"}
SEARCH = {**SMALL, "tool": "Propose levels"}


def page_where(page: AppTest, condition: Callable[[AppTest], bool], what: str) -> AppTest:
    """Rerun the page, as its timer would, until something is so."""
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        if condition(checked(page.run())):
            return page
        time.sleep(0.1)
    raise AssertionError(f"never saw {what}")


def button(page: AppTest, key: str) -> bool:
    return any(item.key == key for item in page.button)


def levels_of(page: AppTest, count: int) -> np.ndarray:
    text = page.query_params["image_matrix"]
    return decode_levels(text if isinstance(text, str) else text[0], count)


@pytest.fixture
def few_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.images.noise.work.MOST_TRIALS", 5)
    monkeypatch.setattr("ui.images.noise.work.LEAST_TRIALS", 5)


def test_locality_is_measured_and_becomes_levels(gallery: Path):
    page = open_page(**LOOK)
    checked(page.button(key="measure_locality").click().run())
    assert page.query_params["image_locality"], "the job is in the link"
    page_where(page, lambda page: button(page, "use_measured"), "the measurement")
    assert any("Measured" in text.value and "1×2 regions" in text.value for text in page.markdown)
    assert "region %{x} for region %{y}" in "".join(chart.proto.spec for chart in page.get("plotly_chart"))
    checked(page.button(key="use_measured").click().run())
    levels = levels_of(page, 2)
    assert levels.min() >= 0.1
    assert levels.max() <= 0.301
    assert levels[0, 0] == pytest.approx(0.1, abs=1e-3), "a region looks at itself most"


def test_the_preset_measures_only_when_asked_and_then_sets_the_levels(gallery: Path):
    page = open_page(**SMALL)
    page.pills(key="image_preset").set_value("measured")
    checked(page.run())
    for _ in range(2):
        assert "image_locality" not in page.query_params, "no preset starts a computation unasked"
        assert page.pills(key="image_preset").value == "measured"
        checked(page.run())
    checked(page.button(key="measure_first").click().run())
    page_where(page, lambda page: "image_matrix" in page.query_params, "measured levels")
    page_where(page, lambda page: page.pills(key="image_preset").value == "measured", "the preset")
    assert levels_of(page, 15).shape == (15, 15), "a preset sets the grid as well"
    assert not button(page, "measure_first")
    page.pills(key="image_preset").set_value("isotropic")
    checked(page.run())
    assert "image_matrix" not in page.query_params
    assert page.pills(key="image_preset").value == "isotropic"
    page.pills(key="image_preset").set_value("measured")
    checked(page.run())
    page_where(page, lambda page: "image_matrix" in page.query_params, "what was measured serves again")


def test_a_cancelled_measurement_is_not_started_again_by_itself(
    gallery: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("ui.images.noise.work.DRAWS", 20_000)
    page = open_page(**SMALL)
    page.pills(key="image_preset").set_value("measured")
    checked(page.run())
    checked(page.button(key="measure_first").click().run())
    page_where(page, lambda page: button(page, "cancel_image_locality"), "the Cancel button")
    checked(page.button(key="cancel_image_locality").click().run())
    page_where(page, lambda page: any("Cancelled after" in text.value for text in page.info), "the end")
    first = page.query_params["image_locality"]
    for _ in range(3):
        checked(page.run())
    assert page.query_params["image_locality"] == first
    assert not button(page, "cancel_image_locality")
    assert button(page, "measure_first")


def test_proposed_levels_are_shown_before_and_after_and_certified_with(
    gallery: Path, few_trials: None, tmp_path: Path
):
    page = open_page(**SEARCH, levels=["0.3", "0.3"])
    assert any("no guarantee rests on it" in text.value for text in page.caption)
    checked(page.button(key="propose_levels").click().run())
    assert page.query_params["image_proposal"], "the job is in the link"
    page_where(
        page,
        lambda page: button(page, "use_proposed") and not page.button(key="use_proposed").disabled,
        "levels",
    )
    assert len(page.metric) == 2
    assert "from" in page.metric[0].delta
    assert not button(page, "cancel_image_proposal")
    checked(page.button(key="use_proposed").click().run())
    proposed = levels_of(page, 2)
    assert proposed.min() < 0.29
    checked(page.button(key="run").click().run())
    finished(page, "Certified in")
    (file,) = (tmp_path / "library").rglob("*.nc")
    np.testing.assert_array_equal(load_certificate(file).noise_levels, proposed)


def test_a_search_can_be_cancelled(gallery: Path):
    page = open_page(**SEARCH, levels=["0.3", "0.3"])
    checked(page.button(key="propose_levels").click().run())
    assert page.button(key="propose_levels").disabled
    page_where(page, lambda page: button(page, "cancel_image_proposal"), "the Cancel button")
    checked(page.button(key="cancel_image_proposal").click().run())
    page_where(page, lambda page: not page.button(key="propose_levels").disabled, "the end")
    assert not page.error


def test_levels_bring_their_grid_and_noise_along(gallery: Path, few_trials: None):
    page = open_page(**SEARCH, levels=["0.3", "0.3"])
    checked(page.button(key="propose_levels").click().run())
    page_where(
        page,
        lambda page: button(page, "use_proposed") and not page.button(key="use_proposed").disabled,
        "levels",
    )
    checked(page.slider(key="image_rows").set_value(3).run())
    checked(page.selectbox(key="image_noise").set_value("uniform").run())
    checked(page.button(key="use_proposed").click().run())
    assert (page.slider(key="image_rows").value, page.selectbox(key="image_noise").value) == (1, "gaussian")
    assert not page.error


def test_the_page_checks_which_noise_the_model_stands(gallery: Path):
    page = open_page(**{**SMALL, "tool": "Noise the model stands"})
    checked(page.button(key="check_noise").click().run())
    page_where(page, lambda page: bool(page.table), "the ladder")
    table = page.table[0].value
    assert table["Noise level"].tolist()[0] == "none"
    assert len(table) == 8
    assert table["Same label as without noise"].tolist()[0] == "100.0 %"
    assert "Right" in table.columns, "the bundled scene has reference labels"
