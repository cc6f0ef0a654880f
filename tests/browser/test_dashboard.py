"""The dashboard in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.dashboard.browser import ROOT, Server, open_page, streamlit_server, wait_ready
from lrscore.verify import verify_file

pytestmark = pytest.mark.browser
NUMBER = "[data-testid=certified-share]"
PATIENCE = 180_000


def overlay(page: Page) -> str:
    """What the canvas of the certified panel shows, as text."""
    stage = page.get_by_role("application", name=re.compile("^Certified\\. "))
    return str(stage.locator("canvas").first.evaluate("canvas => canvas.toDataURL()"))


def press(page: Page, key: str, times: int, slider: str = "image_eps") -> None:
    page.locator(f".st-key-{slider} input[type=range]").first.focus()
    for _ in range(times):
        page.keyboard.press(key)
    wait_ready(page)


def test_a_cold_deep_link_opens_its_page(browser: Browser, environment: dict[str, str]):
    with (
        streamlit_server(Path(ROOT) / "app.py", env=environment) as server,
        open_page(browser, f"{server.url}/segmentation?image_eps=0.1") as (page, problems),
    ):
        expect(page.locator(NUMBER)).to_be_visible(timeout=PATIENCE)
        assert page.title() == "Segmentation"
        assert page.get_by_text("Page not found").count() == 0
        assert "≤ 0.100" in page.inner_text(".lrs-claim")
        assert problems == []


def test_the_budget_moves_number_and_overlay_and_survives_a_reload(browser: Browser, dashboard: Server):
    with open_page(browser, f"{dashboard.url}/segmentation") as (page, problems):
        expect(page.locator(NUMBER)).to_be_visible(timeout=PATIENCE)
        number, picture = page.inner_text(NUMBER), overlay(page)
        press(page, "ArrowRight", 25)
        expect(page.locator(NUMBER)).not_to_have_text(number, timeout=PATIENCE)
        page.wait_for_timeout(300)  # the canvas is painted in the next frame
        assert overlay(page) != picture
        moved = page.inner_text(NUMBER)
        assert "image_eps=" in page.url
        page.reload()
        expect(page.locator(NUMBER)).to_have_text(moved, timeout=PATIENCE)
        assert problems == []


def test_a_click_on_a_pixel_tells_its_story(browser: Browser, dashboard: Server):
    with open_page(browser, f"{dashboard.url}/segmentation") as (page, problems):
        expect(page.locator(NUMBER)).to_be_visible(timeout=PATIENCE)
        page.get_by_role("application", name=re.compile("^Input")).click(position={"x": 40, "y": 30})
        story = page.locator(".st-key-pixel_story")
        expect(story).to_contain_text("pilot votes", timeout=PATIENCE)
        expect(story).to_contain_text("in region 0")
        assert problems == []


def test_uploads_good_and_bad(browser: Browser, dashboard: Server, tmp_path: Path):
    from PIL import Image

    bad, good = tmp_path / "notes.png", tmp_path / "street.png"
    bad.write_text("this is no picture")
    Image.linear_gradient("L").resize((480, 360)).save(good)
    address = f"{dashboard.url}/segmentation?image_scene=Your+own+photo+%E2%80%A6&image_eps=0.15"
    with open_page(browser, address) as (page, problems):
        expect(page.get_by_text("Upload a photo on the left")).to_be_visible(timeout=PATIENCE)
        page.set_input_files("[data-testid=stFileUploader] input", good)
        expect(page.get_by_text("Nothing is certified here yet")).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_text("resized from 480x360 to 240x180")).to_be_visible()
        page.set_input_files("[data-testid=stFileUploader] input", bad)
        expect(page.get_by_text("notes.png can not be used")).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_text("street.png", exact=False).first).to_be_visible()
        assert page.locator(".st-key-run button").is_enabled(), "the photo before is still there"
        assert "image_eps=0.15" in page.url, "an upload moves no budget"
        assert problems == []


def test_export_and_copy_link(browser: Browser, dashboard: Server):
    with open_page(browser, f"{dashboard.url}/segmentation?image_eps=0.1") as (page, problems):
        expect(page.locator(NUMBER)).to_be_visible(timeout=PATIENCE)
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.get_by_role("button", name="Copy link").click()
        expect(page.get_by_role("button", name="Link copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == page.url
        page.get_by_role("button", name="Export").click()
        with page.expect_download(timeout=PATIENCE) as download:
            page.get_by_role("button", name="Curves (CSV)").click()
        assert (
            Path(download.value.path())
            .read_text()
            .startswith("epsilon,naive,paper,envelope,proven,ceiling,outputs\n0,")
        )
        with page.expect_download(timeout=PATIENCE) as download:
            page.get_by_role("button", name="Certificate (netCDF)").click()
        verify_file(download.value.path())
        with page.expect_download(timeout=PATIENCE) as download:
            page.get_by_role("button", name="Report (HTML, one file)").click()
        report = Path(download.value.path()).read_text()
        assert "Proven: at least" in report
        assert "http" not in report.replace("http://www.w3.org", ""), "it needs no network"
        expect(page.get_by_text("python -m lrscore certify image")).to_be_visible()
        assert problems == []


def test_memory_stays_flat_while_the_budget_moves(browser: Browser, dashboard: Server):
    """The full measurement is `python -m benchmarks.dashboard`; this notices a leak of a picture per move."""
    with open_page(browser, f"{dashboard.url}/segmentation") as (page, problems):
        expect(page.locator(NUMBER)).to_be_visible(timeout=PATIENCE)
        press(page, "ArrowRight", 10)
        before = resident_mebibytes(dashboard.process.pid)
        for move in range(30):
            press(page, "ArrowRight" if move % 2 else "ArrowLeft", 1)
        grown = resident_mebibytes(dashboard.process.pid) - before
        assert grown < 30, "30 moves send 30 overlays of the pictures; one kept each would show"
        assert problems == []


def resident_mebibytes(process: int) -> float:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1]) / 1024
