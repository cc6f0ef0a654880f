"""The shelf of own runs on Browse, and links to runs that are gone."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st

from lrscore.errors import InputError
from tests.ui.page_support import checked, open_page
from tests.ui.toy import toy_certificate
from ui.browse.cards import _content
from ui.running.machine_resources import job_manager


def test_the_shelf_has_a_key_that_opens_it_elsewhere(gallery: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        st, "page_link", lambda *_, **__: None
    )  # knows pages only where the shell has named them
    page = open_page("browse")
    assert any("My shelf" in one.label for one in page.expander)
    assert len(page.code[0].value.replace("-", "")) == 32
    page.text_input(key="shelf_key").set_value("no key")
    checked(page.button(key="shelf_open").click().run())
    assert any("no key of a shelf" in one.value for one in page.info)
    page.text_input(key="shelf_key").set_value("0123-" * 8)
    checked(page.button(key="shelf_open").click().run())
    assert page.code[0].value == "-".join(["0123"] * 8)
    checked(page.button(key="shelf_oldest").click().run())
    assert any("0 runs deleted" in one.value for one in page.info)


def test_the_shelf_is_packed_by_a_job_before_it_is_downloaded(
    gallery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(st, "page_link", lambda *_, **__: None)
    for module in ("ui.library.opened", "ui.running.page_job"):
        monkeypatch.setattr(f"{module}.owner_token", lambda: "me")
    folder = tmp_path / "library" / "me"
    folder.mkdir(parents=True)
    toy_certificate().save(folder / "mine.nc")
    page = open_page("browse")
    offered: dict[str, Callable[[], bytes]] = {}
    real = st.download_button

    def button(label: str, data: Callable[[], bytes], *more: object, **options: object) -> bool:
        offered[str(options["key"])] = data
        return real(label, data, *more, **options)

    monkeypatch.setattr(st, "download_button", button)
    checked(page.run())
    assert "shelf_export" not in offered, "nothing is packed before somebody asks"
    checked(page.button(key="shelf_pack").click().run())
    (job,) = job_manager().snapshots("me")
    assert job_manager().wait(job.identity, 240)
    (folder / "later.nc").write_bytes(b"not there when it was packed")
    checked(page.run())
    with zipfile.ZipFile(io.BytesIO(offered["shelf_export"]())) as packed:
        assert packed.namelist() == ["mine.nc", "names.json"]
        assert packed.read("mine.nc") == (folder / "mine.nc").read_bytes()


def test_a_card_of_a_file_that_is_gone_gives_no_empty_file(tmp_path: Path):
    target = tmp_path / "target.nc"
    target.write_bytes(b"somebody else's")
    link = tmp_path / "link.nc"
    link.symlink_to(target)
    for path in (link, tmp_path / "gone.nc"):
        with pytest.raises((OSError, InputError)):
            _content(path)
    assert _content(target) == b"somebody else's"


def test_the_link_of_a_run_that_is_gone_says_so(gallery: Path):
    page = open_page("segmentation", job="nobody")
    assert any("run that this link names is not here" in one.value for one in page.error)
    page = open_page("compare", job="nobody*")
    assert any("run that this link names is not here" in one.value for one in page.caption)
