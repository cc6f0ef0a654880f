"""A server that is told to stop in the middle of a run: it ends cleanly, and the run goes on on the next one."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from benchmarks.dashboard.browser import TRACEBACK, streamlit_server, wait_ready
from lrscore import load_certificate

pytestmark = pytest.mark.browser
PATIENCE = 180_000
_RUN = (
    "segmentation?image_views=false&image_rows=1&image_cols=1&image_pilot=16&image_samples=1024"
    "&image_correction=bonferroni"
)


def children(process: int) -> list[str]:
    """Processes that a process has started and that are still there."""
    return subprocess.run(
        ["ps", "--ppid", str(process), "-o", "pid="], capture_output=True, text=True
    ).stdout.split()


def test_an_interrupted_server_ends_cleanly_and_its_run_goes_on_after_a_restart(
    browser: Browser, environment: dict[str, str], tmp_path: Path
):
    own = {**environment, "LRS_LIBRARY": str(tmp_path)}
    context = browser.new_context()
    page = context.new_page()
    with streamlit_server("app.py", env=own) as server:
        page.goto(f"{server.url}/{_RUN}")
        wait_ready(page)
        page.locator(".st-key-run button").click()
        expect(page.get_by_text("noisy copies")).to_be_visible(timeout=PATIENCE)
        link = page.url.removeprefix(server.url)
        for _ in range(600):
            if list(tmp_path.glob("*/*.standing")):
                break
            page.wait_for_timeout(200)
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(120) in (
            0,
            1,
            130,
        )  # 1: what the command line library says of an interrupt
        assert children(server.process.pid) == []
        assert TRACEBACK not in server.output()
    assert len(list(tmp_path.glob("*/*.standing"))) == 1
    with streamlit_server("app.py", env=own) as server:
        page.goto(f"{server.url}{link}")
        wait_ready(page)
        expect(page.get_by_text("It can go on where it stopped.")).to_be_visible(timeout=PATIENCE)
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_text("Certified in")).to_be_visible(timeout=PATIENCE)
        server.check_log()
    kept = list(tmp_path.glob("*/*.nc"))
    assert len(kept) == 1
    assert int(load_certificate(kept[0]).trials.min()) == 1024
    assert list(tmp_path.glob("*/*.standing")) == []
    context.close()
