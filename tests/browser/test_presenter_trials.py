"""What a lecture meets: every kind of focus, full shelves, a remote control, a code that telephones read."""

from __future__ import annotations

import io
import time

import numpy as np
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from benchmarks.dashboard.browser import Server, open_page, wait_ready
from tests.browser.test_presenter import PATIENCE, await_keys

pytestmark = pytest.mark.browser
SIZES = ((1280, 720), (1024, 768))
FIELDS = {
    "text": "<input id=field>",
    "choice": "<select id=field><option>a<option>b<option>q</select>",
    "rich text": "<div id=field contenteditable>a</div>",
}


def await_share(page: Page) -> None:
    """Wait for the certified share and for the keys."""
    expect(page.get_by_test_id("certified-share")).to_be_visible(timeout=PATIENCE)
    await_keys(page)


@pytest.mark.parametrize("kind", FIELDS)
def test_letters_stay_in_fields_and_page_keys_turn_all_the_same(
    browser: Browser, dashboard: Server, kind: str
):
    """A field of every kind that a page may hold, put onto the stage."""
    with open_page(browser, f"{dashboard.url}/segmentation?stage=true&image_eps=0.1") as (page, problems):
        await_share(page)
        page.evaluate("html => document.body.insertAdjacentHTML('afterbegin', html)", FIELDS[kind])
        field = page.locator("#field")
        field.focus()
        for letter in "bnqh.":
            page.keyboard.press(letter)
        assert not page.locator(".cover").is_visible()
        assert len(page.context.pages) == 1, "no notes were opened"
        if kind == "text":
            assert field.input_value() == "bnqh."
        expect(field).to_be_focused()
        slider = page.locator(".st-key-image_eps input").first
        before = slider.input_value()
        page.keyboard.press("PageDown")
        expect(slider).not_to_have_value(before)
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("stHeader")).to_be_visible(timeout=PATIENCE)
        assert problems == []


@pytest.mark.parametrize("kind", ["checkbox", "range"])
def test_letters_act_where_nothing_is_typed(browser: Browser, dashboard: Server, kind: str):
    with open_page(browser, f"{dashboard.url}/segmentation?stage=true&image_eps=0.1") as (page, problems):
        await_share(page)
        page.evaluate(
            "kind => document.body.insertAdjacentHTML('afterbegin', `<input id=field type=${kind}>`)", kind
        )
        page.locator("#field").focus()
        page.keyboard.press("b")
        expect(page.locator(".cover")).to_be_visible()
        assert problems == []


@pytest.mark.parametrize("address", ["compare"])
def test_letters_act_after_a_click_into_a_plot(browser: Browser, dashboard: Server, address: str):
    with open_page(browser, f"{dashboard.url}/{address}?stage=true") as (page, problems):
        plot = page.locator(".js-plotly-plot .nsewdrag").first
        expect(plot).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_role("button", name="Leave presenter mode")).to_be_visible(timeout=PATIENCE)
        wait_ready(page)
        page.wait_for_timeout(300)
        plot.click(position={"x": 40, "y": 40})
        page.keyboard.press("b")
        expect(page.locator(".cover")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(".cover")).to_be_hidden()
        expect(page.get_by_test_id("stHeader")).to_be_hidden()
        assert problems == []


def test_page_keys_move_the_deletions_of_a_graph(browser: Browser, dashboard: Server):
    with open_page(browser, f"{dashboard.url}/graph?stage=true") as (page, problems):
        await_share(page)
        slider = page.locator(".st-key-graph_deletions input").first
        values = [float(slider.input_value())]
        for key in ("PageDown", "PageDown", "PageUp"):
            page.keyboard.press(key)
            expect(slider).not_to_have_value(f"{values[-1]:g}", timeout=PATIENCE)
            wait_ready(page)
            values.append(float(slider.input_value()))
        assert values[0] < values[1] < values[2]
        assert values[3] == values[1]
        assert problems == []


