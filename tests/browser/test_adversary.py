"""The adversary's game: strokes by pointer, touch and keyboard, the machine's division, the score."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, expect

from benchmarks.dashboard.browser import Server, open_page, wait_ready
from tests.browser.accessibility import grave_findings

pytestmark = pytest.mark.browser
PATIENCE = 120_000


def number(score: Locator) -> int:
    return int(score.inner_text().split()[0].replace(",", ""))


@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "touch"])
def test_a_budget_painted_on_a_picture_is_scored_against_the_machine(
    browser: Browser, dashboard: Server, touch: bool
):
    address = f"{dashboard.url}/segmentation?image_game=true"
    with open_page(browser, address, touch=touch) as (page, problems):
        score, left = page.locator("p.score"), page.locator("p.score + p.said")
        expect(score).to_contain_text("0 pixels could fall", timeout=PATIENCE)
        expect(left).to_contain_text("Left to spend: 100 %")
        board = page.locator("canvas.sheet")
        board.scroll_into_view_if_needed()
        if touch:
            board.tap(position={"x": 20, "y": 20})
        else:
            board.click(position={"x": 20, "y": 20})
        expect(left).to_contain_text("Left to spend: 95 %")
        page.get_by_role("button", name="Stroke here").click()
        expect(left).to_contain_text("Left to spend: 90 %")
        page.get_by_label("take back").check()
        page.get_by_role("button", name="Stroke here").press("Enter")
        expect(left).to_contain_text("Left to spend: 95 %")
        page.get_by_role("button", name="Show the machine's").click()
        expect(score).to_contain_text("100 % of the machine's")
        expect(left).to_contain_text("0 % of the budget lies elsewhere")
        machine, most = (
            number(score),
            int(re.findall(r"At most ([\d,]+)", score.inner_text())[0].replace(",", "")),
        )
        assert 0 < machine <= most
        page.get_by_role("button", name="Spread evenly").click()
        assert number(score) <= most, "the proof holds for every division"
        page.get_by_role("button", name="Start again").click()
        expect(score).to_contain_text("0 pixels could fall")
        if not touch:
            assert grave_findings(page) == []
        assert problems == []


def test_flips_spent_on_a_graph_are_whole_and_end_with_the_budget(browser: Browser, dashboard: Server):
    address = f"{dashboard.url}/graph?graph_game=true&graph_deletions=2&graph_additions=0"
    with open_page(browser, address) as (page, problems):
        score, left = page.locator("p.score"), page.locator("p.score + p.said")
        expect(left).to_contain_text("0 additions, 2 deletions", timeout=PATIENCE)
        page.get_by_label("deletions", exact=True).check()
        for remaining in (1, 0, 0):
            page.get_by_role("button", name="Stroke here").click()
            expect(left).to_contain_text(f"{remaining} deletions")
        page.get_by_role("button", name="Show the machine's").click()
        expect(score).to_contain_text("100 % of the machine's")
        wait_ready(page)
        assert problems == []
