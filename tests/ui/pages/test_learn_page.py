"""The guided path: every step draws, links and buttons lead to it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui import page_support
from ui.lessons import LESSONS

open_page = partial(page_support.open_page, "learn")


def title(page: AppTest) -> str:
    return next(element.proto.body for element in page.get("html") if "<h1>" in element.proto.body)


@pytest.mark.parametrize("number", range(1, len(LESSONS) + 1))
def test_every_step_has_a_figure_and_a_takeaway(number: int):
    page = open_page(step=str(number))
    assert LESSONS[number - 1].title in title(page)
    assert len(page.get("plotly_chart")) == 1
    assert any("**" in block.value for block in page.markdown[1:])
    for control in page.slider:
        control.set_value(control.min)
    page.run()
    assert not page.exception, "the lowest setting of every control"
    for control in page.slider:
        control.set_value(control.max)
    page.run()
    assert not page.exception, "the highest setting of every control"


def test_next_and_previous(gallery: Path):
    page = open_page()
    assert page.button(key="previous").disabled
    page.button(key="next").click().run()
    assert LESSONS[1].title in title(page)
    page.button(key="previous").click().run()
    assert LESSONS[0].title in title(page)
    assert open_page(step=str(len(LESSONS))).button(key="next").disabled


def test_speaker_notes_and_presenter_view_are_in_the_link():
    page = open_page(notes="true", present="true", step="3")
    assert page.info[0].value.strip() == LESSONS[2].notes.strip()
    assert any("font-size: 21px" in element.proto.body for element in page.get("html"))
