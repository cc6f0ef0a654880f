"""Two thousand rows in a real browser: the page stays fluid, sorts, filters, opens a certificate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from benchmarks.dashboard.browser import ROOT, Server, open_page, streamlit_server, wait_ready
from tests.ui.studies.made_up import write_study
from tests.ui.toy import toy_certificate

pytestmark = pytest.mark.browser
PATIENCE = 180_000


@pytest.fixture(scope="module")
def studies_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("studies")
    toy_certificate().save(folder / "toy.nc")
    write_study(folder / "many", 1000, certificate=folder / "toy.nc")
    told = {"LRS_STUDIES": str(folder), "LRS_LIBRARY": str(tmp_path_factory.mktemp("library"))}
    with streamlit_server(Path(ROOT) / "app.py", env=told) as server:
        yield server


def test_two_thousand_rows(browser: Browser, studies_server: Server):
    with open_page(browser, f"{studies_server.url}/studies") as (page, problems):
        expect(page.locator("h1")).to_have_text("Many certificates at once", timeout=PATIENCE)
        expect(page.get_by_text("2,000 of 2,000 rows")).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_text("each with its own alpha").first).to_be_visible()
        nodes = page.evaluate("document.querySelectorAll('*').length")
        assert nodes < 5000, "the table is drawn as far as it is seen, not row by row"
        find = page.locator(".st-key-studies_find input")
        find.fill("00042")
        find.press("Enter")
        expect(page.get_by_text("2 of 2,000 rows")).to_be_visible(timeout=PATIENCE)
        page.get_by_role("tab", name="Curves").click()
        expect(page.locator(".st-key-studies_curve_plot .js-plotly-plot")).to_be_visible(timeout=PATIENCE)
        page.get_by_role("tab", name="Compare two settings").click()
        expect(page.get_by_text("Wilcoxon signed-rank test").first).to_be_visible(timeout=PATIENCE)
        page.get_by_role("tab", name="Pictures").click()
        page.get_by_role("button", name="Open on its page").first.click()
        page.wait_for_url("**/segmentation**", timeout=PATIENCE)
        wait_ready(page)
        assert problems == []
