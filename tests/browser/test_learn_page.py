"""The guided path as a teacher presents it: guess, answer, moving pictures, keyboard only."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.dashboard.browser import Server, open_page, wait_ready
from ui.lessons import LESSONS

pytestmark = pytest.mark.browser
PATIENCE = 180_000
FITS = "document.querySelector('[data-testid=stMain]').scrollHeight <= window.innerHeight"


def show_answer(page: Page) -> None:
    """Press PageDown once the page listens."""
    expect(page.locator(".lrs-curtain")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".st-key-page_keys")).to_be_attached(timeout=PATIENCE)
    wait_ready(page)
    page.wait_for_timeout(300)
    page.keyboard.press("PageDown")


def pixels(page: Page) -> int:
    """A number that changes with what the first sheet shows."""
    return page.locator("canvas.sheet").first.evaluate(
        """canvas => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
             .reduce((sum, value, index) => (sum * 31 + value * (index % 97)) % 1000003, 7)"""
    )


@pytest.mark.parametrize("size", [(1280, 720), (1024, 768)])
def test_on_stage_by_keyboard_every_step_fits_and_shows_after_the_guess(
    browser: Browser, dashboard: Server, size: tuple[int, int]
):
    with open_page(browser, f"{dashboard.url}/learn?stage=true", viewport=size) as (page, problems):
        heading = page.locator("h1")
        for lesson in LESSONS:
            expect(heading).to_have_text(lesson.title, timeout=PATIENCE)
            expect(page.locator(".lrs-curtain")).to_be_visible(timeout=PATIENCE)
            assert not page.get_by_test_id("stHeader").is_visible(), "no menus"
            show_answer(page)
            expect(page.locator(".lrs-curtain")).to_have_count(0, timeout=PATIENCE)
            expect(page.locator(".st-key-takeaway")).to_be_visible(timeout=PATIENCE)
            wait_ready(page)
            page.wait_for_timeout(300)
            assert page.evaluate(FITS), lesson.title
            page.keyboard.press("PageDown")
            wait_ready(page)
        page.keyboard.press("PageUp")
        expect(heading).to_have_text(LESSONS[-2].title, timeout=PATIENCE)
        assert problems == []


def test_noise_flickers_stops_on_request_and_stands_still_where_motion_is_unwanted(
    browser: Browser, dashboard: Server
):
    with open_page(browser, f"{dashboard.url}/learn") as (page, problems):
        show_answer(page)
        expect(page.locator("canvas.sheet")).to_be_visible(timeout=PATIENCE)
        first = pixels(page)
        page.wait_for_timeout(700)
        assert pixels(page) != first
        page.get_by_role("button", name="Stop or go on").click()
        first = pixels(page)
        page.wait_for_timeout(700)
        assert pixels(page) == first
        page.get_by_role("button", name="Next copy").click()
        assert pixels(page) != first
        page.emulate_media(reduced_motion="reduce")
        page.reload()
        wait_ready(page)
        show_answer(page)
        expect(page.locator("canvas.sheet")).to_be_visible(timeout=PATIENCE)
        first = pixels(page)
        page.wait_for_timeout(700)
        assert pixels(page) == first
        assert problems == []


def test_votes_fill_to_the_stored_total_and_another_pixel_can_be_clicked(browser: Browser, dashboard: Server):
    with open_page(browser, f"{dashboard.url}/learn?learn_step=2") as (page, problems):
        show_answer(page)
        said = page.locator("p.said")
        expect(said).to_contain_text("of 128 copies say", timeout=PATIENCE)
        ended = said.inner_text()
        page.locator("canvas.sheet").first.click(position={"x": 8, "y": 8})
        expect(said).not_to_have_text(ended, timeout=PATIENCE)
        expect(said).to_contain_text("of 128 copies say", timeout=PATIENCE)
        assert problems == []


def test_the_wipe_moves_under_pointer_and_arrow_keys(browser: Browser, dashboard: Server):
    wipe = next(n for n, lesson in enumerate(LESSONS, start=1) if lesson.title.startswith("Each by itself"))
    with open_page(browser, f"{dashboard.url}/learn?learn_step={wipe}") as (page, problems):
        show_answer(page)
        sheet, slider = page.locator("canvas.sheet"), page.locator(".root input[type=range]")
        expect(sheet).to_be_visible(timeout=PATIENCE)
        first = pixels(page)
        box = sheet.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 20, steps=4)
        page.mouse.up()
        assert slider.input_value() == "90"
        assert pixels(page) != first
        slider.focus()
        page.keyboard.press("ArrowLeft")
        assert slider.input_value() == "89"
        assert problems == []
