"""Attack, rings and tour in a real browser, with the bundled model on a small picture."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from playwright.sync_api import Browser, Locator, Page, expect

from benchmarks.dashboard.browser import ROOT, Server, open_page, streamlit_server, wait_ready
from lrscore import ImageSettings, certify_image
from models.scenes.gallery import GALLERY
from models.segmentation.registry import load_model
from tests.ui.toy import toy_image, toy_mask
from ui.images.noise.matrix_text import decode_levels

pytestmark = pytest.mark.browser
NUMBER = "[data-testid=certified-share]"
PATIENCE = 180_000  # a loaded machine draws late
SAME_SETTINGS = "image_views=false&image_levels=0.1&image_levels=0.3&image_pilot=16&image_samples=128"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A dashboard whose first scene is the toy street, certified with the bundled model."""
    settings = ImageSettings(grid=(2, 3), pilot_samples=16, samples=128)
    generator = torch.Generator().manual_seed(0)
    certificate = certify_image(load_model(), toy_image(), settings, generator=generator)
    folder = tmp_path_factory.mktemp("gallery")
    certificate.with_reference(toy_mask()).save(folder / f"{GALLERY[0].name}.nc")
    environment = {"LRS_GALLERY": str(folder), "LRS_LIBRARY": str(tmp_path_factory.mktemp("library"))}
    with streamlit_server(Path(ROOT) / "app.py", env=environment) as running:
        yield running


@contextlib.contextmanager
def visit(browser: Browser, url: str, **options: Any) -> Iterator[tuple[Page, list[str]]]:
    """`open_page` with patience for every single action."""
    with open_page(browser, url, **options) as (page, problems):
        page.set_default_timeout(PATIENCE)
        yield page, problems


def address(server: Server, *panels: str, **parameters: str) -> str:
    chosen = "".join(f"&image_panels={panel.replace(' ', '+')}" for panel in panels)
    more = "".join(f"&{name}={value}" for name, value in parameters.items())
    return f"{server.url}/segmentation?{SAME_SETTINGS}{chosen}{more}"


def picture(page: Page, title: str) -> Locator:
    return page.get_by_role("application", name=re.compile(f"^{title}"))


def pick(page: Page, title: str) -> None:
    """Click a pixel of region 0 and wait for its story."""
    expect(page.locator(NUMBER)).to_be_visible(timeout=PATIENCE)
    picture(page, title).click(position={"x": 30, "y": 20})
    expect(page.locator(".st-key-pixel_story")).to_contain_text("in region 0", timeout=PATIENCE)
    wait_ready(page)


def edited_levels(page: Page) -> list[float]:
    """Row of region 0 in the address."""
    page.wait_for_url(re.compile("matrix="), timeout=PATIENCE)
    text = re.search(r"matrix=([^&]+)", page.url)
    assert text
    return decode_levels(text[1], 6)[0].tolist()


def test_an_attack_is_shown_beside_the_certificate(browser: Browser, server: Server):
    with visit(browser, address(server, "Input", "Certified", eps="0.1")) as (page, problems):
        expect(page.locator(NUMBER)).to_be_visible(timeout=PATIENCE)
        expect(picture(page, "Attacked")).to_have_count(0)
        button = page.get_by_role("button", name="Attack it")
        expect(button).to_be_enabled(timeout=PATIENCE)
        button.click()
        result = page.get_by_test_id("attack-result")
        expect(result).to_be_visible(timeout=PATIENCE)
        words = re.search(
            r"changed ([\d,]+) labels? of ([\d,]+): .* at most ([\d,]+) of them", result.inner_text()
        )
        assert words, result.inner_text()
        changed, counted, most = (int(number.replace(",", "")) for number in words.groups())
        assert changed <= most <= counted
        expect(picture(page, "Attacked")).to_have_count(1, timeout=PATIENCE)
        for layer in ("change, amplified", "smoothed labels there", "changed pixels"):
            expect(page.get_by_label(layer, exact=True)).to_have_count(1)
        assert "Attacked" in page.url
        again = page.get_by_role("button", name="where the bound is weakest")
        expect(again).to_be_enabled(timeout=PATIENCE)
        again.click()
        expect(button).to_be_enabled(timeout=PATIENCE)
        assert problems == []


