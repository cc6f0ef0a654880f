"""What axe-core finds on a page (the rules of WCAG and good practice, run inside the browser, offline)."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = ("moderate", "serious", "critical")


def grave_findings(page: Page) -> list[str]:
    """Findings on the whole page that are not minor: rule, element and what is wrong, one line each."""
    return [
        f"{found['impact']} {found['id']}: {node['target']} {node['failureSummary']}"
        for found in Axe().run(page).response["violations"]
        if found["impact"] in GRAVE
        for node in found["nodes"]
    ]
