"""A second kind of job on a page: its id is in the link, so that it survives a change of page and a reload."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from jobs import JobSnapshot, JobState, TooManyJobs
from jobs.job import Work
from ui.owner import owner_token
from ui.resources import job_manager
from ui.stage import adopt_job, current_job
from ui.words import duration

_REFRESH = 0.5
_STOPPING_SECONDS = 0.4  # a job that stops within this time has stopped when the page answers the click


@dataclass(frozen=True)
class LinkedJob:
    """One kind of job.

    Args:
        name: of its id in link and session, and of its widgets.
        title: what it does, for people.
    """

    name: str
    title: str

    def current(self) -> JobSnapshot | None:
        """The job that link or session names, if this browser may see it."""
        return current_job(self.name)

    def start(self, work: Work) -> None:
        """Queue the work; with too many unfinished jobs a message says so."""
        try:
            identity = job_manager().submit(work, owner=owner_token(), title=self.title)
        except TooManyJobs as error:
            st.toast(str(error), icon=":material/hourglass_disabled:")
            return
        adopt_job(identity, self.name)

    def draw(self, job: JobSnapshot, words: Callable[[JobSnapshot], str]) -> None:
        """Progress with a Cancel button while the job lasts, one sentence about an end that is not success.

        Args:
            words: what the job has found so far, in a few words; empty if nothing.
        """
        if job.state.finished:
            _draw_end(job)
            return
        st.session_state[f"drawn_{self.name}"] = _picture(job)
        st.fragment(self._draw_progress, run_every=_REFRESH)(job.identity, words)

    def _draw_progress(self, identity: str, words: Callable[[JobSnapshot], str]) -> None:
        manager, owner = job_manager(), owner_token()
        manager.heartbeat(owner)
        job = manager.snapshot(identity, owner)
        if job is None or _picture(job) != st.session_state.get(f"drawn_{self.name}"):
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.progress(job.fraction, text=" · ".join(filter(None, [_waiting(job), words(job)])))
            st.button(
                "Cancel",
                key=f"cancel_{self.name}",
                icon=":material/stop_circle:",
                disabled=job.stopping,
                on_click=partial(_cancel, identity),
            )


def _picture(job: JobSnapshot) -> tuple[object, ...]:
    """What must change for the page to be drawn again."""
    return job.identity, job.published, job.state


def _waiting(job: JobSnapshot) -> str:
    if job.stopping:
        return "Stopping …"
    if job.state is JobState.QUEUED:
        return f"Waiting: {job.position} before it" if job.position else "Starting …"
    if not job.total:
        return "Preparing …"
    left = f" · about {duration(job.remaining)} left" if job.remaining is not None else ""
    return f"{job.done:,} of at most {job.total:,} noisy copies{left}"


def _draw_end(job: JobSnapshot) -> None:
    if job.state is JobState.FAILED:
        st.error(job.error or "It failed.", icon=":material/error:")
    elif job.state is JobState.CANCELLED:
        st.caption(f"Cancelled after {duration(job.elapsed)}; what was found until then is shown.")
    elif job.state is JobState.ABANDONED:
        st.caption("Stopped, because nobody was watching any more.")
    for remark in job.remarks:
        st.caption(remark)


def _cancel(identity: str) -> None:
    if job_manager().cancel(identity, owner_token()):
        job_manager().wait(identity, _STOPPING_SECONDS)
