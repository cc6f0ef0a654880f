"""The graph view in a real Chromium: clicks, colours, neighbours, zoom, keyboard, export; no console errors."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from benchmarks.dashboard.browser import Server, open_page, streamlit_server, wait_ready
from ui.style.palette import CERTIFIED, parse_colour

pytestmark = pytest.mark.browser

SCRIPT = """
import numpy as np
import streamlit as st
from ui.components.graph_view import ClusterLayer, Clusters, Drawing, NodeColours, NodeStyles, NodeValues, graph_view
from ui.style.palette import STATES

st.session_state.runs = st.session_state.get("runs", 0) + 1
shift = st.session_state.get("shift", 0)
st.button("Shift", on_click=lambda: st.session_state.update(shift=(shift + 3) % 5))
# A ladder: nodes 0..9 above, 10..19 below, rungs between them.
positions = np.array([[column, row * 4.0] for row in range(2) for column in range(10)])
rails = [[n, n + 1] for n in range(19) if n != 9]
edges = np.array(rails + [[n, n + 10] for n in range(10)])
states = NodeStyles("certificate", np.full(20, (3 + shift) % 5), STATES)
green = NodeColours("votes", np.tile(np.array([[0, 255, 0]], dtype=np.uint8), (20, 1)))
red = np.array([[255, 0, 0, 255], [255, 0, 0, 0]], dtype=np.uint8)
event = graph_view(
    Drawing(
        positions,
        edges.T,
        [states, green],
        clusters=Clusters(np.repeat([0, 1], 10), [ClusterLayer("budget", red, ("all", ""))]),
        values=[NodeValues("votes", np.arange(20) / 20, digits=2)],
    ),
    key="graph",
    height=400,
    on_click=lambda event: st.session_state.update(called=event),
)
st.text(f"event {event}")
st.text(f"called {st.session_state.get('called')}")
st.text(f"runs {st.session_state.runs} shift {shift}")
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    script = tmp_path_factory.mktemp("graph") / "script.py"
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
    """Wait until the graph is on its canvas."""
    page.wait_for_function(
        """() => {
            const host = document.querySelector('[data-testid=stBidiComponentIsolated]');
            const canvas = host?.shadowRoot?.querySelector('.picture canvas');
            if (!canvas || canvas.width < 10) return false;
            return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((v) => v);
        }"""
    )


SIZE = (
    1000 + 2 * 40,
    4000 / 9 + 2 * 40,
)  # of the drawing: the ladder is 9 wide and 4 high, with a margin of 40


def fitted_scale(width: float, height: float) -> float:
    """CSS pixels per unit of the drawing at zoom 1, in a picture of the given inner size."""
    return min(width / SIZE[0], height / SIZE[1])


