"""A request beside the pictures: one job at a time, whose progress takes the place of its buttons."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import streamlit as st

from jobs import JobSnapshot, JobState, TooManyJobs
from jobs.job import Work
from ui.owner import owner_token
from ui.resources import job_manager

_REFRESH = 0.5
_STOPPING_SECONDS = 0.4  # a job that stops within this time has stopped when the page answers the click


@dataclass(frozen=True)
class SideJob:
    """One kind of request.

    Args:
        name: of its widgets and its place in the session.
        title: what it does, for people.
        icon: material icon.
        unit: what its progress counts, in the plural.
    """

    name: str
    title: str
    icon: str
    unit: str

    def start(self, work: Work) -> bool:
        """Queue the work; False, with a message, if this browser has too many unfinished jobs."""
        try:
            identity = job_manager().submit(work, owner=owner_token(), title=self.title)
        except TooManyJobs as error:
            st.toast(str(error), icon=":material/hourglass_disabled:")
            return False
        st.session_state[self._job] = identity
        return True

    def draw_progress(self) -> bool:
        """Progress and a Stop button while the job is under way; whether it is. A failure is one line."""
        job = self._current()
        if job is None:
            return False
        if job.state is JobState.FAILED:
            st.caption(f":material/error: {job.error}")
        if job.state.finished:
            return False
        st.session_state[self._drawn] = _picture(job)
        st.fragment(self._draw, run_every=_REFRESH)(job.identity)
        return True

    @property
    def _job(self) -> str:
        return f"{self.name}_job"

    @property
    def _drawn(self) -> str:
        return f"drawn_{self.name}"

    def _current(self) -> JobSnapshot | None:
        identity = st.session_state.get(self._job)
        return job_manager().snapshot(identity, owner_token()) if identity else None

    def _draw(self, identity: str) -> None:
        manager, owner = job_manager(), owner_token()
        manager.heartbeat(owner)
        job = manager.snapshot(identity, owner)
        if job is None or _picture(job) != st.session_state.get(self._drawn):
            st.rerun()
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            if job.state is JobState.QUEUED:
                waiting = "waiting for another run"
            else:
                waiting = f"{job.done:,} of {job.total:,} {self.unit}" if job.total else "starting"
            st.caption("Stopping …" if job.stopping else f":material/{self.icon}: {self.title}: {waiting}")
            st.button(
                "Stop",
                key=f"{self.name}_stop",
                type="tertiary",
                disabled=job.stopping,
                on_click=partial(_stop, identity),
            )


def _picture(job: JobSnapshot) -> tuple[object, ...]:
    """What must change for the page to be drawn again."""
    return job.identity, job.published, job.state


def _stop(identity: str) -> None:
    if job_manager().cancel(identity, owner_token()):
        job_manager().wait(identity, _STOPPING_SECONDS)
