"""The job that a link or the session names."""

from __future__ import annotations

import streamlit as st

from jobs import JobSnapshot
from ui.running.machine_resources import job_manager
from ui.running.owner import owner_token

JOB = "image_job"
"""Name of the job's id in the link and in the session."""


STORED = "image_stored"
"""The same for a file of the library."""


def current_job(name: str = JOB) -> JobSnapshot | None:
    """The run that the link or the session names, if it is this browser's and not forgotten.

    Args:
        name: of the job's id in link and session; every page has its own.
    """
    if name == JOB and STORED in st.query_params and JOB not in st.query_params:
        st.session_state.pop(JOB, None)  # the link asks for a file: the run before is over
    identity = st.query_params.get(name) or st.session_state.get(name)
    if not identity:
        return None
    adopt_job(identity, name)
    return job_manager().snapshot(identity, owner_token())


def adopt_job(identity: str, name: str = JOB) -> None:
    """Keep a job's id in the session (for page changes) and in the link (for reloads)."""
    st.session_state[name] = identity
    if name == JOB:
        st.session_state.pop(STORED, None)
        st.query_params.pop(STORED, None)
    if st.query_params.get(name) != identity:
        st.query_params[name] = identity
