"""The guided path as a teacher presents it: keyboard only, nothing around the page, every step live."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.dashboard.browser import Server, open_page, wait_ready
from ui.lessons import LESSONS

pytestmark = pytest.mark.browser
PATIENCE = 180_000


def test_presenter_view_by_keyboard_every_step_live(browser: Browser, dashboard: Server):
    """A presenter's remote control sends PageDown and PageUp, whatever was touched last."""
    with open_page(browser, f"{dashboard.url}/learn?learn_present=true&learn_notes=true") as (page, problems):
        heading = page.locator("h1")
        for number, lesson in enumerate(LESSONS, start=1):
            expect(heading).to_have_text(lesson.title, timeout=PATIENCE)
            wait_ready(page)
            assert not page.get_by_test_id("stHeader").is_visible(), "no menus"
            expect(page.get_by_test_id("stAlert")).to_be_visible(timeout=PATIENCE)
            expect(page.locator(".js-plotly-plot")).to_be_visible(timeout=PATIENCE)
            move_something(page)
            if number < len(LESSONS):
                page.keyboard.press("PageDown")
        page.keyboard.press("PageUp")
        expect(heading).to_have_text(LESSONS[-2].title, timeout=PATIENCE)
        assert f"step={len(LESSONS) - 1}" in page.url
        assert problems == []


@pytest.mark.parametrize("switch", ["Presenter view", "Speaker notes"])
def test_page_keys_work_after_a_switch_was_pressed(browser: Browser, dashboard: Server, switch: str):
    with open_page(browser, f"{dashboard.url}/learn") as (page, problems):
        heading = page.locator("h1")
        expect(heading).to_have_text(LESSONS[0].title, timeout=PATIENCE)
        page.get_by_text(switch).click()
        wait_ready(page)
        for step in (1, 2, 1, 0):
            page.keyboard.press("PageDown" if step > place_of(page) else "PageUp")
            expect(heading).to_have_text(LESSONS[step].title, timeout=PATIENCE)
            wait_ready(page)
        assert problems == []


def place_of(page: Page) -> int:
    return [lesson.title for lesson in LESSONS].index(page.locator("h1").inner_text())


def move_something(page: Page) -> None:
    """The sentence to take home follows the step's first slider."""
    takeaway = page.locator(".st-key-takeaway")
    before = takeaway.inner_text()
    slider = page.locator("[data-testid=stMain] input[type=range]").first
    slider.focus()
    upper = slider.evaluate("input => 2 * input.value > Number(input.min) + Number(input.max)")
    page.keyboard.press("Home" if upper else "End")  # steps share some of their values
    expect(takeaway).not_to_have_text(before, timeout=PATIENCE)
    wait_ready(page)
