"""Shared fixtures: the public data sets, and one Chromium for all browser tests.

The browser is imported here and nowhere else: two of its fixtures would be two playwrights in one process, which clash.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.dashboard.browser import browser

__all__ = ["browser", "lrs_data_root"]


@pytest.fixture(scope="session")
def lrs_data_root() -> Path:
    """The folder of the public data sets; skipped without `LRS_DATA_ROOT`, failed where it names no folder."""
    name = os.environ.get("LRS_DATA_ROOT")
    if not name:
        pytest.skip("LRS_DATA_ROOT is not set: the public data sets are not at hand")
    root = Path(name)
    if not root.is_dir():
        pytest.fail(f"LRS_DATA_ROOT is set to {name}, which is not a folder")
    return root


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What became of the hostile inputs of `tests/hostile`, surface by surface."""
    found: dict[str, list[int]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == "hostile" and report.when == "teardown":
                    surface, *counts = value
                    *before, peak = found.get(surface, [0] * len(counts))
                    found[surface] = [one + more for one, more in zip(before, counts, strict=False)]
                    found[surface].append(max(peak, counts[-1]))
    if found:
        terminalreporter.section("hostile inputs")
    for surface, (tried, accepted, refused, bad, peak) in sorted(found.items()):
        terminalreporter.write_line(
            f"{surface}: {tried} tried, {accepted} accepted, {refused} refused, {bad} bad, "
            f"{peak >> 20} MiB at most"
        )
