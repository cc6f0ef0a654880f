"""The shelf of own runs on Browse, and links to runs that are gone."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st

from tests.ui.page_support import checked, open_page


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


def test_the_link_of_a_run_that_is_gone_says_so(gallery: Path):
    page = open_page("segmentation", job="nobody")
    assert any("run that this link names is not here" in one.value for one in page.error)
