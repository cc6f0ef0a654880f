"""Runs in a real browser: partial results, reload, cancel, two people, and the finished run in the library."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.dashboard.browser import Server, open_page, wait_ready
from models.scenes.gallery import GALLERY
from tests.ui.page_support import COPIES_LINK

pytestmark = pytest.mark.browser
NUMBER = "[data-testid=certified-share]"
PATIENCE = 180_000
SCENE = GALLERY[1].title.replace(" ", "+")


def start(page: Page) -> None:
    page.locator(".st-key-run button").click()


def test_a_run_shows_its_first_region_survives_a_reload_is_private_and_can_be_cancelled(
    browser: Browser, dashboard: Server
):
    link = f"{dashboard.url}/segmentation?{COPIES_LINK}&image_scene={SCENE}&image_samples=8192&image_pilot=16"
    with open_page(browser, link) as (page, problems):
        start(page)
        expect(page.get_by_text("noisy copies")).to_be_visible(timeout=PATIENCE)
        assert "job=" in page.url
        page.reload()
        expect(page.get_by_text("noisy copies")).to_be_visible(timeout=PATIENCE)
        with open_page(browser, page.url) as (other, silent):
            expect(other.get_by_text("Nothing is certified here yet")).to_be_visible(timeout=PATIENCE)
            assert other.get_by_role("button", name="Cancel").count() == 0
            start(other)
            expect(other.get_by_text("1 run comes first")).to_be_visible(timeout=PATIENCE)
            other.get_by_role("button", name="Cancel").click()
            expect(other.get_by_text("Cancelled after")).to_be_visible(timeout=PATIENCE)
            assert silent == []
        expect(page.get_by_text("regions so far")).to_be_visible(timeout=PATIENCE)
        expect(page.locator(NUMBER)).to_be_visible()
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_text("Cancelled after")).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_text("The certificate on screen holds")).to_be_visible()
        assert page.locator("[data-testid=stAlertContentError]").count() == 0
        assert problems == []


def test_a_finished_run_is_in_the_library_to_find_open_delete_and_take_back(
    browser: Browser, dashboard: Server
):
    link = f"{dashboard.url}/segmentation?image_scene={SCENE}&image_rows=1&image_cols=1&image_pilot=16&image_samples=64"
    with open_page(browser, link) as (page, problems):
        start(page)
        expect(page.get_by_text("Certified in")).to_be_visible(timeout=PATIENCE)
        expect(page.locator(".lrs-facts").first).to_contain_text("16 pilot + 64")
        number = page.inner_text(NUMBER)
        page.get_by_role("link", name="Browse").click()
        page.wait_for_url(re.compile("/browse"), timeout=PATIENCE)
        own = page.locator("[class*=st-key-card_own_]")
        expect(own).to_have_count(1, timeout=PATIENCE)
        wait_ready(page)
        page.get_by_label("Find").fill(f"{GALLERY[0].title}")
        page.keyboard.press("Enter")
        expect(own).to_have_count(0, timeout=PATIENCE)
        page.get_by_label("Find").fill("")
        page.keyboard.press("Enter")
        expect(own).to_have_count(1, timeout=PATIENCE)
        own.get_by_role("button", name="Delete").click()
        expect(own).to_have_count(0, timeout=PATIENCE)
        page.get_by_role("button", name="Undo").click()
        expect(own).to_have_count(1, timeout=PATIENCE)
        wait_ready(page)
        own.get_by_role("link", name="Open").click()
        expect(page.locator(NUMBER)).to_have_text(number, timeout=PATIENCE)
        assert "stored=" in page.url
        assert problems == []
