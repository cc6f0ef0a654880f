"""Starts Streamlit scripts and a Chromium for the tests that drive a real browser.

    with streamlit_server(script) as server:
        with open_page(browser, server.url) as (page, problems):
            page.click("text=Run")
            wait_ready(page)
            assert problems == []

Nothing is skipped silently: without a Chromium the tests fail with a sentence that says what to install. A test whose
server has logged a traceback fails, too, when its page is closed.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
STARTUP_SECONDS = 180
READY_MILLISECONDS = 180_000
PATIENCE_MILLISECONDS = 90_000
"""For what a page does by itself; playwright's own 30 s (5 s for `expect`) are short on a busy machine."""
expect.set_options(timeout=PATIENCE_MILLISECONDS)
SYSTEM_CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SERVER_OPTIONS = (
    "--server.headless=true",
    "--server.address=127.0.0.1",
    "--server.fileWatcherType=none",
    "--browser.gatherUsageStats=false",
)


_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
TRACEBACK = "Traceback (most recent call last)"
FAULT = "internal error "
_RUNNING: list[Server] = []
_REPORTED: dict[str, int] = {}  # how much of a server's log has been looked at


@dataclass(frozen=True)
class Server:
    """A running Streamlit server: its address, its process and the file that holds its output."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def output(self) -> str:
        """Everything the server has printed so far, without the colours of a terminal."""
        return _COLOURS.sub("", self.log.read_text(errors="replace"))

    def check_log(self) -> None:
        """Every traceback fails one test: what has been reported is not reported again.

        Raises:
            AssertionError: there is a traceback that nobody has reported; the message holds it.
        """
        text = self.output()
        known, _REPORTED[self.url] = _REPORTED.get(self.url, 0), len(text)
        if TRACEBACK in text[known:] or FAULT in text[known:]:
            raise AssertionError(f"the server logged a traceback:\n{text[known:]}")


@contextlib.contextmanager
def streamlit_server(
    script: Path | str, env: Mapping[str, str] | None = None, args: Sequence[str] = ()
) -> Iterator[Server]:
    """Run `script` on a free port of 127.0.0.1 until the block ends.

    The server runs in the repository root: `.streamlit/config.toml` holds, the project's packages import.

    Args:
        script: the Streamlit script; may lie anywhere.
        env: environment variables on top of this process's own.
        args: further `streamlit run` options, such as `["--theme.base=dark"]`.

    Raises:
        RuntimeError: the server ended or did not answer in time; the message holds its output.
    """
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}"]
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **(env or {})}
    with tempfile.TemporaryDirectory(prefix="streamlit-test-") as folder:
        log = Path(folder) / "server.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*command, *SERVER_OPTIONS, *args], cwd=ROOT, env=variables, stdout=output, stderr=output
            )
        try:
            server = Server(f"http://127.0.0.1:{port}", process, log)
            _wait_until_healthy(server)
            _RUNNING.append(server)
            yield server
            server.check_log()
        finally:
            _RUNNING[:] = [other for other in _RUNNING if other.process is not process]
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_healthy(server: Server) -> None:
    deadline = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise RuntimeError(f"streamlit ended with code {server.process.returncode}:\n{server.output()}")
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"streamlit did not answer within {STARTUP_SECONDS} s:\n{server.output()}")


def chromium_path(playwright: Playwright) -> str:
    """Path of the system's Chromium, else of playwright's own; fails the test if there is none."""
    for name in SYSTEM_CHROMIUMS:
        found = shutil.which(name)
        if found:
            return found
    own = playwright.chromium.executable_path
    if Path(own).exists():
        return own
    return pytest.fail(
        "No Chromium found: install the system's chromium package "
        "or run `python -m playwright install chromium`"
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the whole test session; open pages with `open_page`."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=chromium_path(playwright), args=list(BROWSER_FLAGS), headless=True
        )
        yield chromium
        chromium.close()


@contextlib.contextmanager
def open_page(
    browser: Browser,
    url: str,
    *,
    viewport: tuple[int, int] = (1280, 720),
    dark: bool = False,
    touch: bool = False,
) -> Iterator[tuple[Page, list[str]]]:
    """Open `url` in a fresh browser context and wait until the script has run.

    Yields the page and the live list of its problems: console errors and uncaught exceptions. Two 404s that
    Streamlit itself logs on every deep link (`/health`, `/host-config` below the page's path) are left out.
    """
    context = browser.new_context(
        viewport={"width": viewport[0], "height": viewport[1]},
        color_scheme="dark" if dark else "light",
        has_touch=touch,
        accept_downloads=True,
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    problems: list[str] = []
    page.on("console", lambda message: _note(message, problems))
    page.on("pageerror", lambda error: problems.append(f"uncaught: {error}"))
    try:
        page.goto(url)
        wait_ready(page)
        yield page, problems
        for server in _RUNNING:
            if url.startswith(server.url):
                server.check_log()
    finally:
        context.close()


def _note(message: ConsoleMessage, problems: list[str]) -> None:
    address = (message.location or {}).get("url", "")
    harmless = address.endswith(("/_stcore/health", "/_stcore/host-config")) and "404" in message.text
    if message.type == "error" and not harmless:
        problems.append(f"{message.text} ({address})")


def wait_ready(page: Page, timeout: int = READY_MILLISECONDS) -> None:
    """Wait until the page is connected and no script run is under way (milliseconds).

    A click needs a moment to reach the server, so this first lets the browser finish what it was told.
    Pages with a fragment that reruns by itself never come to rest: wait for a text there instead.
    """
    page.wait_for_selector("[data-testid=stApp][data-test-connection-state=CONNECTED]", timeout=timeout)
    page.wait_for_timeout(150)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=timeout)
