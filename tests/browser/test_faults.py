"""Faults while a page is drawn, in its script, a fragment, a callback: one line each, the traceback in the log."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from benchmarks.dashboard.browser import FAULT, ROOT, TRACEBACK, streamlit_server, wait_ready

pytestmark = pytest.mark.browser
_APP = """
import sys
import streamlit as st
from ui.faults import quiet_terminal, show_fault
quiet_terminal()
app = st.App({script!r}, on_script_error=show_fault)
"""
_SCRIPT = """
import streamlit as st

def fail(where):
    raise RuntimeError(f"secret of {where} in /usr/lib/somewhere")

@st.fragment
def part():
    if st.button("in a fragment"):
        fail("fragment")

part()
st.button("in a callback", on_click=fail, args=("callback",))
if st.button("in the script"):
    fail("script")
st.write("drawn to its end")
"""


def test_a_fault_is_one_line_on_the_page_wherever_it_happens(browser: Browser, tmp_path: Path):
    (tmp_path / "script.py").write_text(_SCRIPT)
    app = tmp_path / "app.py"
    app.write_text(_APP.format(script=str(tmp_path / "script.py")))
    marks = set()
    with streamlit_server(
        app, env={"LRS_LIBRARY": str(tmp_path / "library"), "PYTHONPATH": str(ROOT)}
    ) as server:
        page = browser.new_page()
        for where in ("in a fragment", "in a callback", "in the script"):
            page.goto(server.url)
            wait_ready(page)
            page.get_by_role("button", name=where).click()
            said = page.locator("[data-testid=stAlertContentError]")
            expect(said).to_contain_text("stopped by a fault of this software (error ")
            text = said.inner_text()
            assert "secret" not in text
            assert page.locator("[data-testid=stException]").count() == 0
            marks.add(re.search(r"error ([0-9a-f]{8})", text).group(1))
        page.close()
        output = server.output()
        server.log.write_text("")  # these faults were wanted
    assert len(marks) == 3
    assert TRACEBACK not in output
    assert output.count(FAULT) == 3
    log = (tmp_path / "library" / "log" / "faults.log").read_text()
    for mark in marks:
        assert f"{FAULT}{mark} on the page" in output
        assert mark in log
    assert log.count(TRACEBACK) == 3
    assert "secret of fragment" in log
