"""Make the lecture's deck and its handout from the app's own pictures: `make deck`.

    python -m benchmarks.dashboard.deck [--out docs/lecture]

Needs playwright and a Chromium, as the screenshots do. Both files stand alone: pictures are inside, nothing is loaded.
"""

from __future__ import annotations

import argparse
import base64
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from playwright.sync_api import Browser, sync_playwright

from benchmarks.dashboard.browser import (
    BROWSER_FLAGS,
    ROOT,
    chromium_path,
    open_page,
    streamlit_server,
    wait_ready,
)
from ui.lessons import LESSONS
from ui.lessons.lesson import Question
from ui.lessons.material import Material, gather
from ui.style.glossary import TERMS
from ui.style.legend import ORDER
from ui.style.pictures import data_uri, swatch

QUALITY = 72
SIZE = (1280, 720)
PATIENCE = 180_000
SETTLE = 2500  # milliseconds until what moves has something to show
HANDOUT_QUESTIONS = (1, 2, 3, 4, 5, 8)
HANDOUT_TERMS = ("threshold", "bound", "allocation", "ceiling", "gap", "weight", "budget", "collective")


@dataclass(frozen=True)
class Slide:
    """One slide: title, text (HTML-free), question with options, answer, notes, and the address of a picture."""

    title: str
    text: str
    question: str
    options: tuple[str, ...]
    answer: str
    notes: str
    picture: str


def main() -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "lecture")
    options = parser.parse_args()
    material = gather(None)
    if isinstance(material, str):
        raise SystemExit(material)
    with (
        streamlit_server(ROOT / "app.py") as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=chromium_path(playwright), args=list(BROWSER_FLAGS)
        )
        slides = [slide(browser, server.url, number, material) for number in range(1, len(LESSONS) + 1)]
        title = shot(browser, f"{server.url}/segmentation?stage=true&image_eps=0.5", ".stage canvas")
        village = shot(browser, f"{server.url}/graph?stage=true", ".stage.picture")
        browser.close()
    options.out.mkdir(parents=True, exist_ok=True)
    legend = [
        (style.name, data_uri(swatch(style, dark=False, size=22)), TERMS[style.name]) for style in ORDER
    ]
    pages = {
        "deck": {"slides": slides, "title_picture": title, "legend": legend},
        "handout": {
            "questions": [slides[place].question for place in HANDOUT_QUESTIONS],
            "legend": legend,
            "street": title,
            "village": village,
            "terms": [(name, TERMS[name]) for name in HANDOUT_TERMS],
        },
    }
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
    )
    for name, values in pages.items():
        path = options.out / f"{name}.html"
        path.write_text(environment.get_template(f"{name}.html").render(**values) + "\n", encoding="utf-8")
        print(f"written {path}: {path.stat().st_size / 1e6:.1f} MB")


def slide(browser: Browser, url: str, number: int, material: Material) -> Slide:
    """A step of the guided path, with its stage as it stands after the answer."""
    lesson = LESSONS[number - 1]
    asked: Question = lesson.ask(material)
    address = f"{url}/learn?stage=true&learn_step={number}"
    with open_page(browser, address, viewport=SIZE) as (page, _):
        page.locator(".lrs-curtain").wait_for(timeout=PATIENCE)
        page.locator(".st-key-next button").click()
        stage = page.locator(f".st-key-learn_stage_{number}")
        stage.wait_for(timeout=PATIENCE)
        wait_ready(page)
        page.wait_for_timeout(SETTLE)
        if lesson.title.startswith("Be the adversary"):
            page.get_by_role("button", name="Show the machine's").click()
        if lesson.title.startswith(("ε doubles", "Graphs")):
            slider = page.locator(f".st-key-learn_stage_{number} input[type=range]")
            slider.focus()
            for _ in range(6):
                slider.press("ArrowRight")
        picture = encoded(stage.screenshot(type="jpeg", quality=QUALITY))
    plain = lesson.text.replace("**", "").replace("*", "")
    right = asked.options[asked.right]
    answer = f"{right}. {asked.because}"
    question = asked.text.replace("**", "").replace("*", "")
    return Slide(lesson.title, plain, question, asked.options, answer, lesson.notes.strip(), picture)


def shot(browser: Browser, address: str, awaited: str) -> str:
    """The viewer of a page, as the address of a picture."""
    with open_page(browser, address, viewport=SIZE) as (page, _):
        page.locator(awaited).first.wait_for(timeout=PATIENCE)
        page.wait_for_timeout(SETTLE)
        return encoded(page.screenshot(type="jpeg", quality=QUALITY))


def encoded(content: bytes) -> str:
    """A JPEG as a `data:` address."""
    return "data:image/jpeg;base64," + base64.b64encode(content).decode("ascii")


if __name__ == "__main__":
    main()
