"""The adversary's game: strokes by pointer, touch and keyboard, the machine's division, the score."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from benchmarks.dashboard.browser import Server, open_page, streamlit_server, wait_ready
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


_SCRIPT = """
import numpy as np
import streamlit as st
from ui.certification.game import game_styles
from ui.components.stage import Game, draw_stage

st.button("draw again")
third = np.nextafter(1 / 3, 1)  # three of them are more than the whole budget, by rounding alone
draw_stage(
    Game(
        weights=(np.eye(3),), budgets=(1.0,), steps=(0.05,), kinds=("budget",), thresholds=np.full(3, 0.2),
        groups=np.arange(3), counted=np.ones(3, dtype=bool), machine=np.full((1, 3), third), most=3, place="region",
        outputs="pixels", saying="%", styles=game_styles("pixels"), pixels=np.zeros((10, 30, 3), dtype=np.uint8),
        rectangles=((0, 0, 10, 10), (0, 10, 10, 20), (0, 20, 10, 30)), attack=np.full((1, 3), third),
    ),
    key="board",
)
"""


def test_an_attack_that_spends_all_of_a_budget_rounded_up_stays_on_the_board(
    browser: Browser, tmp_path: Path
):
    script = tmp_path / "script.py"
    script.write_text(_SCRIPT)
    with streamlit_server(script) as server, open_page(browser, server.url) as (page, problems):
        score, left = page.locator("p.score"), page.locator("p.score + p.said")
        expect(score).to_contain_text("0 pixels could fall")
        for name in ("Load the attack found", "Show the machine's"):
            page.get_by_role("button", name="Start again").click()
            page.get_by_role("button", name=name).click()
            expect(score).to_contain_text("3 pixels could fall")
            page.get_by_role("button", name="draw again").click()
            wait_ready(page)
            expect(score).to_contain_text("3 pixels could fall")
            expect(left).to_contain_text("Left to spend: 0 %")
        assert problems == []
