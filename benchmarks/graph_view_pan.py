"""Frame times of the graph view in a headless Chromium without a GPU.

    python -m benchmarks.graph_view_pan --nodes 2500 --edges 7500

Prints, for panning and for zooming, the number of frames, the median and 95th percentile of the time between two
frames and the longest frame, all in milliseconds. 16.7 ms is a full 60 frames per second.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.dashboard.browser import BROWSER_FLAGS, chromium_path, open_page, streamlit_server

SCRIPT = """
import numpy as np
import streamlit as st
from scipy.spatial import cKDTree
from ui.components.graph_view import Clusters, Drawing, NodeStyles, graph_view
from ui.style.palette import STATES

st.set_page_config(layout="wide")
rng = np.random.default_rng(0)
nodes, edges = {nodes}, {edges}
clusters = rng.integers(0, 5, nodes)
positions = np.stack([np.cos(clusters * 1.26), 0.6 * np.sin(clusters * 1.26)], axis=1)
positions = positions + 0.28 * rng.normal(size=(nodes, 2))
near = cKDTree(positions).query(positions, k=9)[1][:, 1:]
pairs = np.stack([np.repeat(np.arange(nodes), 8), near.ravel()])
pairs = np.unique(np.sort(pairs, axis=0), axis=1)
pairs = pairs[:, rng.permutation(pairs.shape[1])[:edges]]
states = NodeStyles("certificate", rng.integers(0, 5, nodes), STATES)
graph_view(Drawing(positions, pairs, [states], clusters=Clusters(clusters)), key="graph")
st.text(f"{{nodes}} nodes, {{pairs.shape[1]}} edges")
"""
RECORD = """() => {
    window.frames_ = [];
    let last = performance.now();
    const tick = (now) => {
        window.frames_.push(now - last);
        last = now;
        window.recording_ = requestAnimationFrame(tick);
    };
    window.recording_ = requestAnimationFrame(tick);
}"""
STOP = "() => { cancelAnimationFrame(window.recording_); return window.frames_; }"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, default=2500)
    parser.add_argument("--edges", type=int, default=7500)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        script = Path(folder) / "script.py"
        script.write_text(SCRIPT.format(nodes=options.nodes, edges=options.edges))
        chromium = playwright.chromium.launch(
            executable_path=chromium_path(playwright), args=list(BROWSER_FLAGS)
        )
        with streamlit_server(script) as server, open_page(chromium, server.url) as (page, _):
            page.wait_for_timeout(1500)
            print(page.get_by_text("nodes,").inner_text())
            box = page.locator(".stage").bounding_box()
            assert box is not None
            middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            report("rest", page, lambda: page.wait_for_timeout(1000))
            report("zoom", page, lambda: zoom(page, middle))
            page.wait_for_timeout(500)
            report("pan", page, lambda: pan(page, middle))
        chromium.close()


def report(name: str, page: Page, action: Callable[[], None]) -> None:
    page.evaluate(RECORD)
    action()
    frames = np.array(page.evaluate(STOP)[1:])
    print(
        f"{name}: {len(frames)} frames, median {np.median(frames):.1f} ms, "
        f"95 % {np.percentile(frames, 95):.1f} ms, longest {frames.max():.1f} ms"
    )


def zoom(page: Page, middle: tuple[float, float]) -> None:
    page.mouse.move(middle[0] - 5, middle[1])
    page.mouse.move(*middle)
    for _ in range(12):
        page.mouse.wheel(0, -40)
        page.wait_for_timeout(30)
    page.wait_for_timeout(300)


def pan(page: Page, middle: tuple[float, float]) -> None:
    page.mouse.move(*middle)
    page.mouse.down()
    for step in range(120):
        angle = 2 * np.pi * step / 60
        page.mouse.move(middle[0] + 180 * np.cos(angle), middle[1] + 120 * np.sin(angle))
    page.mouse.up()


if __name__ == "__main__":
    main()
