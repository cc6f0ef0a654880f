"""Take the README's screenshots of a running dashboard: `python -m benchmarks.dashboard.screenshots --out docs/images`.

Needs playwright and a Chromium: the system's, else playwright's own (`python -m playwright install chromium`).
"""

from __future__ import annotations

import argparse
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--hide-scrollbars",
)
START_SECONDS = 60
PAINTED = """() => !document.querySelector("[data-testid=stSkeleton]") &&
    [...document.querySelectorAll("[data-testid=stPlotlyChart]")].every(chart => chart.querySelector(".main-svg"))"""
"""Whether every element and plot has been drawn, however busy the machine is."""


@dataclass(frozen=True)
class Shot:
    """One picture: file name, address, whether dark, viewport, and a text that must be there first."""

    name: str
    path: str
    awaited: str
    dark: bool = False
    size: tuple[int, int] = (1280, 800)


SHOTS = (
    Shot("overview", "/", "Scenes"),
    Shot("segmentation", "/segmentation?image_eps=0.4", "Proven: at least", size=(1280, 1400)),
    Shot("segmentation-dark", "/segmentation?image_eps=0.4", "Proven: at least", dark=True),
    Shot(
        "worst-attack",
        "/segmentation?image_eps=0.5&image_panels=Certified&image_panels=Worst+attack+found&image_panels=Noise+levels",
        "Proven: at least",
    ),
    Shot("phone", "/segmentation?image_eps=0.4", "Proven: at least", size=(390, 844)),
    Shot("graph", "/graph", "Proven: at least", size=(1280, 1100)),
)


@contextmanager
def running_dashboard() -> Iterator[str]:
    """Serve the dashboard on a free port while the block lasts; yields its address.

    Raises:
        RuntimeError: it did not start.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"the dashboard did not start within {START_SECONDS} s")


def take(shots: Sequence[Shot], address: str, folder: Path) -> list[Path]:
    """Take the pictures of a running dashboard; returns the files."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    chromium = next((path for name in CHROMIUMS if (path := shutil.which(name))), None)
    files = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        for shot in shots:
            width, height = shot.size
            page = browser.new_page(
                viewport={"width": width, "height": height}, color_scheme="dark" if shot.dark else "light"
            )
            page.goto(address + shot.path)
            page.get_by_text(shot.awaited).first.wait_for(timeout=90_000)
            page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=90_000)
            page.wait_for_function(PAINTED, timeout=90_000)
            page.wait_for_timeout(1500)  # canvases and plots are painted after the script has run
            files.append(folder / f"{shot.name}.png")
            page.screenshot(path=files[-1])
            page.close()
        browser.close()
    return files


def main() -> None:
    """Take all pictures, or the named ones."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="pictures to take; all if none is named")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    options = parser.parse_args()
    chosen = [shot for shot in SHOTS if not options.names or shot.name in options.names]
    with running_dashboard() as address:
        for file in take(chosen, address, options.out):
            print(file)


if __name__ == "__main__":
    main()
