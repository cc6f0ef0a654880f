"""Ask branch and bound for more, watch it, and stop it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from jobs import JobSnapshot, JobState, TooManyJobs
from ui.curves import CurveSet
from ui.owner import owner_token
from ui.resources import job_manager, sharp_store
from ui.sharpen import SECONDS, search_work, spread_budgets
from ui.shown import Shown
from ui.states import Count

_JOB = "search_job"
_DRAWN = "drawn_search"
_REFRESH = 0.5
_STOPPING_SECONDS = 0.4


def draw_search(shown: Shown, curves: CurveSet, index: int, count: Count) -> None:
    """Two buttons where there is a gap to close; progress while a search is under way."""
    job = _current()
    if job is not None and not job.state.finished:
        st.session_state[_DRAWN] = (job.identity, job.published, job.state)
        st.fragment(_draw_progress, run_every=_REFRESH)(job.identity)
        return
    if job is not None and job.state is JobState.FAILED:
        st.caption(f":material/error: {job.error}")
    open_budgets = spread_budgets(curves)
    if not open_budgets:
        return
    with st.container(horizontal=True, width="content", gap="small"):
        here = int(curves.ceiling[index] - curves.proven[index]) > 0
        st.button(
            "Close the gap here",
            key="search_here",
            icon=":material/account_tree:",
            type="tertiary",
            disabled=not here,
            help=f"Branch and bound at this budget, at most {SECONDS:g} s. What it proves holds for smaller ones, too.",
            on_click=_start,
            args=(shown, curves, count, [index]),
        )
        st.button(
            "along the curve",
            key="search_curve",
            type="tertiary",
            help=f"The same at {len(open_budgets)} budgets: about {len(open_budgets) * SECONDS:.0f} s.",
            on_click=_start,
            args=(shown, curves, count, open_budgets),
        )


def _start(shown: Shown, curves: CurveSet, count: Count, indices: list[int]) -> None:
    certificate = shown.certificate
    keep = partial(sharp_store().add, (shown.key, certificate.settings, count))
    work = search_work(certificate, curves, count, indices, keep)
    try:
        identity = job_manager().submit(work, owner=owner_token(), title="Branch and bound")
    except TooManyJobs as error:
        st.toast(str(error), icon=":material/hourglass_disabled:")
        return
    st.session_state[_JOB] = identity


def _current() -> JobSnapshot | None:
    identity = st.session_state.get(_JOB)
    return job_manager().snapshot(identity, owner_token()) if identity else None


def _draw_progress(identity: str) -> None:
    manager, owner = job_manager(), owner_token()
    manager.heartbeat(owner)
    job = manager.snapshot(identity, owner)
    if job is None or (job.identity, job.published, job.state) != st.session_state.get(_DRAWN):
        st.rerun()
    with st.container(horizontal=True, width="content", vertical_alignment="center"):
        waiting = (
            "waiting for another run"
            if job.state is JobState.QUEUED
            else f"{job.done} of {job.total} budgets"
        )
        st.caption("Stopping …" if job.stopping else f":material/account_tree: Branch and bound: {waiting}")
        st.button(
            "Stop",
            key="search_stop",
            type="tertiary",
            disabled=job.stopping,
            on_click=_stop,
            args=(identity,),
        )


def _stop(identity: str) -> None:
    """Ask the search to stop, and give it a moment: the answer to the click then already says that it has."""
    if job_manager().cancel(identity, owner_token()):
        job_manager().wait(identity, _STOPPING_SECONDS)
