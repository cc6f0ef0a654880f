"""Legends in a real browser: in view with their picture, never over curves, never cut, on a desk and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.dashboard.browser import Server, open_page, wait_ready
from tests.browser.test_dashboard import PATIENCE

pytestmark = pytest.mark.browser

PAGES = {
    "segmentation?image_eps=0.1": 1,
    "graph": 2,
    "compare": 2,
    "learn?learn_step=3": 1,
    "learn?learn_step=4": 1,
}
"""Address and number of its plots."""

BOXES = """plot => {
  const box = (element) => { const { left, top, right, bottom } = element.getBoundingClientRect();
    return [left, top, right, bottom]; };
  const legend = plot.querySelector(".legend");
  return { legend: legend && box(legend), area: box(plot.querySelector(".nsewdrag")), all: box(plot) };
}"""


def in_view(page: Page, selector: str) -> dict[str, float]:
    box = page.locator(selector).first.bounding_box()
    assert box, selector
    assert box["y"] >= 0
    return box


@pytest.mark.parametrize("address", ["segmentation?image_eps=0.1", "graph"])
def test_the_states_are_explained_beside_the_picture(browser: Browser, dashboard: Server, address: str):
    with open_page(browser, f"{dashboard.url}/{address}") as (page, _):
        expect(page.locator(".lrs-strip").first).to_be_visible(timeout=PATIENCE)
        wait_ready(page)
        strip = in_view(page, ".lrs-strip")
        key = "scene_viewer" if "segmentation" in address else "graph_viewer"
        picture = in_view(page, f".st-key-{key} canvas")
        assert strip["y"] + strip["height"] <= picture["y"]
        assert picture["y"] + picture["height"] / 3 <= 720, "picture and legend are seen together"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("address", PAGES)
def test_no_legend_covers_a_curve_or_is_cut(browser: Browser, dashboard: Server, address: str, width: int):
    with open_page(browser, f"{dashboard.url}/{address}", viewport=(width, 844)) as (page, problems):
        if address.startswith("learn"):  # the curves open behind an answer
            page.locator(
                "[data-testid=stRadio] [data-testid=stRadioOption], [data-testid=stRadio] label"
            ).last.click()
            page.get_by_text("The curve behind it").click(timeout=PATIENCE)
        plots = page.locator(".js-plotly-plot")
        expect(plots).to_have_count(PAGES[address], timeout=PATIENCE)
        wait_ready(page)
        for number in range(PAGES[address]):
            plot = plots.nth(number)
            plot.scroll_into_view_if_needed()
            found = plot.evaluate(BOXES)
            if found["legend"] is None:
                continue
            left, top, right, bottom = found["legend"]
            area, whole = found["area"], found["all"]
            assert bottom <= area[1] + 1 or top >= area[3] - 1, "above or below the curves"
            assert left >= whole[0] - 1
            assert right <= whole[2] + 1
            assert top >= whole[1] - 1
            assert bottom <= whole[3] + 1
        assert problems == []
