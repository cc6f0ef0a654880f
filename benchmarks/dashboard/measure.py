"""The measurements: each returns plain numbers, none prints."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

from benchmarks.dashboard.answers import Answers
from benchmarks.dashboard.browser import ROOT, Server, open_page, streamlit_server, wait_ready
from jobs import JobManager
from ui.images.request import DEFAULTS, request_from
from ui.images.runs import RunRequest, certification_work
from ui.images.sources import source_of
from ui.library.bundled import examples
from ui.running.machine import ModelShelf, Pacemaker

PATIENCE = 120_000
NUMBER = "[data-testid=certified-share]"
FIRST_SCREENS = {
    "overview": ("", ".lrs-figure b >> text=proven to stay"),
    "segmentation": ("segmentation", NUMBER),
}
_SMALL_RUN = "&image_rows=1&image_cols=1&image_pilot=16&image_samples=64"


@dataclass(frozen=True)
class LiveRun:
    """Seconds of a run with the page's default controls, its model loaded.

    Args:
        first: until the first certificate that holds.
        first_copies: noisy copies behind it.
        rate: noisy copies a second over that time.
        stopped: from a cancel to its end.
    """

    first: float
    first_copies: int
    rate: float
    stopped: float


@contextmanager
def server(folder: Path) -> Iterator[tuple[Server, float]]:
    """A fresh server with an empty library, and the seconds until it answered."""
    start = time.perf_counter()
    with streamlit_server(ROOT / "app.py", env={"LRS_LIBRARY": str(folder)}) as running:
        yield running, time.perf_counter() - start


def first_screen(browser: Browser, running: Server, name: str) -> float:
    """Seconds from asking for a page, as somebody new, until something certified is on screen."""
    path, awaited = FIRST_SCREENS[name]
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    try:
        page = context.new_page()
        start = time.perf_counter()
        page.goto(f"{running.url}/{path}")
        page.locator(awaited).first.wait_for(timeout=PATIENCE)
        return time.perf_counter() - start
    finally:
        context.close()


def budget_moves(browser: Browser, running: Server, moves: int) -> tuple[list[float], list[float]]:
    """Server seconds of every move of the budget slider, and MiB of the server after each."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    try:
        page = context.new_page()
        answers, sizes = Answers(page), []
        page.goto(f"{running.url}/segmentation")
        page.locator(NUMBER).wait_for(timeout=PATIENCE)
        wait_ready(page)
        page.locator(".st-key-image_eps input[type=range]").first.focus()
        before = len(answers.seconds)
        for move in range(moves):
            page.keyboard.press("ArrowRight" if move // 20 % 2 == 0 else "ArrowLeft")
            answers.wait_for(before + move + 1)
            sizes.append(resident_mebibytes(running.process.pid))
        return answers.seconds[before:], sizes
    finally:
        context.close()


def resident_mebibytes(process: int) -> float:
    """Memory of a process that lies in main memory (Linux)."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1]) / 1024


def live_run() -> LiveRun:
    """The job alone, as the page queues it: no page, no browser."""
    shelf, manager = ModelShelf(), JobManager()
    source = source_of(examples()[0])
    request = request_from({**DEFAULTS, "levels": (0.22, 1.0)})
    shelf.get(request.model, "cpu")
    run = RunRequest(source, request.settings, request.seed, request.model)
    start = time.perf_counter()
    identity = manager.submit(certification_work(run, shelf, Pacemaker()), owner="benchmark", title="run")
    while not (snapshot := manager.snapshot(identity, "benchmark")).published:
        assert not snapshot.state.finished, snapshot.error
        time.sleep(0.002)
    first = time.perf_counter() - start
    cancelled = time.perf_counter()
    manager.cancel(identity, "benchmark")
    assert manager.wait(identity, 60)
    stopped = time.perf_counter() - cancelled
    return LiveRun(first, snapshot.done, snapshot.done / first, stopped)


def noise_move(browser: Browser, running: Server) -> tuple[float, float]:
    """Seconds on the page from Run to a partial certificate on screen, and from Cancel to its being said.

    The noise is moved before; a small run has loaded the model.
    """
    title = examples()[1].title.replace(" ", "+")
    with open_page(browser, f"{running.url}/segmentation?image_scene={title}{_SMALL_RUN}") as (page, _):
        page.locator(".st-key-run button").click()
        page.get_by_text("Certified in").wait_for(timeout=PATIENCE)
    with open_page(browser, f"{running.url}/segmentation?image_scene={title}") as (page, _):
        page.locator(".st-key-image_levels input[type=range]").first.focus()
        page.keyboard.press("ArrowRight")
        wait_ready(page)
        return _seconds_to_partial(page), _seconds_to_cancelled(page)


def _seconds_to_partial(page: Page) -> float:
    start = time.perf_counter()
    page.locator(".st-key-run button").click()
    page.get_by_text("regions so far").wait_for(timeout=PATIENCE)
    return time.perf_counter() - start


def _seconds_to_cancelled(page: Page) -> float:
    button = page.get_by_role("button", name="Cancel")
    button.wait_for(timeout=PATIENCE)
    start = time.perf_counter()
    button.click()
    page.get_by_text("Cancelled after").wait_for(timeout=PATIENCE)
    return time.perf_counter() - start