def test_a_page_key_that_comes_before_its_button_waits_for_it(browser: Browser, dashboard: Server):
    with open_page(browser, f"{dashboard.url}/segmentation?stage=true&image_eps=0.1") as (page, problems):
        await_share(page)
        slider = page.locator(".st-key-image_eps input").first
        before = slider.input_value()
        page.evaluate("window.hidden = document.querySelector('.st-key-stage_more')")
        page.evaluate("hidden.classList.remove('st-key-stage_more')")
        page.keyboard.press("PageDown")
        page.wait_for_timeout(500)
        assert slider.input_value() == before, "there is no button to press"
        page.evaluate("hidden.classList.add('st-key-stage_more')")
        expect(slider).not_to_have_value(before)
        assert problems == []


def decoded(page: Page) -> str:
    """What a telephone reads off the screen."""
    picture = page.get_by_role("img", name="QR code")
    expect(picture).to_be_visible(timeout=PATIENCE)
    pixels = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("L"))
    found = zxingcpp.read_barcodes(pixels)
    return found[0].text if found else ""


@pytest.mark.parametrize(
    ("address", "size"),
    [("segmentation?stage=true&image_eps=0.1", SIZES[1]), ("graph?stage=true", SIZES[0])],
)
def test_the_code_is_read_as_the_present_address(
    browser: Browser, dashboard: Server, address: str, size: tuple[int, int]
):
    """As shown, after the state has changed below it, and when it is asked for again."""
    with open_page(browser, f"{dashboard.url}/{address}", viewport=size) as (page, problems):
        await_share(page)
        page.keyboard.press("q")
        expect(page.get_by_role("img", name="QR code")).to_be_visible(timeout=PATIENCE)
        assert decoded(page) == page.url
        before = page.url
        page.keyboard.press("PageDown")
        deadline = time.monotonic() + PATIENCE / 1000
        while page.url == before or decoded(page) != page.url:
            assert time.monotonic() < deadline, (before, page.url, decoded(page))
            page.wait_for_timeout(200)
        assert page.url in page.locator(".cover").inner_text()
        page.keyboard.press("q")
        expect(page.locator(".cover")).to_be_hidden()
        page.keyboard.press("PageDown")
        page.wait_for_timeout(500)
        wait_ready(page)
        page.keyboard.press("q")
        expect(page.get_by_role("img", name="QR code")).to_be_visible(timeout=PATIENCE)
        assert decoded(page) == page.url
        assert problems == []


def test_one_cover_takes_the_place_of_another(browser: Browser, dashboard: Server):
    with open_page(browser, f"{dashboard.url}/segmentation?stage=true") as (page, problems):
        await_share(page)
        cover = page.locator(".cover")
        page.keyboard.press("q")
        page.keyboard.press("b")  # before the code has come
        page.wait_for_timeout(3000)
        assert cover.inner_text() == "", "a code that comes late does not light the screen"
        assert cover.locator("img").count() == 0
        page.keyboard.press("q")
        expect(page.get_by_role("img", name="QR code")).to_be_visible(timeout=PATIENCE)
        page.keyboard.press("b")
        expect(cover.locator("img")).to_have_count(0)
        assert cover.inner_text() == ""
        page.keyboard.press("h")
        expect(cover).to_contain_text("black screen")
        page.keyboard.press("h")
        expect(cover).to_be_hidden()
        assert problems == []


ON_TOP = """points => points.map(([x, y]) => {
    let found = document.elementFromPoint(x, y);
    while (found?.shadowRoot?.elementFromPoint(x, y)) found = found.shadowRoot.elementFromPoint(x, y);
    return found?.className ?? "";
})"""


@pytest.mark.parametrize("address", ["graph", "learn"])
def test_black_lies_over_everything(browser: Browser, dashboard: Server, address: str):
    with open_page(browser, f"{dashboard.url}/{address}?stage=true") as (page, problems):
        await_presenter(page)
        page.keyboard.press("b")
        expect(page.locator(".cover")).to_be_visible()
        points = [[x, y] for x in range(2, 1280, 71) for y in range(2, 720, 65)]
        assert set(page.evaluate(ON_TOP, points)) == {"cover black"}
        assert problems == []


def await_presenter(page: Page) -> None:
    expect(page.get_by_role("button", name="Leave presenter mode")).to_be_visible(timeout=PATIENCE)
    wait_ready(page)
    page.wait_for_timeout(300)
