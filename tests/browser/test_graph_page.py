"""The graph page in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser_support import ROOT, open_page, streamlit_server, wait_ready
from tests.ui.graphs.toy_certificate import toy_certificate

pytestmark = pytest.mark.browser
NUMBER = "[data-testid=certified-share]"
PATIENCE = 60_000


def test_a_cold_link_opens_certified_follows_the_budget_and_tells_a_node_s_story(
    browser: Browser, tmp_path: Path
):
    toy_certificate().save(tmp_path / "village.nc")
    environment = {"LRS_GRAPH_GALLERY": str(tmp_path), "LRS_LIBRARY": str(tmp_path / "library")}
    with (
        streamlit_server(Path(ROOT) / "app.py", env=environment) as server,
        open_page(browser, f"{server.url}/graph?deletions=1&additions=0") as (page, problems),
    ):
        expect(page.locator(NUMBER)).to_be_visible(timeout=PATIENCE)
        assert page.title() == "Graph"
        assert "deletes at most 1 attributes" in page.inner_text(".lrs-claim")
        number = page.inner_text(NUMBER)
        page.locator(".st-key-deletions input[type=range]").first.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        expect(page.locator(NUMBER)).not_to_have_text(number, timeout=PATIENCE)
        page.wait_for_url(re.compile(r"deletions=3"), timeout=PATIENCE)
        wait_ready(page)
        page.get_by_placeholder("find node").fill("villager 7")
        page.keyboard.press("Enter")
        story = page.locator(".st-key-node_story")
        expect(story).to_contain_text("villager 7", timeout=PATIENCE)
        for words in ("pilot votes", "proven bound", "threshold", "withstands alone", "2 neighbours"):
            expect(story).to_contain_text(words)
        assert "node=7" in page.url
        page.reload()
        expect(page.locator(".st-key-node_story")).to_contain_text("villager 7", timeout=PATIENCE)
        assert problems == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_fits_a_phone(browser: Browser, tmp_path: Path, dark: bool):
    toy_certificate().save(tmp_path / "village.nc")
    with (
        streamlit_server(Path(ROOT) / "app.py", env={"LRS_GRAPH_GALLERY": str(tmp_path)}) as server,
        open_page(browser, f"{server.url}/graph", viewport=(390, 844), dark=dark) as (page, problems),
    ):
        expect(page.locator(NUMBER)).to_be_visible(timeout=PATIENCE)
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
        assert problems == []
