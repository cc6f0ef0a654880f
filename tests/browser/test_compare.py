"""The compare page in a real browser: a cold deep link with three certificates, the difference map, downloads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.dashboard.browser import ROOT, open_page, streamlit_server, wait_ready
from models.scenes.gallery import GALLERY
from tests.ui.toy import toy_certificate

pytestmark = pytest.mark.browser
PATIENCE = 120_000
FIRST = f"bundled:{GALLERY[0].name}"
PICKS = (f"{FIRST}~naive~envelope", "folder:isotropic~radii~segcertify-0.75", "folder:anytime")
LINK = "/compare?" + "&".join(f"compare_pick={pick}" for pick in PICKS)


@pytest.fixture(scope="module")
def shelf(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The dashboard's environment with a folder of two more certificates of the bundled picture."""
    folder = tmp_path_factory.mktemp("folder")
    toy_certificate(grid=(1, 1), samples=256).save(folder / "isotropic.nc")
    toy_certificate(correction="anytime").save(folder / "anytime.nc")
    return {**environment, "LRS_CERTIFICATES": str(folder)}


def download(page: Page, label: str) -> str:
    page.get_by_role("button", name="Export").click()
    with page.expect_download(timeout=PATIENCE) as found:
        page.get_by_role("button", name=label).click()
    page.keyboard.press("Escape")
    return Path(found.value.path()).read_text(encoding="utf-8")


def test_a_cold_deep_link_compares_three_certificates(browser: Browser, shelf: dict[str, str]):
    with (
        streamlit_server(Path(ROOT) / "app.py", env=shelf) as server,
        open_page(browser, server.url + LINK) as (page, problems),
    ):
        expect(page.get_by_test_id("best-radius")).to_be_visible(timeout=PATIENCE)
        wait_ready(page, PATIENCE)
        assert page.title() == "Compare"
        difference = page.get_by_role("application", name=re.compile("^Radius: B − A"))
        expect(difference).to_be_visible(timeout=PATIENCE)
        expect(page.locator(".js-plotly-plot")).to_have_count(2)
        expect(page.locator(".js-plotly-plot").first).to_contain_text("SegCertify", timeout=PATIENCE)
        table = download(page, "Table (CSV)")
        assert len(table.splitlines()) == 1 + 5
        assert "folder:anytime" in table
        assert "<svg" in download(page, "Accuracy and radius (SVG)")
        report = download(page, "Report (HTML, one file)")
        assert "http" not in re.sub(r'xmlns="http://www\.w3\.org/2000/svg"', "", report)
        assert report.count("<svg") == 2
        link = page.url
        page.goto(link)  # what the address line says is all there is to know
        expect(page.get_by_test_id("best-radius")).to_be_visible(timeout=PATIENCE)
        wait_ready(page, PATIENCE)
        assert page.url == link
        assert problems == []
