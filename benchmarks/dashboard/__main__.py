"""Times of the dashboard as its users meet it, and its memory: a real server, a real browser.

    python -m benchmarks.dashboard [--moves 200] [--repeats 5] [--out docs/results/dashboard.md]

Whatever else runs on the machine slows everything down; the table says the load average before and after.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from importlib.metadata import version
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from benchmarks.dashboard.browser import BROWSER_FLAGS, chromium_path
from benchmarks.dashboard.measure import (
    FIRST_SCREENS,
    budget_moves,
    first_screen,
    live_run,
    noise_move,
    server,
)

Row = tuple[str, str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--moves", type=int, default=200, help="moves of the budget slider")
    parser.add_argument("--repeats", type=int, default=5, help="visits, runs and cancels")
    parser.add_argument("--out", type=Path, help="Markdown file to write; printed anyway")
    options = parser.parse_args()
    before = os.getloadavg()[0]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(playwright), args=list(BROWSER_FLAGS)
        )
        rows = measured(browser, options.moves, options.repeats)
        browser.close()
    text = report(rows, options.moves, options.repeats, (before, os.getloadavg()[0]))
    print(text)
    if options.out is not None:
        options.out.write_text(text, encoding="utf-8")


def measured(browser: Browser, moves: int, repeats: int) -> list[Row]:
    """Rows of the table: what, measured, aim."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (running, start):
        rows.append(("server started, cold process", f"{start:.1f} s", ""))
        for name in FIRST_SCREENS:
            cold = first_screen(browser, running, name)
            warm = [first_screen(browser, running, name) for _ in range(repeats)]
            rows.append((f"first certified screen, {name}, first visitor", f"{cold:.2f} s", ""))
            rows.append((f"first certified screen, {name}, warm server", spread(warm), "3 s"))
        seconds, sizes = budget_moves(browser, running, moves)
        worst = sorted(seconds)[int(0.95 * (len(seconds) - 1))]
        words = f"median {1000 * median(seconds):.0f} ms, 95 % within {1000 * worst:.0f} ms"
        rows.append((f"budget move to updated picture, server time, {moves} moves", words, "200 ms"))
        settled = sizes[min(20, len(sizes) - 1)]
        words = f"{settled:.0f} MiB after {min(20, moves)} moves, {sizes[-1]:.0f} MiB after {moves}"
        rows.append(("memory of the server", words, "flat"))
        pairs = [noise_move(browser, running) for _ in range(repeats)]
        rows.append(("noise move: Run to a partial certificate on screen", spread([a for a, _ in pairs]), ""))
        rows.append(("Cancel to its answer on screen", spread([b for _, b in pairs]), "1 s"))
    runs = [live_run() for _ in range(repeats)]
    rate = median(run.rate for run in runs)
    rows.append(
        (
            f"noise move to first valid partial certificate, server time ({runs[0].first_copies} noisy copies)",
            f"{spread([run.first for run in runs])}; {rate:.0f} copies a second",
            "2 s",
        )
    )
    rows.append(("cancel to the end of the job, server time", spread([run.stopped for run in runs]), "1 s"))
    return rows


def spread(seconds: list[float]) -> str:
    """Median and range."""
    return f"{median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})"


def report(rows: list[Row], moves: int, repeats: int, load: tuple[float, float]) -> str:
    """The page of docs/results."""
    lines = [
        "# Dashboard: times and memory",
        "",
        f"Made by `python -m benchmarks.dashboard --moves {moves} --repeats {repeats}` on {os.cpu_count()} cores "
        f"({platform.machine()}), Python {platform.python_version()}, Streamlit {version('streamlit')}, torch "
        f"{version('torch')}. Load average of the last minute before and after: {load[0]:.1f} and {load[1]:.1f} "
        f"({os.cpu_count()} would be full).",
        "",
        f"Seconds are the median of {repeats} (least to most). Server time ends with the last message of the script "
        "run that answers; times on screen include Chromium without a GPU on the same cores. The runs have the "
        "page's default controls: two views of 2x3 regions, 64 pilot and up to 1,024 samples, looks from 64 on.",
        "",
        "| what | measured | aim |",
        "| --- | --- | --- |",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
