"""The lecture's files stand alone: nothing is loaded, keys turn the slides, and they print as they should."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from benchmarks.dashboard.browser import ROOT
from ui.lessons import LESSONS

pytestmark = pytest.mark.browser
FOLDER = Path(ROOT) / "docs" / "lecture"
SHAPES = ((1280, 720), (1024, 768), (1920, 1080))


@pytest.fixture(params=SHAPES, ids=str)
def screen(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page without a network, on a projector."""
    width, height = request.param
    context = browser.new_context(offline=True, viewport={"width": width, "height": height})
    yield context.new_page()
    context.close()


def opened(page: Page, name: str) -> list[str]:
    """Open a file; addresses it asks for, and errors, go into the list."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url))
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.goto((FOLDER / name).as_uri())
    return found


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


@pytest.mark.parametrize("name", ["deck.html", "handout.html"])
def test_nothing_is_loaded_and_every_picture_is_there(screen: Page, name: str):
    found = opened(screen, name)
    assert [each for each in found if not each.startswith(("file:", "data:image/"))] == []
    assert len([each for each in found if each.startswith("file:")]) == 1
    sizes = screen.evaluate("[...document.images].map(each => each.complete && each.naturalWidth)")
    assert sizes
    assert all(sizes)
    assert "<script src" not in (FOLDER / name).read_text(encoding="utf-8")


def test_keys_turn_slides_that_fit_and_show_notes(screen: Page):
    opened(screen, "deck.html")
    slides = screen.locator("section").count()
    assert slides >= 2 * len(LESSONS)
    height = screen.evaluate("innerHeight")
    tall = screen.evaluate("[...document.querySelectorAll('section')].map(each => each.scrollHeight)")
    assert max(tall) <= height + 1, "no slide is taller than the screen"
    for key, place in (("PageDown", 1), ("ArrowRight", 2), (" ", 3), ("PageUp", 2), ("ArrowLeft", 1)):
        screen.keyboard.press(key)
        screen.wait_for_function("place => Math.round(scrollY / innerHeight) === place", arg=place)
    notes = screen.locator(".notes").first
    assert not notes.is_visible()
    screen.keyboard.press("n")
    assert notes.is_visible()


def test_the_deck_prints_a_page_for_each_slide_and_the_handout_one(browser: Browser):
    page = browser.new_page()
    opened(page, "deck.html")
    slides = page.locator("section").count()
    assert pages_of(page.pdf(prefer_css_page_size=True)) == slides
    opened(page, "handout.html")
    assert pages_of(page.pdf(prefer_css_page_size=True)) == 1
    page.close()


def test_the_deck_tells_every_step_of_the_lesson():
    told = (FOLDER / "deck.html").read_text(encoding="utf-8")
    for lesson in LESSONS:
        assert lesson.title.replace("'", "&#39;") in told or lesson.title in told, lesson.title