def place(page: Page, node: int) -> dict[str, float]:
    """Where a node lies in the unzoomed picture, in CSS pixels from the corner of its border."""
    box = page.locator(".picture").bounding_box()
    assert box is not None
    width, height = SIZE
    inner = (box["width"] - 2, box["height"] - 2)  # without the border
    scale = fitted_scale(*inner)
    x, y = 40 + (node % 10) * 1000 / 9, 40 + (node // 10) * 4000 / 9
    return {
        "x": 1 + inner[0] / 2 + (x - width / 2) * scale,
        "y": 1 + inner[1] / 2 + (y - height / 2) * scale,
    }


def colour(page: Page, node: int, canvas: int = 0) -> tuple[int, ...]:
    """Colour and opacity drawn in the middle of a node of the unzoomed picture."""
    return colour_at(page, *place(page, node).values(), canvas=canvas)


def colour_at(page: Page, x: float, y: float, canvas: int = 0) -> tuple[int, ...]:
    """Colour and opacity at a place of the picture, in CSS pixels from the corner of its border."""
    found = (
        page.locator(".picture canvas")
        .nth(canvas)
        .evaluate(
            """(canvas, [x, y]) => {
            const pixel = [x, y].map((value) => Math.round((value - 1) * canvas.width / canvas.clientWidth));
            return [...canvas.getContext('2d').getImageData(...pixel, 1, 1).data];
        }""",
            [x, y],
        )
    )
    return tuple(found)


def settle(page: Page) -> None:
    """Let the browser draw two frames."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def tip(page: Page) -> str:
    settle(page)
    return " ".join(page.locator(".tip").inner_text().split())


@pytest.mark.parametrize(("node", "cluster"), [(0, 0), (9, 0), (17, 1)])
def test_click_returns_the_node_and_its_cluster(page: Page, node: int, cluster: int) -> None:
    page.locator(".picture").click(position=place(page, node))
    page.get_by_text(f"event GraphEvent(node={node}, cluster={cluster})").wait_for()
    page.get_by_text(f"called GraphEvent(node={node}, cluster={cluster})").wait_for()


def test_selected_node_keeps_its_neighbours_bright_and_a_click_beside_clears(page: Page) -> None:
    page.locator(".picture").click(position=place(page, 4))
    page.get_by_text("event GraphEvent(node=4, cluster=0)").wait_for()
    settle(page)
    for neighbour in (3, 5, 14):
        assert colour(page, neighbour, canvas=1) == (*parse_colour(CERTIFIED.light), 255)
    veil = colour(page, 8, canvas=1)
    assert veil[3] == pytest.approx(0.62 * 255, abs=2)
    between = place(page, 2)
    page.locator(".picture").click(position={"x": between["x"] + 30, "y": between["y"] + 90})
    page.get_by_text("event None").wait_for()
    settle(page)
    assert colour(page, 8, canvas=1)[3] == 0


def test_colour_and_clusters_are_chosen_without_a_run(page: Page) -> None:
    assert colour(page, 7) == (*parse_colour(CERTIFIED.light), 255)
    page.get_by_label("Colour", exact=True).select_option("votes")
    settle(page)
    assert colour(page, 7) == (0, 255, 0, 255)
    beside = place(page, 7)

    def hull_colour() -> tuple[int, ...]:
        settle(page)
        found = page.locator(".picture canvas").first.evaluate(
            """(canvas, [x, y]) => [...canvas.getContext('2d').getImageData(x, y, 1, 1).data]""",
            [round(beside["x"]) + 25, round(beside["y"]) - 6],
        )
        return tuple(found)

    assert hull_colour()[:3] == (255, 0, 0)
    page.get_by_label("Clusters").select_option("hidden")
    assert hull_colour()[3] == 0
    page.wait_for_timeout(300)
    assert page.get_by_text("runs 1 shift 0").is_visible()


def test_zoom_and_choices_stay_over_a_run_with_new_colours(page: Page) -> None:
    page.get_by_label("Zoom in").click()
    page.get_by_label("Clusters").select_option("outlines")
    page.get_by_text("Shift", exact=True).click()
    page.get_by_text("runs 2 shift 3").wait_for()
    page.wait_for_timeout(300)
    assert page.locator(".zoom").inner_text() == "140 %"
    assert page.get_by_label("Clusters").input_value() == "outlines"
    page.get_by_label("Fit: show everything").click()
    settle(page)
    page.wait_for_timeout(200)
    assert colour(page, 7)[:3] != parse_colour(CERTIFIED.light)


def test_dragging_a_zoomed_graph_moves_it_and_selects_nothing(page: Page) -> None:
    target = page.locator(".picture")
    spot = place(page, 5)
    page.get_by_label("Zoom in").click()
    box = target.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 300, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 350, steps=5)
    page.mouse.up()
    # The drag ends at the upper border: the row of node 5 lies 40 units below it.
    scale = 1.4 * fitted_scale(box["width"] - 2, box["height"] - 2)
    x = box["width"] / 2 + (spot["x"] - box["width"] / 2) * 1.4
    settle(page)
    assert colour_at(page, x, 1 + 40 * scale) == (*parse_colour(CERTIFIED.light), 255)
    target.click(position={"x": x, "y": 1 + 40 * scale})
    page.get_by_text("event GraphEvent(node=5, cluster=0)").wait_for()
    assert page.get_by_text("runs 2").is_visible(), "the drag itself ran nothing"


def test_nodes_are_in_place_in_the_first_frame_after_zooming(page: Page) -> None:
    """The sheet is stretched for a moment before it is drawn anew; both must put the nodes where they belong."""
    box = page.locator(".picture").bounding_box()
    assert box is not None
    width, height = box["width"] - 2, box["height"] - 2
    scale = 1.4 * fitted_scale(width, height)
    # Rows are out of sight at this zoom; the rung between nodes 5 and 15 is not, at the middle's height.
    x = width / 2 + (40 + 5 * 1000 / 9 - 540) * scale
    darkest = page.locator(".picture").evaluate(
        """async (stage, [x, y]) => {
            stage.parentElement.querySelector('[aria-label="Zoom in"]').click();
            await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
            const canvas = stage.querySelector('canvas');
            const data = canvas.getContext('2d').getImageData(Math.round(x) - 3, Math.round(y), 7, 1).data;
            return Math.max(...data.filter((_, index) => index % 4 === 3));
        }""",
        [x, height / 2],
    )
    assert darkest > 30


def test_tooltip_tells_everything_about_the_node_pointed_at(page: Page) -> None:
    page.locator(".picture").hover(position=place(page, 12))
    assert tip(page) == "node 12 cluster 1 neighbours 3 votes 0.60"
    page.mouse.move(1, 1)
    settle(page)
    assert not page.locator(".tip").is_visible()


def test_keyboard_walks_selects_zooms_and_clears(page: Page) -> None:
    page.locator(".picture").focus()
    page.keyboard.press("ArrowRight")
    first = int(tip(page).split()[1])
    assert first in (4, 5, 14, 15)
    page.keyboard.press("ArrowRight")
    assert int(tip(page).split()[1]) == first + 1
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp" if first >= 10 else "ArrowDown")
    other = first - 10 if first >= 10 else first + 10
    assert int(tip(page).split()[1]) == other
    page.keyboard.press("Enter")
    page.get_by_text(f"event GraphEvent(node={other}, cluster={other // 10})").wait_for()
    assert f"node {other}" in page.get_by_role("status").filter(has_text="node").inner_text()
    page.keyboard.press("+")
    assert page.locator(".zoom").inner_text() == "140 %"
    page.keyboard.press("0")
    assert page.locator(".zoom").inner_text() == "100 %"
    page.keyboard.press("Escape")
    page.get_by_text("event None").wait_for()


def test_find_selects_by_number_and_says_when_there_is_none(page: Page) -> None:
    field = page.get_by_label("Find node")
    field.fill("99")
    field.press("Enter")
    assert page.get_by_text("nothing found").is_visible()
    field.fill("13")
    field.press("Enter")
    page.get_by_text("event GraphEvent(node=13, cluster=1)").wait_for()


def test_png_holds_the_whole_graph(page: Page) -> None:
    page.get_by_label("Zoom in").click()
    with page.expect_download() as download:
        page.get_by_label("Save as PNG").click()
    assert download.value.suggested_filename == "graph_certificate.png"
    picture = np.asarray(Image.open(io.BytesIO(Path(download.value.path()).read_bytes())).convert("RGB"))
    assert picture.shape == (round(2 * SIZE[1]), 2 * SIZE[0], 3)
    for node in (0, 19):
        x, y = 2 * (40 + node % 10 * 1000 / 9), 2 * (40 + node // 10 * 4000 / 9)
        assert tuple(picture[round(y), round(x)]) == parse_colour(CERTIFIED.light)


def test_dark_theme_and_phone(server: Server, browser: Browser) -> None:
    with open_page(browser, server.url, viewport=(390, 844), dark=True, touch=True) as (page, problems):
        drawn(page)
        assert colour(page, 7) == (*parse_colour(CERTIFIED.dark), 255)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.locator(".picture").tap(position=place(page, 17))
        page.get_by_text("event GraphEvent(node=17, cluster=1)").wait_for()
        wait_ready(page)
        assert problems == []


def test_states_have_different_shapes(page: Page) -> None:
    """The pictures of the five states differ even when their colours are taken away."""
    alphas = []
    for run in range(5):
        alphas.append(
            page.locator(".legend canvas").first.evaluate(
                """(canvas) => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data]
                    .filter((_, index) => index % 4 === 3).map((alpha) => alpha > 128 ? 1 : 0).join('')"""
            )
        )
        page.get_by_text("Shift", exact=True).click()
        page.get_by_text(f"runs {run + 2} ").wait_for()
        page.wait_for_timeout(200)
    assert len(set(alphas)) == 5
