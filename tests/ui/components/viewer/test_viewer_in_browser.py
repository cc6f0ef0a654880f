"""The viewer in a real Chromium: clicks, opacity, zoom, keyboard, touch, export, themes; no console errors."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from benchmarks.dashboard.browser import Server, open_page, streamlit_server, wait_ready
from ui.style.palette import ABSTAINED, CERTIFIED, parse_colour

pytestmark = pytest.mark.browser

ROWS, COLUMNS = 30, 40
SCRIPT = """
import numpy as np
import streamlit as st
from ui.style.palette import STATES
from ui.components.viewer import ImageLayer, StylesLayer, Panel, PixelValues, RegionLayer, Regions, image_viewer

st.session_state.runs = st.session_state.get("runs", 0) + 1
shift = st.session_state.get("shift", 0)
st.button("Shift", on_click=lambda: st.session_state.update(shift=shift + 100))
rows, columns = np.mgrid[:30, :40]
photo = np.stack([rows * 5, columns * 5, np.full((30, 40), shift)], axis=-1).astype(np.uint8)
states = np.where(columns < 20, 3, 0)
blue = np.array([[0, 0, 255, 255], [0, 0, 255, 0]], dtype=np.uint8)
if st.checkbox("Show", value=True):
    event = image_viewer(
        [
            Panel("Input", (ImageLayer("photo", photo), RegionLayer("budget", blue, visible=False))),
            Panel("Certified", (ImageLayer("photo", photo), StylesLayer("states", states, STATES))),
        ],
        regions=Regions(((0, 0, 30, 20), (0, 20, 30, 40)), outlined=False),
        values=[
            PixelValues("radius", np.where(columns < 20, 0.25, np.nan)),
            PixelValues("state", states, tuple(style.name for style in STATES)),
        ],
        key="viewer",
        on_click=lambda event: st.session_state.update(called=event),
    )
    st.text(f"event {event}")
st.text(f"called {st.session_state.get('called')}")
st.text(f"runs {st.session_state.runs} shift {shift}")
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    script = tmp_path_factory.mktemp("viewer") / "script.py"
    script.write_text(SCRIPT)
    with streamlit_server(script) as running:
        yield running


@pytest.fixture
def page(server: Server, browser: Browser) -> Iterator[Page]:
    with open_page(browser, server.url) as (opened, problems):
        drawn(opened)
        yield opened
        assert problems == []


def drawn(page: Page) -> None:
    """Wait until the pictures are on the canvases."""
    page.wait_for_function(
        """() => {
            const host = document.querySelector('[data-testid=stBidiComponentIsolated]');
            const stages = [...(host?.shadowRoot?.querySelectorAll('.stage canvas:first-child') ?? [])];
            return stages.length === 2 && stages.every((canvas) =>
                canvas.width > 10 && canvas.getContext('2d').getImageData(5, 5, 1, 1).data[3] === 255);
        }"""
    )


def stage(page: Page, number: int) -> Locator:
    return page.locator(".stage").nth(number)


def place(stage: Locator, row: float, column: float) -> dict[str, float]:
    """Where a pixel's middle lies in an unzoomed picture."""
    box = stage.bounding_box()
    assert box is not None
    return {"x": (column + 0.5) / COLUMNS * box["width"], "y": (row + 0.5) / ROWS * box["height"]}


def colour(page: Page, number: int, share_x: float, share_y: float) -> tuple[int, ...]:
    """Colour drawn at a place of a picture, given as shares of its width and height."""
    found = stage(page, number).evaluate(
        """(stage, [x, y]) => {
            const canvas = stage.querySelector('canvas');
            const spot = [Math.floor(x * canvas.width), Math.floor(y * canvas.height)];
            return [...canvas.getContext('2d').getImageData(...spot, 1, 1).data];
        }""",
        [share_x, share_y],
    )
    return tuple(found[:3])


