"""A sign of life for the jobs of whoever has the page open, whichever page it is."""

from __future__ import annotations

import streamlit as st

from ui.running.machine_resources import job_manager
from ui.running.owner import owner_token

_SECONDS = 15.0
_PAGES = ("Segmentation", "Graph")  # show their runs themselves


def draw_presence(page_title: str) -> None:
    """Keep this browser's jobs alive; on other pages than their own, say how they are doing."""
    unfinished = _unfinished()
    if unfinished:
        st.fragment(_beat, run_every=_SECONDS)(page_title)


def _unfinished() -> int:
    owner = owner_token()
    manager = job_manager()
    manager.heartbeat(owner)
    return sum(not job.state.finished for job in manager.snapshots(owner))


def _beat(page_title: str) -> None:
    count = _unfinished()
    if count and page_title not in _PAGES:
        noun = "run" if count == 1 else "runs"
        st.caption(f":material/progress_activity: {count} {noun} under way")
