"""The first five minutes of a new user, walked by a browser: from the overview to an own photo with a certificate.

    python -m benchmarks.dashboard.first_minutes [--photo FILE]

Counts clicks and takes the time, waiting included, and prints both. The photo is the bundled scene's picture if none is
named. Nothing is read on the way but what stands on the page.
"""

from __future__ import annotations

import argparse
import io
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from benchmarks.dashboard.browser import BROWSER_FLAGS, ROOT, chromium_path, open_page, streamlit_server
from models.scenes.gallery import GALLERY, load_gallery_scene

PATIENCE = 900_000


class Walk:
    """Clicks and seconds since the start."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks, self.begun = page, 0, time.monotonic()

    def click(self, selector: str) -> None:
        """One click."""
        self.page.locator(selector).first.click(timeout=PATIENCE)
        self.clicks += 1

    def say(self, what: str) -> None:
        """One line about where the walk has come to."""
        print(f"{time.monotonic() - self.begun:6.0f} s, {self.clicks:2d} clicks: {what}", flush=True)


def main() -> None:
    """Walk and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photo", type=Path)
    options = parser.parse_args()
    photo = options.photo.read_bytes() if options.photo else _scene_photo()
    with (
        tempfile.TemporaryDirectory() as library,
        streamlit_server(ROOT / "app.py", env={"LRS_LIBRARY": library}) as server,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(
            executable_path=chromium_path(playwright), args=list(BROWSER_FLAGS)
        )
        with open_page(chromium, server.url) as (page, _):
            walk(Walk(page), photo)


def walk(walk: Walk, photo: bytes) -> None:
    """The way itself."""
    page = walk.page
    page.locator(".lrs-strip").first.wait_for(timeout=PATIENCE)
    walk.say("overview: a certified picture with the five looks in its legend")
    walk.click("text=Certify an image")
    page.get_by_test_id("certified-share").wait_for(timeout=PATIENCE)
    walk.say("segmentation: a bundled scene with its proven share, its five looks explained below")
    walk.click(
        ".st-key-image_scene [data-baseweb=select], .st-key-image_scene input, .st-key-image_scene button"
    )
    walk.click("text=Your own photo")
    page.locator(".st-key-photo input[type=file]").set_input_files(
        {"name": "photo.png", "mimeType": "image/png", "buffer": photo}
    )
    walk.clicks += 2  # the button of the uploader, and the file
    page.get_by_text("Nothing is certified here yet").wait_for(timeout=PATIENCE)
    walk.say("the own photo is on screen")
    walk.click(".st-key-run button:not([disabled])")
    page.get_by_test_id("certified-share").wait_for(timeout=PATIENCE)
    walk.say("the first certificate of the own photo, of its first samples but valid")
    page.get_by_text("The first result is on its way").wait_for(state="detached", timeout=PATIENCE)
    page.locator(".st-key-run button:not([disabled])").wait_for(timeout=PATIENCE)
    walk.say("the whole photo is certified")


def _scene_photo() -> bytes:
    pixels = np.rint(load_gallery_scene(GALLERY[1].name).image * 255).astype(np.uint8).transpose(1, 2, 0)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="png")
    return buffer.getvalue()


if __name__ == "__main__":
    main()