def settle(page: Page) -> None:
    """Let the browser draw two frames."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def readout(page: Page) -> str:
    settle(page)
    return " ".join(page.locator(".readout").inner_text().split())


@pytest.mark.parametrize(
    ("panel", "row", "column", "region"), [(0, 0, 0, 0), (0, 29, 39, 1), (1, 12, 19, 0), (1, 13, 20, 1)]
)
def test_click_returns_the_pixel_and_its_region(
    page: Page, panel: int, row: int, column: int, region: int
) -> None:
    target = stage(page, panel)
    target.click(position=place(target, row, column))
    event = f"ViewerEvent(row={row}, column={column}, region={region})"
    page.get_by_text(f"event {event}").wait_for()
    page.get_by_text(f"called {event}").wait_for()


def test_click_on_a_zoomed_picture_returns_the_pixel_under_the_pointer(page: Page) -> None:
    target = stage(page, 0)
    spot = place(target, 7, 31)
    target.hover(position={"x": spot["x"] + 3, "y": spot["y"]})
    target.hover(position=spot)
    for _ in range(4):
        page.mouse.wheel(0, -200)
    assert page.locator(".zoom").inner_text() == f"{round(100 * np.exp(4 * 0.6))} %"
    target.click(position=spot)
    page.get_by_text("event ViewerEvent(row=7, column=31, region=1)").wait_for()


def test_opacity_and_switches_change_the_picture_without_a_run(page: Page) -> None:
    assert colour(page, 1, 0.25, 0.5) == parse_colour(CERTIFIED.light)
    slider = page.get_by_label("Opacity of states, Certified")
    slider.focus()
    slider.press("Home")
    settle(page)
    assert colour(page, 1, 0.26, 0.51) == (15 * 5, 10 * 5, 0)
    slider.press("End")
    page.get_by_label("budget", exact=True).check()
    settle(page)
    assert colour(page, 1, 0.25, 0.5) == parse_colour(CERTIFIED.light)
    red, green, blue = colour(page, 0, 0.26, 0.51)
    assert (red, green) == pytest.approx((0.3 * 75, 0.3 * 50), abs=2)
    assert blue == pytest.approx(0.7 * 255, abs=2)
    page.wait_for_timeout(300)
    assert page.get_by_text("runs 1 shift 0").is_visible()


def test_zoom_and_opacity_stay_over_a_run_with_new_pictures_and_over_a_remount(page: Page) -> None:
    page.get_by_label("Zoom in").click()
    slider = page.get_by_label("Opacity of states, Certified")
    slider.focus()
    slider.press("Home")
    page.get_by_text("Shift", exact=True).click()
    page.get_by_text("runs 2 shift 100").wait_for()
    page.wait_for_timeout(300)
    assert page.locator(".zoom").inner_text() == "140 %"
    assert colour(page, 0, 0.5, 0.5)[2] == 100, "the new picture is drawn"
    assert colour(page, 1, 0.5, 0.5)[2] == 100, "below a layer that is still transparent"
    page.get_by_text("Show", exact=True).click()
    page.locator(".zoom").wait_for(state="detached")
    wait_ready(page)
    page.get_by_text("Show", exact=True).click()
    drawn(page)
    assert page.locator(".zoom").inner_text() == "140 %"
    assert page.get_by_label("Opacity of states, Certified").input_value() == "0"


def test_a_zoomed_picture_comes_back_after_it_had_no_room(page: Page) -> None:
    """A tab, a folded panel and a remount leave the canvas without a size for a moment."""
    page.get_by_label("Zoom in").click()
    host = page.get_by_test_id("stBidiComponentIsolated")
    host.evaluate("(host) => { host.style.display = 'none'; }")
    page.wait_for_timeout(200)
    host.evaluate("(host) => { host.style.display = ''; }")
    drawn(page)
    assert page.locator(".zoom").inner_text() == "140 %"


def test_crosshair_and_readout_follow_the_pointer_over_all_panels(page: Page) -> None:
    target = stage(page, 0)
    target.hover(position=place(target, 4, 6))
    assert readout(page) == "row 4 column 6 region 0 radius 0.250 state certified by itself"
    marks = page.locator(".stage").evaluate_all(
        """(stages) => stages.map((stage) => {
            const canvas = stage.querySelectorAll('canvas')[1];
            return canvas.getContext('2d').getImageData(2, Math.round(4.5 / 30 * canvas.height), 1, 1).data[3];
        })"""
    )
    assert min(marks) > 0
    target.hover(position=place(target, 4, 30))
    assert readout(page) == "row 4 column 30 region 1 radius none state abstained"
    page.mouse.move(1, 1)
    assert readout(page) == ""


def test_keyboard_moves_selects_zooms_and_clears(page: Page) -> None:
    target = stage(page, 1)
    target.focus()
    assert readout(page).startswith("row 15 column 20")
    for key in (
        "ArrowUp",
        "Shift+ArrowLeft",
        "ArrowLeft",
        "ArrowDown",
        "ArrowDown",
        "ArrowRight",
        "ArrowRight",
    ):
        page.keyboard.press(key)
    assert readout(page).startswith("row 16 column 11 region 0")
    page.keyboard.press("+")
    page.keyboard.press("+")
    assert page.locator(".zoom").inner_text() == "196 %"
    for _ in range(3):
        page.keyboard.press("Shift+ArrowLeft")
    assert readout(page).startswith("row 16 column 0 ")
    page.keyboard.press("Enter")
    page.get_by_text("event ViewerEvent(row=16, column=0, region=0)").wait_for()
    assert "row 16 column 0" in page.get_by_role("status").filter(has_text="row").inner_text()
    page.keyboard.press("0")
    assert page.locator(".zoom").inner_text() == "100 %"
    page.keyboard.press("Escape")
    page.get_by_text("event None").wait_for()
    page.get_by_text("called None").wait_for()


def test_focus_by_keyboard_brings_the_selected_pixel_into_view(page: Page) -> None:
    target = stage(page, 0)
    target.click(position=place(target, 2, 3))
    page.get_by_text("event ViewerEvent(row=2, column=3, region=0)").wait_for()
    page.mouse.move(1, 1)
    for _ in range(4):
        page.get_by_label("Zoom in").click()

    page.get_by_label("Regions").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert readout(page).startswith("row 2 column 3 ")
    crosshair_is_in_view = target.evaluate(
        """(stage) => {
            const canvas = stage.querySelectorAll('canvas')[1];
            return canvas.getContext('2d').getImageData(2, 0, 1, canvas.height).data.some((value) => value > 0);
        }"""
    )
    assert crosshair_is_in_view


def test_png_holds_the_whole_picture_as_shown(page: Page) -> None:
    page.get_by_label("Zoom in").click()
    with page.expect_download() as download:
        page.get_by_label("Save Certified as PNG").click()
    assert download.value.suggested_filename == "certified.png"
    picture = np.asarray(Image.open(io.BytesIO(Path(download.value.path()).read_bytes())).convert("RGB"))
    assert picture.shape == (30 * 36, 40 * 36, 3)
    assert tuple(picture[500, 100]) == parse_colour(CERTIFIED.light)
    right = {tuple(pixel) for pixel in picture[400:500, 1000:1100].reshape(-1, 3).tolist()}
    assert {parse_colour(ABSTAINED.light), parse_colour(ABSTAINED.ink_light)} <= right


def test_dark_theme_shows_the_dark_styles(server: Server, browser: Browser) -> None:
    with open_page(browser, server.url, dark=True) as (page, problems):
        drawn(page)
        assert colour(page, 1, 0.25, 0.5) == parse_colour(CERTIFIED.dark)
        page.emulate_media(color_scheme="light")
        page.wait_for_timeout(500)
        assert colour(page, 1, 0.25, 0.5) == parse_colour(CERTIFIED.light)
        assert problems == []


def test_on_a_phone_panels_wrap_and_a_tap_selects(server: Server, browser: Browser) -> None:
    with open_page(browser, server.url, viewport=(390, 844), touch=True) as (page, problems):
        drawn(page)
        first, second = stage(page, 0).bounding_box(), stage(page, 1).bounding_box()
        assert first is not None
        assert second is not None
        assert second["y"] > first["y"] + first["height"]
        assert first["width"] > 300
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        target = stage(page, 0)
        target.tap(position=place(target, 21, 33))
        page.get_by_text("event ViewerEvent(row=21, column=33, region=1)").wait_for()
        assert problems == []


def test_pinch_zooms_around_the_fingers(server: Server, browser: Browser) -> None:
    with open_page(browser, server.url, viewport=(390, 844), touch=True) as (page, problems):
        drawn(page)
        box = stage(page, 0).bounding_box()
        assert box is not None
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        session = page.context.new_cdp_session(page)

        def touch(kind: str, reach: float) -> None:
            fingers = [{"x": middle[0] + side * reach, "y": middle[1], "id": side} for side in (-1, 1)]
            points = (
                [] if kind == "touchEnd" else [{**finger, "id": int(finger["id"]) + 1} for finger in fingers]
            )
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        touch("touchStart", 30)
        for reach in range(35, 91, 5):
            touch("touchMove", reach)
        touch("touchEnd", 90)
        settle(page)
        assert int(page.locator(".zoom").inner_text().split()[0]) == pytest.approx(300, abs=40)
        assert page.get_by_text("event None").is_visible(), "a pinch selects nothing"
        assert problems == []
