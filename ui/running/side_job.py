"""A request beside the pictures: one job at a time, whose progress takes the place of its buttons."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from jobs import JobSnapshot, JobState
from jobs.job import Work
from ui.running.machine_resources import job_manager
from ui.running.owner import owner_token
from ui.running.page_job import PageJob


@dataclass(frozen=True)
class SideJob(PageJob):
    """One kind of request.

    Args:
        icon: material icon.
        unit: what its progress counts, in the plural.
    """

    icon: str
    unit: str

    def start(self, work: Work) -> bool:
        """Queue the work; False, with a message, if this browser has too many unfinished jobs."""
        identity = self.submit(work)
        if identity is not None:
            st.session_state[self._job] = identity
        return identity is not None

    def draw_progress(self) -> bool:
        """Progress and a Stop button while the job is under way; whether it is. A failure is one line."""
        job = self._current()
        if job is None:
            return False
        if job.state is JobState.FAILED:
            st.caption(f":material/error: {job.error}")
        if job.state.finished:
            return False
        self.watch(job, self._draw)
        return True

    @property
    def _job(self) -> str:
        return f"{self.name}_job"

    def _current(self) -> JobSnapshot | None:
        identity = st.session_state.get(self._job)
        return job_manager().snapshot(identity, owner_token()) if identity else None

    def _draw(self, job: JobSnapshot) -> None:
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            if job.state is JobState.QUEUED:
                waiting = "waiting for another run"
            else:
                waiting = f"{job.done:,} of {job.total:,} {self.unit}" if job.total else "starting"
            st.caption("Stopping …" if job.stopping else f":material/{self.icon}: {self.title}: {waiting}")
            self.stop_button(job, "Stop", quiet=True)
