"""What every job beside the main run shares: queue it, watch it, stop it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from jobs import JobSnapshot, TooManyJobs
from jobs.job import Work
from ui.running.machine_resources import job_manager
from ui.running.owner import owner_token

_REFRESH = 0.5
_STOPPING_SECONDS = 0.4  # a job that stops within this time has stopped when the page answers the click


@dataclass(frozen=True)
class PageJob:
    """One kind of job.

    Args:
        name: of its widgets and its place in the session.
        title: what it does, for people.
    """

    name: str
    title: str

    def submit(self, work: Work) -> str | None:
        """Queue the work and give its id; None, with a message, if this browser has too many unfinished jobs."""
        try:
            return job_manager().submit(work, owner=owner_token(), title=self.title)
        except TooManyJobs as error:
            st.toast(str(error), icon=":material/hourglass_disabled:")
            return None

    def watch(self, job: JobSnapshot, draw: Callable[[JobSnapshot], object]) -> None:
        """Draw a running job's progress again and again; draw the whole page when it has found something or ended."""
        st.session_state[self._drawn] = picture_of(job)
        st.fragment(self._draw_again, run_every=_REFRESH)(job.identity, draw)

    def stop_button(
        self, job: JobSnapshot, label: str, *, icon: str | None = None, quiet: bool = False
    ) -> None:
        """A button that stops the job."""
        st.button(
            label,
            key=f"cancel_{self.name}",
            icon=icon,
            type="tertiary" if quiet else "secondary",
            disabled=job.stopping,
            on_click=partial(stop_job, job.identity),
        )

    @property
    def _drawn(self) -> str:
        return f"drawn_{self.name}"

    def _draw_again(self, identity: str, draw: Callable[[JobSnapshot], object]) -> None:
        manager, owner = job_manager(), owner_token()
        manager.heartbeat(owner)
        job = manager.snapshot(identity, owner)
        if job is None or picture_of(job) != st.session_state.get(self._drawn):
            st.rerun()
        draw(job)


def picture_of(job: JobSnapshot) -> tuple[object, ...]:
    """What must change for the page to be drawn again."""
    return job.identity, job.published, job.state


def stop_job(identity: str) -> None:
    """Ask the job to stop, and give it a moment: the answer to the click then already says that it has."""
    if job_manager().cancel(identity, owner_token()):
        job_manager().wait(identity, _STOPPING_SECONDS)
