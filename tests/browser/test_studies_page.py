"""The page of studies in a real browser: two thousand rows, clicks on points, start and stop, drafts of both wings."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Locator, Page, expect

from benchmarks.dashboard.browser import ROOT, Server, open_page, streamlit_server, wait_ready
from lrscore.study.reading import study_of
from lrscore.study.store import Store
from tests.ui.studies.made_up import write_study
from tests.ui.toy import toy_certificate

pytestmark = pytest.mark.browser
PATIENCE = 180_000
STARTING = 600_000
"""Until workers have started, each of which loads torch: seconds on an idle machine."""


@pytest.fixture(scope="module")
def studies_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("studies")
    toy_certificate().save(folder / "toy.nc")
    write_study(folder / "many", 1000, certificate=folder / "toy.nc")
    told = {"LRS_STUDIES": str(folder), "LRS_LIBRARY": str(tmp_path_factory.mktemp("library"))}
    with streamlit_server(Path(ROOT) / "app.py", env=told) as server:
        yield server


def test_two_thousand_rows(browser: Browser, studies_server: Server):
    with open_page(browser, f"{studies_server.url}/studies") as (page, problems):
        expect(page.locator("h1")).to_have_text("Many certificates at once", timeout=PATIENCE)
        expect(page.get_by_text("2,000 of 2,000 rows")).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_text("each with its own alpha").first).to_be_visible()
        nodes = page.evaluate("document.querySelectorAll('*').length")
        assert nodes < 5000, "the table is drawn as far as it is seen, not row by row"
        find = page.locator(".st-key-studies_find input")
        find.fill("00042")
        find.press("Enter")
        expect(page.get_by_text("2 of 2,000 rows")).to_be_visible(timeout=PATIENCE)
        page.get_by_role("tab", name="Curves").click()
        expect(page.locator(".st-key-studies_curve_plot .js-plotly-plot")).to_be_visible(timeout=PATIENCE)
        page.get_by_role("tab", name="Compare two settings").click()
        expect(page.get_by_text("Wilcoxon signed-rank test").first).to_be_visible(timeout=PATIENCE)
        page.get_by_role("tab", name="Pictures").click()
        page.get_by_role("button", name="Open on its page").first.click()
        page.wait_for_url("**/segmentation**", timeout=PATIENCE)
        wait_ready(page)
        assert problems == []


def test_a_click_on_a_point_shows_what_it_is(browser: Browser, studies_server: Server):
    with open_page(browser, f"{studies_server.url}/studies") as (page, problems):
        expect(page.get_by_text("2,000 of 2,000 rows")).to_be_visible(timeout=PATIENCE)
        front = page.locator(".st-key-studies_front .js-plotly-plot")
        click_point(page, front, "near")
        expect(page.get_by_text("1,000 of 2,000 rows")).to_be_visible(timeout=PATIENCE)
        page.get_by_role("tab", name="Compare two settings").click()
        pairs = page.locator(".st-key-studies_pairs .js-plotly-plot")
        expect(pairs).to_be_visible(timeout=PATIENCE)
        name = click_point(page, pairs, None)
        for setting in ("near", "far"):
            expect(page.get_by_text(f"{name}, {setting}").first).to_be_visible(timeout=PATIENCE)
        assert problems == []


def click_point(page: Page, chart: Locator, text: str | None) -> str:
    """Click the point of that text, or the last trace's point of the largest sum of coordinates; its text."""
    chart.scroll_into_view_if_needed()
    name, across, down = chart.evaluate(
        """(plot, text) => {
            const traces = plot._fullData, {xaxis, yaxis} = plot._fullLayout
            const trace = text === null ? traces.at(-1) : traces.find(one => [].concat(one.text).includes(text))
            const {x, y} = trace
            let best = 0
            for (let i = 0; i < x.length; i++) if (x[i] + y[i] > x[best] + y[best]) best = i
            const box = plot.getBoundingClientRect()
            const place = [box.x + xaxis._offset + xaxis.l2p(x[best]), box.y + yaxis._offset + yaxis.l2p(y[best])]
            return [text ?? trace.text[best], ...place]
        }""",
        text,
    )
    page.mouse.move(across - 3, down)
    page.mouse.move(across, down)
    page.mouse.click(across, down)
    return str(name)


@pytest.mark.timeout(1800)
def test_a_study_is_started_watched_stopped_and_resumed(browser: Browser, tmp_path: Path):
    scenes = ", ".join(f'"scene:{seed}"' for seed in range(2_000_000, 2_000_200))
    base = "[base]\ngrid = [1, 2]\npilot_samples = 16\nsamples = 32\n"
    text = f'title = "small"\ndata = [{scenes}]\nmethods = ["naive"]\n{base}'
    told = {"LRS_STUDIES": str(tmp_path / "studies"), "LRS_LIBRARY": str(tmp_path / "library")}
    folder = tmp_path / "studies" / "small"
    with (
        streamlit_server(Path(ROOT) / "app.py", env=told) as server,
        open_page(browser, f"{server.url}/studies") as (page, problems),
    ):
        page.get_by_text("New study").first.click()
        box = page.locator(".st-key-studies_text textarea")
        box.fill(text)
        page.get_by_role("button", name="Start", exact=True).click()
        stop = page.get_by_role("button", name="Stop", exact=True)
        expect(stop).to_be_visible(timeout=STARTING)
        expect(page.get_by_text(re.compile(r"[1-9]\d* of [1-9]\d* rows"))).to_be_visible(timeout=STARTING)
        expect(stop).to_be_visible()  # the table came while the study runs
        press_stop(page)
        done = len(list(folder.glob("*.nc")))
        assert 0 < done < 200
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible(timeout=STARTING)
        deadline = time.monotonic() + 600
        while len(list(folder.glob("*.nc"))) <= done:
            assert time.monotonic() < deadline
            page.wait_for_timeout(200)
        press_stop(page)
        assert not Store(folder).running()
        assert problems == []


def press_stop(page: Page) -> None:
    """Press Stop until the study has ended: the table is drawn anew all the while, and a press may miss."""
    stop, ended = page.get_by_role("button", name="Stop", exact=True), page.get_by_text("Not running.")
    for _ in range(10):
        with suppress(Error):
            stop.click(timeout=10_000)
        with suppress(AssertionError):
            expect(ended).to_be_visible(timeout=30_000)
            return
    expect(ended).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize(("address", "said"), [("segmentation", "samples = "), ("graph", 'kind = "graph"')])
def test_a_study_from_the_settings_on_screen(browser: Browser, dashboard: Server, address: str, said: str):
    with open_page(browser, f"{dashboard.url}/{address}") as (page, problems):
        wait_ready(page)
        page.get_by_role("button", name="Export").click()
        page.get_by_role("button", name="Study from these settings").click()
        page.wait_for_url("**/studies**", timeout=PATIENCE)
        box = page.locator(".st-key-studies_text textarea")
        expect(box).to_be_visible(timeout=PATIENCE)
        assert said in box.input_value()
        assert study_of(box.input_value()).settings
        assert problems == []
