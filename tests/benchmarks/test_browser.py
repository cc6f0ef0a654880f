"""The browser support itself: a script runs, its page is read, its errors are seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from benchmarks.dashboard.browser import open_page, streamlit_server, wait_ready

SCRIPT = """
import os
import streamlit as st

if st.button("Count"):
    st.session_state["count"] = st.session_state.get("count", 0) + 1
st.write(f"{os.environ['GREETING']} {st.session_state.get('count', 0)}")
"""


@pytest.mark.browser
def test_clicks_reach_the_script_and_console_errors_are_noted(tmp_path: Path, browser: Browser) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    with (
        streamlit_server(script, env={"GREETING": "clicks:"}) as server,
        open_page(browser, server.url) as (page, problems),
    ):
        page.get_by_text("Count").click()
        wait_ready(page)
        assert page.get_by_text("clicks: 1").is_visible()
        assert problems == []
        page.evaluate("console.error('made by the test')")
        assert [problem.split(" (")[0] for problem in problems] == ["made by the test"]


def test_server_that_cannot_start_is_reported_with_its_output(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError, match="streamlit ended with code"),
        streamlit_server(tmp_path / "missing.py"),
    ):
        pytest.fail("the block must not run")


@pytest.mark.browser
def test_a_traceback_in_the_servers_log_fails_the_test_whose_page_made_it(
    tmp_path: Path, browser: Browser
) -> None:
    script = tmp_path / "script.py"
    script.write_text("import streamlit as st\nst.button('Break', on_click=lambda: [][3])")
    with streamlit_server(script) as server:
        with pytest.raises(AssertionError, match="the server logged a traceback"):
            _press_break(browser, server.url)
        with open_page(browser, server.url) as (page, _):
            page.get_by_text("Break").wait_for()  # and nothing raises: the next test is not blamed


def _press_break(browser: Browser, url: str) -> None:
    with open_page(browser, url) as (page, _):
        page.get_by_text("Break").click()
        wait_ready(page)
