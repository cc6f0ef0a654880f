"""A second kind of job on a page: its id is in the link, so that it survives a change of page and a reload."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from jobs import JobSnapshot, JobState
from jobs.job import Work
from ui.running.linked import adopt_job, current_job
from ui.running.page_job import PageJob
from ui.style.words import duration


class LinkedJob(PageJob):
    """One kind of job; its name is also that of its id in link and session."""

    def current(self) -> JobSnapshot | None:
        """The job that link or session names, if this browser may see it."""
        return current_job(self.name)

    def start(self, work: Work) -> None:
        """Queue the work; with too many unfinished jobs a message says so."""
        identity = self.submit(work)
        if identity is not None:
            adopt_job(identity, self.name)

    def draw(self, job: JobSnapshot, words: Callable[[JobSnapshot], str]) -> None:
        """Progress with a Cancel button while the job lasts, one sentence about an end that is not success.

        Args:
            words: what the job has found so far, in a few words; empty if nothing.
        """

        def progress(now: JobSnapshot) -> None:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                st.progress(now.fraction, text=" · ".join(filter(None, [_waiting(now), words(now)])))
                self.stop_button(now, "Cancel", icon=":material/stop_circle:")

        if job.state.finished:
            _draw_end(job)
        else:
            self.watch(job, progress)


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