def test_a_ring_is_dragged_and_only_letting_go_reaches_the_server(browser: Browser, server: Server):
    with visit(browser, address(server, "Noisy copy", "Noise levels")) as (page, problems):
        pick(page, "Noise levels")
        handle = page.get_by_role("slider", name="Noise level at distance 1 from region 0")
        expect(handle).to_be_visible(timeout=PATIENCE)
        before = handle.inner_text()
        handle.scroll_into_view_if_needed()
        box = handle.bounding_box()
        assert box
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x, y - 30, steps=6)
        page.mouse.move(x, y - 60, steps=6)
        assert handle.inner_text() != before, "the level follows the pointer"
        assert "matrix=" not in page.url, "nothing is sent before the handle is let go"
        moved = float(handle.inner_text().split()[-1])
        page.mouse.up()
        row = edited_levels(page)
        assert row == [0.1, moved, row[2], moved, moved, row[5]]
        assert row[2] == row[5] != moved, "the other ring stays"
        expect(page.get_by_text("Noise levels, next run").first).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_text("edited levels")).to_be_visible(timeout=PATIENCE)
        assert page.locator(".zoom").inner_text() == "100 %", "the picture below has not moved"
        assert problems == []


def test_keys_change_the_rings_of_all_regions(browser: Browser, server: Server):
    with visit(browser, address(server, "Noise levels")) as (page, problems):
        pick(page, "Noise levels")
        page.get_by_label("Drag rings of all regions").check()
        handle = page.get_by_role("slider", name="Noise level in region 0")
        handle.focus()
        for key in ("ArrowUp", "+", "+", "-"):
            page.keyboard.press(key)
        assert handle.inner_text().endswith("0.12")
        assert handle.get_attribute("aria-valuenow") == "0.120"
        page.keyboard.press("Enter")
        edited_levels(page)
        matrix = decode_levels(re.search(r"matrix=([^&]+)", page.url)[1], 6)
        assert matrix.diagonal().tolist() == [0.12] * 6
        assert problems == []


def test_a_ring_follows_a_finger(browser: Browser, server: Server):
    with visit(browser, address(server, "Noise levels"), viewport=(390, 844), touch=True) as (
        page,
        problems,
    ):
        expect(page.locator(NUMBER)).to_be_visible(timeout=PATIENCE)
        picture(page, "Noise levels").tap(position={"x": 30, "y": 20})
        expect(page.locator(".st-key-pixel_story")).to_contain_text("in region 0", timeout=PATIENCE)
        wait_ready(page)
        handle = page.get_by_role("slider", name="Noise level at distance 2 from region 0")
        handle.scroll_into_view_if_needed()
        box = handle.bounding_box()
        assert box
        session = page.context.new_cdp_session(page)
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for kind, up in [("touchStart", 0), *(("touchMove", 8 * k) for k in range(1, 7)), ("touchEnd", 0)]:
            points = [] if kind == "touchEnd" else [{"x": x, "y": y - up}]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        row = edited_levels(page)
        assert row[2] == row[5] > 0.3
        assert row[:2] == pytest.approx([0.1, 0.2])
        assert problems == []


def test_the_tour_points_at_the_real_controls_and_leaves_no_trace(browser: Browser, server: Server):
    with visit(browser, f"{server.url}/") as (page, problems):
        page.get_by_role("link", name="Show me around").click()
        tour = page.get_by_role("dialog")
        expect(tour).to_be_visible(timeout=PATIENCE)
        for step in range(1, 8):
            expect(tour).to_contain_text(f"{step} of 7", timeout=PATIENCE)
            pointed_at = page.locator(".light").evaluate(
                "light => new Promise(found => { const look = () => light.offsetWidth > 30 ? found(true) "
                ": setTimeout(look, 50); look(); setTimeout(() => found(false), 60000); })"
            )
            assert pointed_at, f"step {step} points at nothing"
            page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowLeft")
        expect(tour).to_contain_text("6 of 7")
        page.keyboard.press("Escape")
        expect(tour).to_be_hidden()
        assert "tour=" not in page.url
        page.reload()
        wait_ready(page)
        expect(page.get_by_role("button", name="Show me around")).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert problems == []
