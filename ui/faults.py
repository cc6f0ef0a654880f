"""Faults of this software while a page is drawn: one line with an identifier on the page and in the terminal."""

from __future__ import annotations

import logging
import sys

import streamlit as st
from streamlit import config

from lrscore.errors import first_line
from lrscore.faults import report_fault

_DOWNLOADS = "streamlit.runtime.backend_operation_handler"


def quiet_terminal() -> None:
    """Streamlit prints every traceback of a script; here it goes into the log (`lrscore.faults`), and one line is
    printed."""
    config.set_option("logger.enableRich", False)
    logging.getLogger("streamlit.error_util").addFilter(lambda said: said.msg != "Uncaught app execution")
    logging.getLogger(_DOWNLOADS).addFilter(_in_one_line)


def _in_one_line(said: logging.LogRecord) -> bool:
    """A download that can not be made says why; its traceback, if it was a fault, is in the log already."""
    error = said.exc_info[1] if isinstance(said.exc_info, tuple) else None
    if error is not None:
        said.msg, said.args, said.exc_info = "no download: %s", (first_line(error),), None
    return True


def show_fault(error: Exception) -> bool:
    """What Streamlit calls for every exception that a page lets through: in its script, a fragment or a callback.

    Returns:
        True: everything is said, and Streamlit's own red box does not appear.
    """
    where = st.context.url or ""
    page = where.partition("?")[0].rstrip("/").rpartition("/")[2] or "page"
    mark = report_fault(error, f"page {page}")
    print(f"internal error {mark} on the page {page}", file=sys.stderr)
    st.error(
        f"A part of this page stopped by a fault of this software (error {mark}). Your runs are safe; reload, or open "
        "the page without the parameters of its address.",
        icon=":material/error:",
    )
    return True
