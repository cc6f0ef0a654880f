"""The one way to put a job on a page: queue it, watch it, stop it, and say how it ended.

A job in the link survives a change of page and a reload; one beside the pictures lives as long as the session.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import streamlit as st

from jobs import JobSnapshot, JobState, TooManyJobs
from jobs.job import Work
from lrscore.errors import told
from ui.running.job_words import Told, nothing, outcome_text, progress_text
from ui.running.machine_resources import job_manager
from ui.running.owner import owner_token
from ui.style.words import duration

_REFRESH = 0.5
_FIRST_REFRESH = 0.25  # until there is something to show
_REDRAW = 2.0  # seconds between pictures of a run under way: drawing one takes a core from the run
_STOPPING_SECONDS = 0.4  # a job that stops within this time has stopped when the page answers the click


@dataclass(frozen=True, eq=False)
class Planned:
    """A run that a button would start: its title for people, its work, and about how long it takes."""

    title: str
    work: Work
    seconds: float


@dataclass(frozen=True)
class PageJob:
    """One kind of job on a page.

    Args:
        name: of its id in the session and in the link, and of its widgets.
        unit: what its progress counts, in the plural.
        found: what it has found so far, in a few words; "" if nothing.
        done: how it ended well, in a sentence; "" says nothing.
        kept: what is left if it is stopped, in a sentence; "" if nothing.
        linked: whether its id stands in the link.
        quiet: one line instead of a bar, for a job beside the pictures.
        replaces: name in link and session of what a new job is shown instead of; "" if of nothing.
    """

    name: str
    unit: str = "noisy copies"
    found: Told = nothing
    done: Told = nothing
    kept: Told = nothing
    linked: bool = True
    quiet: bool = False
    replaces: str = ""

    def current(self) -> JobSnapshot | None:
        """The job that link or session names, if it is this browser's and not forgotten."""
        if self.replaces in st.query_params and self.name not in st.query_params:
            st.session_state.pop(self.name, None)  # the link asks for a file: the run before is over
        identity = self.named()
        if identity is None:
            return None
        self._adopt(identity)
        return job_manager().snapshot(identity, owner_token())

    def named(self) -> str | None:
        """Id of the job that link or session names, known or not."""
        linked = st.query_params.get(self.name) if self.linked else None
        return linked or st.session_state.get(self.name) or None

    def start(
        self,
        work: Work,
        title: str,
        seconds: float = 0.0,
        identity: str | None = None,
        device: str | None = None,
    ) -> bool:
        """Queue the work, which takes about so long; False, with a message, if this browser has too many unfinished
        jobs.

        Args:
            identity: of an earlier job that goes on; a new one if None.
            device: whose queue it joins; the first if None.
        """
        try:
            manager, owner = job_manager(), owner_token()
            self._adopt(
                manager.submit(
                    work, owner=owner, title=title, seconds=seconds, identity=identity, device=device
                )
            )
        except TooManyJobs as error:
            st.toast(told(error), icon=":material/hourglass_disabled:")
            return False
        return True

    def draw_button(self, planned: Planned | None, job: JobSnapshot | None, label: str, *, key: str) -> None:
        """A button that starts a planned run, with its estimate; disabled without a plan and while a run lasts."""
        waiting = job_manager().seconds_before(owner_token())
        pressed = st.button(
            label if planned is None else f"{label} · about {duration(planned.seconds + waiting)}",
            key=key,
            type="primary",
            icon=":material/play_arrow:",
            width="stretch",
            disabled=planned is None or (job is not None and not job.state.finished),
        )
        if pressed and planned is not None and self.start(planned.work, planned.title, planned.seconds):
            st.rerun()

    def under_way(self) -> bool:
        """Draw the current job, if there is one; whether it lasts, so that what starts it makes room."""
        job = self.current()
        if job is not None:
            self.draw(job)
        return job is not None and not job.state.finished

    def draw(self, job: JobSnapshot) -> None:
        """Progress and a button that stops it while the job lasts, afterwards how it ended.

        The page is drawn again when there is something new to show.
        """
        if self.quiet and job.state.finished:
            self._draw_end(job)
            return
        st.session_state[self._drawn] = (_picture_of(job), time.monotonic() if job.published else 0.0)
        pace = _REFRESH if job.published else _FIRST_REFRESH
        st.fragment(self._draw_again, run_every=None if job.state.finished else pace)(job.identity)

    @property
    def _drawn(self) -> str:
        return f"drawn_{self.name}"

    def _adopt(self, identity: str) -> None:
        """Keep the id in the session (for page changes) and in the link (for reloads)."""
        st.session_state[self.name] = identity
        if self.replaces:
            st.session_state.pop(self.replaces, None)
            st.query_params.pop(self.replaces, None)
        if self.linked and st.query_params.get(self.name) != identity:
            st.query_params[self.name] = identity

    def _draw_again(self, identity: str) -> None:
        manager, owner = job_manager(), owner_token()
        manager.heartbeat(owner)
        job = manager.snapshot(identity, owner)
        if job is None:
            return
        if self._worth_drawing(job):
            st.rerun()
        if job.state.finished:
            self._draw_end(job)
        else:
            self._draw_progress(job)
        for remark in job.remarks:
            st.info(remark, icon=":material/memory:")

    def _worth_drawing(self, job: JobSnapshot) -> bool:
        """Whether the page should be drawn again: at once for a first result or an end, else every few seconds."""
        now = _picture_of(job)
        drawn, moment = st.session_state.get(self._drawn, (None, 0.0))
        if now == drawn:
            return False
        only_grown = drawn is not None and (drawn[0], drawn[2]) == (job.identity, job.state)
        return not only_grown or time.monotonic() - moment >= _REDRAW

    def _draw_progress(self, job: JobSnapshot) -> None:
        words = " · ".join(filter(None, [progress_text(job, self.unit), self.found(job)]))
        if self.quiet:
            with st.container(horizontal=True, width="content", vertical_alignment="center"):
                st.caption(f"{job.title}: {words}")
                self._draw_stop(job, "Stop", None)
            return
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.progress(job.fraction, text=words)
            self._draw_stop(job, "Cancel", ":material/stop_circle:")

    def _draw_stop(self, job: JobSnapshot, label: str, icon: str | None) -> None:
        st.button(
            label,
            key=f"cancel_{self.name}",
            icon=icon,
            type="tertiary" if self.quiet else "secondary",
            disabled=job.stopping,
            on_click=_stop,
            args=(job.identity,),
        )

    def _draw_end(self, job: JobSnapshot) -> None:
        words = outcome_text(job, self.done, self.kept)
        if job.state is JobState.FAILED:
            st.error(words, icon=":material/error:")
        elif self.quiet or not words:
            return
        elif job.state is JobState.DONE:
            st.success(words, icon=":material/verified:")
        else:
            st.info(words, icon=":material/stop_circle:")


def device_name() -> str:
    """The device that runs are queued for."""
    return job_manager().devices[0]


def _picture_of(job: JobSnapshot) -> tuple[object, ...]:
    """What must change for the page to be drawn again."""
    return job.identity, job.published, job.state


def _stop(identity: str) -> None:
    """Ask the job to stop, and give it a moment: the answer to the click then already says that it has."""
    if job_manager().cancel(identity, owner_token()):
        job_manager().wait(identity, _STOPPING_SECONDS)
