"""Presenter mode: whatever has the focus, keys do what they say; nothing scrolls; the frame shows a viewer only."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.dashboard.browser import ROOT, Server, open_page, wait_ready
from tests.browser.accessibility import grave_findings
from ui.images.compact import turned
from ui.lessons import LESSONS

pytestmark = pytest.mark.browser
PATIENCE = 120_000
FITS = """(() => { const main = document.querySelector("[data-testid=stMain]");
    return main.scrollHeight <= window.innerHeight && main.scrollWidth <= window.innerWidth; })()"""
PAGES = sorted(path.stem.replace("overview", "") for path in (ROOT / "pages" / "main").glob("*.py"))


THERE = {
    "": ".lrs-strip",
    "about": "text=What it does not cover",
    "browse": ".lrs-figure",
    "compare": "[data-testid=best-radius]",
    "graph": "[data-testid=certified-share]",
    "learn": ".lrs-curtain",
    "segmentation": "[data-testid=certified-share]",
    "studies": "[data-testid=study-headline]",
}
"""What each page shows on a stage, once it is complete."""


@pytest.mark.parametrize("address", PAGES)
def test_every_page_fits_both_projectors_and_is_accessible(browser: Browser, dashboard: Server, address: str):
    with open_page(browser, f"{dashboard.url}/{address}?stage=true") as (page, problems):
        expect(page.locator("h1")).to_be_visible(timeout=PATIENCE)
        expect(page.locator(THERE[address]).first).to_be_visible(timeout=PATIENCE)
        wait_ready(page)
        assert not page.get_by_test_id("stHeader").is_visible()
        for size in ((1280, 720), (1024, 768)):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            wait_ready(page)
            page.wait_for_timeout(500)
            assert page.evaluate(FITS), size
        assert grave_findings(page) == []
        assert problems == []


@pytest.mark.parametrize("focus", ["nothing", "slider", "picture"])
def test_page_keys_move_the_budget_whatever_has_the_focus(browser: Browser, dashboard: Server, focus: str):
    with open_page(browser, f"{dashboard.url}/segmentation?stage=true&image_eps=0.1") as (page, problems):
        number = page.get_by_test_id("certified-share")
        expect(number).to_be_visible(timeout=PATIENCE)
        await_keys(page)
        focused(page, focus)
        slider = page.locator(".st-key-image_eps input").first
        before, largest, budget = number.inner_text(), float(slider.get_attribute("max") or 0), 0.1
        for key, way in [("PageDown", 1)] * 4 + [("PageUp", -1)]:
            page.keyboard.press(key)
            budget = turned(budget, way, largest)
            expect(slider).to_have_value(f"{budget:g}")  # alone, a slider with the focus goes the other way
            wait_ready(page)
        expect(number).not_to_have_text(before)
        assert problems == []


def await_keys(page: Page) -> None:
    """Wait until the presenter and the page keys listen: both are drawn after the page."""
    expect(page.get_by_role("button", name="Leave presenter mode")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".st-key-page_keys")).to_be_attached(timeout=PATIENCE)
    wait_ready(page)
    page.wait_for_timeout(300)


def focused(page: Page, what: str) -> None:
    """Give something the focus, and see that it has it."""
    if what == "nothing":
        return
    chosen = {
        "slider": page.locator(".st-key-image_eps input[type=range]").first,
        "picture": page.locator(".stage").first,
        "button": page.get_by_role("button", name="Leave presenter mode"),
    }[what]
    chosen.focus()
    expect(chosen).to_be_focused()


@pytest.mark.parametrize("focus", ["nothing", "slider", "picture"])
def test_letters_do_what_they_say_whatever_has_the_focus(browser: Browser, dashboard: Server, focus: str):
    with open_page(browser, f"{dashboard.url}/segmentation?stage=true&image_eps=0.1") as (page, problems):
        expect(page.get_by_test_id("certified-share")).to_be_visible(timeout=PATIENCE)
        await_keys(page)
        cover = page.locator(".cover")
        for key in ("b", "."):
            focused(page, focus)
            page.keyboard.press(key)
            expect(cover).to_be_visible()
            assert cover.evaluate("cover => getComputedStyle(cover).backgroundColor") == "rgb(0, 0, 0)"
            width, height = cover.evaluate("cover => [cover.offsetWidth, cover.offsetHeight]")
            assert (width, height) == (1280, 720), "nothing of the page shines through"
            assert cover.inner_text() == ""
            page.keyboard.press(key)
            expect(cover).to_be_hidden()
        focused(page, focus)
        page.keyboard.press("h")
        expect(cover).to_contain_text("black screen")
        page.keyboard.press("q")
        expect(page.get_by_role("img", name="QR code")).to_be_visible(timeout=PATIENCE)
        assert page.url in cover.inner_text()
        page.keyboard.press("Escape")
        expect(cover).to_be_hidden()
        expect(page.get_by_test_id("stHeader")).to_be_hidden()
        focused(page, focus)
        with page.expect_popup() as opened:
            page.keyboard.press("n")
        expect(opened.value.locator("h1")).to_have_text("Segmentation")
        expect(opened.value.locator("p")).to_contain_text("PageDown")
        assert "PageDown and PageUp move the budget" not in page.locator("body").inner_text()
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("stHeader")).to_be_visible(timeout=PATIENCE)
        assert "stage=" not in page.url
        assert problems == []


def test_the_notes_follow_the_page(browser: Browser, dashboard: Server):
    with open_page(browser, f"{dashboard.url}/learn?stage=true") as (page, problems):
        expect(page.locator(".lrs-curtain")).to_be_visible(timeout=PATIENCE)
        wait_ready(page)
        with page.expect_popup() as opened:
            page.keyboard.press("n")
        notes = opened.value.locator("p")
        expect(notes).to_have_text(LESSONS[0].notes.strip(), timeout=PATIENCE)
        for _ in range(2):  # the answer, then the next step
            page.keyboard.press("PageDown")
            wait_ready(page)
            page.wait_for_timeout(300)
        expect(page.locator("h1")).to_have_text(LESSONS[1].title, timeout=PATIENCE)
        expect(notes).to_have_text(LESSONS[1].notes.strip(), timeout=PATIENCE)
        assert problems == []


def test_the_stage_stays_from_page_to_page_and_letters_stay_letters(browser: Browser, dashboard: Server):
    with open_page(browser, f"{dashboard.url}/browse") as (page, problems):
        find = page.get_by_label("Find", exact=True)
        expect(find).to_be_visible(timeout=PATIENCE)
        find.fill("")
        find.press_sequentially("bnq")
        assert find.input_value() == "bnq"
        page.get_by_role("button", name="Present", exact=True).click()
        expect(page.get_by_test_id("stHeader")).to_be_hidden(timeout=PATIENCE)
        assert "stage=true" in page.url
        expect(page.get_by_role("button", name="Leave presenter mode")).to_be_visible(timeout=PATIENCE)
        page.keyboard.press("Alt+KeyP")
        expect(page.get_by_test_id("stHeader")).to_be_visible(timeout=PATIENCE)
        assert problems == []


@pytest.mark.parametrize(("address", "viewer"), [("segmentation", ".stage"), ("graph", ".stage.picture")])
def test_a_frame_shows_one_viewer_with_its_budget(
    browser: Browser, dashboard: Server, address: str, viewer: str
):
    with open_page(browser, dashboard.url) as (page, problems):
        page.set_content(
            f'<iframe src="{dashboard.url}/{address}?embed=viewer" width="800" height="720"></iframe>'
        )
        frame = page.frame_locator("iframe")
        expect(frame.get_by_test_id("certified-share")).to_be_visible(timeout=PATIENCE)
        expect(frame.locator(viewer)).to_have_count(1, timeout=PATIENCE)
        expect(frame.get_by_test_id("stHeader")).to_be_hidden()
        expect(frame.get_by_role("button", name="Present", exact=True)).to_have_count(0)
        number = frame.get_by_test_id("certified-share")
        before = number.inner_text()
        slider = frame.locator("[data-testid=stMain] input[type=range]").first
        slider.focus()
        slider.press("End")
        expect(number).not_to_have_text(before, timeout=PATIENCE)
        assert problems == []
