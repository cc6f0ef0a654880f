"""Edited noise levels on the segmentation page: in the link, in the request, and dropped again."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.ui import page_support
from tests.ui.page_support import checked
from tests.ui.toy import toy_certificate
from ui.images.noise.matrix_text import edit_group, encode_levels

SMALL = {**page_support.COPIES, "rows": "2", "cols": "3", "samples": "128", "pilot": "32"}
open_page = partial(page_support.open_page, "segmentation", **SMALL)


def test_edited_levels_ask_for_a_run_and_can_be_dropped(gallery: Path):
    levels = edit_group(toy_certificate().noise_levels, 1, np.full(6, 0.4))
    page = open_page(matrix=encode_levels(levels))
    assert "edited levels" in page.info[0].value
    page.button(key="drop_edits").click().run()
    assert not page.info
    assert "image_matrix" not in page.query_params


@pytest.mark.parametrize("text", ["nonsense", encode_levels(np.full((15, 15), 0.2))])
def test_levels_that_do_not_fit_are_one_sentence_and_the_certificate_stays(gallery: Path, text: str):
    page = open_page(matrix=text)
    assert "do not fit a grid of 6 regions" in page.error[0].value
    assert page.button(key="run").disabled
    assert any("certified-share" in element.proto.body for element in page.get("html"))


def test_two_views_have_no_levels_to_edit(gallery: Path):
    levels = edit_group(toy_certificate().noise_levels, 1, np.full(6, 0.4))
    page = open_page(matrix=encode_levels(levels), views="true")
    assert not page.error
    assert "two views" in page.info[0].value
    assert "edited levels" not in page.info[0].value
    (tools,) = [control for control in page.get("button_group") if "Find noise levels" in control.label]
    assert [option.content for option in tools.proto.options] == ["Noise the model stands", "Propose levels"]
    assert not page.checkbox(key="image_adaptive").disabled


def test_edited_views_ask_for_a_run_and_can_be_dropped(gallery: Path):
    page = open_page(views="true", pyramid="0:0.25,1:0.5,all:inf")
    assert not page.error
    assert "views" in page.info[0].value
    page.button(key="drop_edits").click().run()
    assert "image_pyramid" not in page.query_params


def test_the_pyramid_is_a_preset_whose_windows_follow_the_grid(gallery: Path):
    page = page_support.open_page("segmentation")
    page.pills(key="image_preset").set_value("pyramid")
    checked(page.run())
    assert page.pills(key="image_preset").value == "pyramid"
    assert page.query_params["image_pyramid"] == "0.2,0.4,0.8"
    assert page.slider(key="image_rows").value == 9
    assert "views" in page.info[0].value
    assert "model" in page.info[0].value
    assert not any(button.key == "drop_edits" for button in page.button)
    checked(page.slider(key="image_rows").set_value(3).run())
    assert page.pills(key="image_preset").value is None
    page.pills(key="image_preset").set_value("localized")
    checked(page.run())
    assert "image_pyramid" not in page.query_params


@pytest.mark.parametrize("text", ["nonsense", "0.25,0.5", "0:0", "1,inf"])
def test_views_that_there_are_not_are_one_sentence(gallery: Path, text: str):
    page = open_page(views="true", pyramid=text)
    assert "[WINDOW" in page.error[0].value
    assert page.button(key="run").disabled
