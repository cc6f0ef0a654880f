"""Faults while a page is drawn, in its script, a fragment, a callback: one line each, the traceback in the log."""

from __future__ import annotations

import re
import time
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
from pathlib import Path
import streamlit as st
from ui.widgets.downloads import download

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
download("of what fails", lambda: fail("download"), "fails.csv", key="fails")
download("of what is gone", Path("/nowhere/at/all.csv").read_bytes, "gone.csv", key="gone")
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


def test_a_download_that_can_not_be_made_is_one_line_in_the_terminal(browser: Browser, tmp_path: Path):
    (tmp_path / "script.py").write_text(_SCRIPT)
    app = tmp_path / "app.py"
    app.write_text(_APP.format(script=str(tmp_path / "script.py")))
    with streamlit_server(
        app, env={"LRS_LIBRARY": str(tmp_path / "library"), "PYTHONPATH": str(ROOT)}
    ) as server:
        page = browser.new_page()
        page.goto(server.url)
        wait_ready(page)
        for number, name in enumerate(("of what fails", "of what is gone"), 1):
            page.get_by_role("button", name=name).click()
            page.wait_for_function("() => document.body.innerText.includes('drawn to its end')")
            deadline = time.monotonic() + 90
            while server.output().count("no download: ") < number:
                assert time.monotonic() < deadline, server.output()
                time.sleep(0.1)
        page.close()
        output = server.output()
    assert TRACEBACK not in output
    assert re.search(r"fails.csv: a fault of this software \(error [0-9a-f]{8}\)", output)
    assert "gone.csv: No such file or directory" in output
    assert "/nowhere" not in output
    log = (tmp_path / "library" / "log" / "faults.log").read_text()
    assert log.count(TRACEBACK) == 1
    assert "secret of download" in log
