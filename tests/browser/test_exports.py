"""Downloads in a real browser: a file made after a move of the budget says what the screen says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.dashboard.browser import Server, open_page, wait_ready
from tests.browser.test_dashboard import NUMBER, PATIENCE

pytestmark = pytest.mark.browser


def download(page: Page, label: str) -> tuple[str, str]:
    """Name and text of a file."""
    with page.expect_download(timeout=PATIENCE) as found:
        page.get_by_role("button", name=label).click()
    return found.value.suggested_filename, Path(found.value.path()).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("address", "slider", "count"),
    [
        ("segmentation?image_eps=0.1", "image_eps", "all pixels"),
        ("graph?graph_deletions=1&graph_additions=0", "graph_deletions", "all nodes"),
    ],
)
def test_a_report_says_what_is_on_screen(
    browser: Browser, dashboard: Server, address: str, slider: str, count: str
):
    with open_page(browser, f"{dashboard.url}/{address}", dark=True) as (page, problems):
        expect(page.locator(NUMBER)).to_be_visible(timeout=PATIENCE)
        names = set()
        for step in ("ArrowRight", "ArrowRight", count):
            before = page.locator(".lrs-claim").first.inner_text()
            if step == count:
                page.get_by_role("radio", name=count, exact=True).click()
            else:
                page.locator(f".st-key-{slider} input[type=range]").first.focus()
                for _ in range(5 if slider == "image_eps" else 1):
                    page.keyboard.press(step)
            expect(page.locator(".lrs-claim").first).not_to_have_text(before, timeout=PATIENCE)
            wait_ready(page)
            page.get_by_role("button", name="Export").click()
            name, report = download(page, "Report (HTML, one file)")
            page.keyboard.press("Escape")
            number = page.locator(NUMBER).inner_text()
            sentence = page.locator(".lrs-claim p").first.inner_text()
            body = re.sub(r"\s+", " ", re.sub(r"<.*?>", "", report, flags=re.DOTALL))
            assert number in body
            assert re.sub(r"\s+", " ", sentence) in body
            assert "background: #11171c" in report, "the reader's dark theme"
            names.add(name)
        assert len(names) == 3
        assert "Traceback" not in dashboard.output()
        assert problems == []
