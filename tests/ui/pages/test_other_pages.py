"""Overview, limits and the shell."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from models.scenes.gallery import GALLERY
from tests.ui.page_support import ROOT, TIMEOUT, html, open_page


def test_the_shell_opens_on_the_overview(gallery: Path):
    page = AppTest.from_file(ROOT / "ui" / "shell.py", default_timeout=TIMEOUT).run()
    assert not page.exception
    text = html(page)
    assert "proven to stay" in text
    for scene in GALLERY:
        assert scene.title in text
    assert text.count("Not certified yet.") == len(GALLERY) - 1


def test_the_overview_says_so_when_nothing_is_certified(gallery: Path):
    for file in gallery.iterdir():
        file.unlink()
    page = AppTest.from_file(ROOT / "ui" / "shell.py", default_timeout=TIMEOUT).run()
    assert not page.exception
    assert html(page).count("Not certified yet.") == len(GALLERY)
    assert "proven to stay" not in html(page)


def test_the_overview_reports_a_broken_file(gallery: Path):
    next(gallery.iterdir()).write_bytes(b"not a certificate")
    page = AppTest.from_file(ROOT / "ui" / "shell.py", default_timeout=TIMEOUT).run()
    assert not page.exception
    assert "can not be used" in html(page)


def test_the_limits_page_states_guarantee_and_gaps():
    page = open_page("about")
    text = html(page) + "".join(block.value for block in page.markdown)
    for words in (
        "With probability at least",
        "count",
        "worst attack found",
        "does not mean broken",
        "32-bit arithmetic",
    ):
        assert words in text
