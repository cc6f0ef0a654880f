"""The guided path without a browser: a guess before the answer, all controls of all charts, notes and links."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from models.scenes.gallery import GALLERY
from tests.import_graph import ROOT
from tests.ui.page_support import checked, html, open_page
from ui.components.presenter.state import _NOTES
from ui.lessons import LESSONS
from ui.lessons.together import VIEWS_STEP
from ui.lessons.windows import SOURCE

pytestmark = pytest.mark.usefixtures("gallery")


def store_isotropic(gallery: Path) -> None:
    """The bundled certificate whose votes the windows take over."""
    (gallery / "rivals").mkdir()
    shutil.copy(ROOT / "models/gallery/rivals" / SOURCE, gallery / "rivals" / SOURCE)


def takeaway(page: AppTest) -> str:
    return " ".join(box.value for box in (*page.info, *page.success, *page.warning))


@pytest.mark.parametrize("number", range(1, len(LESSONS) + 1))
def test_every_step_hides_its_stage_until_a_guess(number: int):
    page = open_page("learn", step=str(number))
    assert f"<h1>{LESSONS[number - 1].title}</h1>" in html(page)
    assert "lrs-curtain" in html(page)
    assert takeaway(page) == ""
    assert page.session_state[_NOTES] == LESSONS[number - 1].notes
    [question] = page.radio
    told = set()
    for option in question.options:
        checked(page.radio[0].set_value(option).run())
        assert "lrs-curtain" not in html(page)
        told.add(takeaway(page).split("**")[0].strip())
    assert told == {"Right:", "Not quite:"}


@pytest.mark.parametrize("number", [n for n, lesson in enumerate(LESSONS, start=1) if lesson.chart])
def test_the_second_layer_takes_every_setting(number: int, gallery: Path):
    store_isotropic(gallery)
    page = open_page("learn", step=str(number))
    page.button(key="next").click().run()
    checked(page.toggle(key=f"learn_curve_{number}").set_value(True).run())
    assert len(page.get("plotly_chart")) == 1
    for end in ("min", "max"):
        for control in page.slider:
            control.set_value(getattr(control, end))
        checked(page.run())


def test_next_shows_the_answer_then_turns_the_page(gallery: Path):
    page = open_page("learn")
    assert page.button(key="previous").disabled
    page.button(key="next").click().run()
    assert "lrs-curtain" not in html(page)
    assert LESSONS[0].title in html(page)
    page.button(key="next").click().run()
    assert LESSONS[1].title in html(page)
    page.button(key="previous").click().run()
    assert "lrs-curtain" not in html(page), "an answer stays for the session"
    last = open_page("learn", step=str(len(LESSONS)))
    last.button(key="next").click().run()
    assert last.button(key="next").disabled


def test_without_a_certificate_of_the_scene_it_says_so(gallery: Path):
    for file in gallery.glob("*.nc"):
        file.unlink()
    page = open_page("learn")
    assert "No certificate is stored" in page.error[0].value


def windows_page() -> AppTest:
    number = LESSONS.index(VIEWS_STEP) + 1
    page = open_page("learn", step=str(number))
    page.button(key="next").click().run()
    return checked(page.toggle(key=f"learn_curve_{number}").set_value(True).run())


def test_the_window_is_chosen_by_a_slider_and_less_accuracy_is_said(gallery: Path):
    store_isotropic(gallery)
    page = windows_page()
    told = []
    for pixels in (5, 35, 120):
        checked(page.slider(key="learn_window").set_value(float(pixels)).run())
        [text] = [box.value for box in page.markdown if "withstand" in box.value]
        assert "a network that sees less is less accurate" in text
        assert "**0.54** where everything is sharp" in text
        told.append(float(text.split("**")[1]))
    assert told == sorted(told, reverse=True)


def test_without_the_votes_the_windows_say_so(gallery: Path):
    page = windows_page()
    assert not page.get("plotly_chart")
    assert any("not stored" in caption.value for caption in page.caption)
    store_isotropic(gallery)
    (gallery / "rivals" / SOURCE).write_bytes((gallery / f"{GALLERY[0].name}.nc").read_bytes())
    page = windows_page()
    assert not page.get("plotly_chart"), "votes of localized smoothing are no votes of isotropic smoothing"
