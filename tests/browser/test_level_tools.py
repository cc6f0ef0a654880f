"""Measured locality and proposed levels with the bundled model in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from benchmarks.dashboard.browser import Server, open_page
from tests.ui.page_support import COPIES_LINK

pytestmark = pytest.mark.browser
PATIENCE = 240_000


def test_locality_survives_a_reload_and_becomes_levels_and_a_search_stops(
    browser: Browser, dashboard: Server
):
    with open_page(browser, f"{dashboard.url}/segmentation?{COPIES_LINK}") as (page, problems):
        page.locator(".st-key-image_tool").get_by_text("Measured locality").click(timeout=PATIENCE)
        page.get_by_role("button", name="Measure where the model looks").click(timeout=PATIENCE)
        page.wait_for_url(re.compile("locality="), timeout=PATIENCE)
        page.reload()
        use = page.get_by_role("button", name=re.compile("Use as noise levels"))
        expect(use).to_be_visible(timeout=PATIENCE)
        overlay = page.get_by_role("application", name=re.compile("What region 7 depends on"))
        expect(overlay).to_be_visible(timeout=PATIENCE)
        use.click()
        expect(page.get_by_text("Drop the edits")).to_be_visible(timeout=PATIENCE)
        assert "matrix=" in page.url
        page.locator(".st-key-image_tool").get_by_text("Propose levels").click(timeout=PATIENCE)
        page.locator(".st-key-propose_levels button").click(timeout=PATIENCE)
        cancel = page.locator(".st-key-cancel_image_proposal button")
        cancel.click(timeout=PATIENCE)
        expect(page.get_by_text(re.compile("Cancelled after"))).to_be_visible(timeout=PATIENCE)
        assert problems == []
