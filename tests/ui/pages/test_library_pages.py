"""Browse, driven without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from models.scenes.gallery import GALLERY
from tests.ui.page_support import COPIES, ROOT, TIMEOUT, checked, html, in_link
from tests.ui.toy import toy_certificate


@pytest.fixture
def own_runs(gallery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of this browser's runs with one certificate and one broken file."""
    monkeypatch.setattr("ui.library.opened.owner_token", lambda: "me")
    folder = tmp_path / "library" / "me"
    folder.mkdir(parents=True)
    toy_certificate(samples=64).save(folder / "mine.nc")
    (folder / "broken.nc").write_bytes(b"nonsense")
    return folder


def open_page(name: str, **parameters: str | list[str]) -> AppTest:
    """The page inside the shell, so that its links to other pages exist."""
    page = AppTest.from_function(_inside_shell, args=(str(ROOT), name), default_timeout=TIMEOUT)
    for key, value in parameters.items():
        page.query_params[in_link(name, key)] = value
    return checked(page.run())


def _inside_shell(root: str, name: str) -> None:
    from pathlib import Path

    import streamlit as st

    pages = Path(root) / "pages" / "main"
    others = [st.Page(path, url_path=path.stem) for path in sorted(pages.glob("*.py")) if path.stem != name]
    chosen = st.Page(pages / f"{name}.py", default=True)
    st.navigation([chosen, *others]).run()


def test_browse_lists_bundled_own_and_broken(own_runs: Path):
    page = open_page("browse")
    text = html(page)
    assert GALLERY[0].title in text
    assert "64 samples" in text
    assert "<b>broken</b> · broken" in text
    assert "3 of 3 certificates" in page.caption[-1].value


def test_browse_finds_sorts_and_deletes_with_undo(own_runs: Path):
    page = open_page("browse", find="64 samples")
    assert "1 of 3 certificates" in page.caption[-1].value
    page.button(key="delete_own:mine").click().run()
    assert not (own_runs / "mine.nc").exists()
    assert "0 of 2 certificates" in page.caption[-1].value
    page.button(key="undo").click().run()
    assert (own_runs / "mine.nc").exists()
    page.selectbox(key="browse_sort").select("Area under the curve").run()
    assert not page.exception


def test_a_file_of_the_library_opens_on_the_segmentation_page(own_runs: Path):
    page = open_page(
        "segmentation", stored="own:mine", **{**COPIES, "rows": "2", "cols": "3"}, samples="64", pilot="32"
    )
    assert "32 pilot + 64" in html(page)
    assert not page.info
    page.selectbox(key="image_scene").select(GALLERY[1].name).run()
    assert "image_stored" not in page.query_params
    assert "Nothing is certified here yet" in page.header[0].value
