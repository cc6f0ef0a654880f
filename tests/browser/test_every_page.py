"""Every page: cold links, both themes, accessibility, a phone held upright, nothing in the console."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.dashboard.browser import ROOT, Server, open_page, streamlit_server, wait_ready
from tests.browser.accessibility import grave_findings
from ui.components.tour import COMPARE_STOPS, GRAPH_STOPS, IMAGE_STOPS, LEARN_STOPS
from ui.lessons import LESSONS

pytestmark = pytest.mark.browser
PATIENCE = 180_000
PHONE = {"width": 390, "height": 844}
# address: (title of the window, something that is there once the page is complete)
PAGES = {
    "": ("Overview", "Certify an image"),
    "segmentation?image_eps=0.1": ("Segmentation", "Proven: at least"),
    "browse": ("Browse", "certificates"),
    "compare": ("Compare", "Methods side by side"),
    "graph": ("Graph", "Proven: at least"),
    "learn?learn_step=2": ("Learn", LESSONS[1].title),
    "about": ("About and limits", "limits"),
}


def await_page(page: Page, address: str) -> None:
    """Wait until the page is complete: its heading, its text, and no script run under way."""
    expect(page.locator("h1")).to_have_count(1, timeout=PATIENCE)
    expect(page.get_by_text(PAGES[address][1]).last).to_be_visible(timeout=PATIENCE)
    wait_ready(page, PATIENCE)
    expect(page.locator("[data-stale=true]")).to_have_count(
        0, timeout=PATIENCE
    )  # what is being redrawn is pale


@pytest.mark.parametrize("address", [address for address in PAGES if "segmentation" not in address])
def test_the_first_request_to_a_fresh_server_may_be_any_page(
    browser: Browser, environment: dict[str, str], address: str
):
    """The segmentation page's own test does the same."""
    with (
        streamlit_server(Path(ROOT) / "app.py", env=environment) as server,
        open_page(browser, f"{server.url}/{address}") as (page, problems),
    ):
        await_page(page, address)
        assert page.title() == PAGES[address][0]
        assert page.get_by_text("Page not found").count() == 0
        assert problems == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("address", [*PAGES, "learn?learn_step=5&stage=true"])
def test_accessible_silent_and_on_a_phone_no_wider_than_it(
    browser: Browser, dashboard: Server, address: str, dark: bool
):
    known = address if address in PAGES else "learn?learn_step=2"
    with open_page(browser, f"{dashboard.url}/{address}", dark=dark) as (page, problems):
        if known == address:
            await_page(page, address)
        else:
            expect(page.get_by_text(LESSONS[4].title).last).to_be_visible(timeout=PATIENCE)
            wait_ready(page, PATIENCE)
        assert grave_findings(page) == []
        page.set_viewport_size(PHONE)
        page.wait_for_timeout(500)  # plots and pictures follow the new width
        wide = page.evaluate(WIDER_THAN_THE_SCREEN, PHONE["width"])
        assert wide == [], "what sticks out can only be reached by scrolling the page sideways"
        sideways = page.locator("[data-can-scroll-end], [data-can-scroll-start]")
        assert sideways.count() == 0, "pills wrap, they do not scroll out of sight"
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= PHONE["width"]
        assert problems == []


WIDER_THAN_THE_SCREEN = """(width) => {
    // elements in view that stick out of the screen and have no scrolling or clipping box around them
    const held = (element) => {
        for (let outer = element.parentElement; outer; outer = outer.parentElement) {
            if (outer.dataset.testid === "stMain") return false;
            const style = getComputedStyle(outer);
            if (style.overflowX !== "visible") return true;
        }
        return true;
    };
    return [...document.querySelectorAll("[data-testid=stMain] *")]
        .filter((element) => {
            const box = element.getBoundingClientRect();
            return box.width > 1 && box.height > 1 && box.right > width + 1 && !held(element);
        })
        .map((element) => element.outerHTML.slice(0, 120));
}"""


def test_the_tour_leads_over_every_page_and_points_at_what_is_there(browser: Browser, dashboard: Server):
    with open_page(browser, f"{dashboard.url}/segmentation?image_tour=1") as (page, problems):
        tour = page.get_by_role("dialog")
        for stops in (IMAGE_STOPS, GRAPH_STOPS, COMPARE_STOPS, LEARN_STOPS):
            for number, stop in enumerate(stops, start=1):
                expect(tour).to_contain_text(f"{number} of {len(stops)}", timeout=60_000)
                expect(tour).to_contain_text(stop.title)
                expect(page.locator(stop.target).first).to_be_attached(timeout=60_000)
                tour.locator("button.next").click()
        expect(page.get_by_role("dialog")).to_be_hidden()
        assert page.url.split("?")[0].endswith("/learn")
        assert problems == []


def test_the_overviews_main_actions_name_both_kinds_and_look_like_buttons(
    browser: Browser, dashboard: Server
):
    with open_page(browser, dashboard.url) as (page, problems):
        for label in ("Certify an image", "Certify a graph"):
            link = page.get_by_role("link", name=label)
            expect(link).to_be_visible(timeout=60_000)
            painted = link.evaluate("link => getComputedStyle(link).backgroundColor")
            assert painted not in (
                "rgba(0, 0, 0, 0)",
                page.evaluate("getComputedStyle(document.body).backgroundColor"),
            )
        assert problems == []


def test_words_for_readers_of_the_code_are_not_on_the_page(browser: Browser, dashboard: Server):
    """Streamlit shows every loose text of a page's script unless it is told not to."""
    with open_page(browser, f"{dashboard.url}/about") as (page, problems):
        expect(page.get_by_text("What is guaranteed, and what is not")).to_be_visible(timeout=PATIENCE)
        wait_ready(page)
        assert "for the first words" not in page.inner_text("body")
        assert "for the first words" in (Path(ROOT) / "pages" / "main" / "about.py").read_text()
        assert problems == []
