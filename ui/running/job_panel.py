"""Start, watch and cancel a run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from jobs import JobSnapshot, JobState, TooManyJobs
from jobs.job import Work
from ui.running.linked import JOB, adopt_job
from ui.running.machine_resources import job_manager
from ui.running.owner import owner_token
from ui.running.page_job import picture_of, stop_job
from ui.style.words import duration, samples_words

_REFRESH = 0.5
_FIRST_REFRESH = 0.25  # until there is something to show
_REDRAW = 2.0  # seconds between pictures of a run under way: drawing one takes a core from the run
_DRAWN = "drawn_job"
_DRAWN_AT = "drawn_job_at"


@dataclass(frozen=True)
class JobWords:
    """How a kind of job speaks: its progress, its end, and what is left if it is stopped ("" or " A sentence.")."""

    progress: Callable[[JobSnapshot], str]
    done: Callable[[JobSnapshot], str]
    kept: Callable[[JobSnapshot], str]


@dataclass(frozen=True, eq=False)
class Planned:
    """A run that the button would start: its title for people, its work, and about how long it takes."""

    title: str
    work: Work
    seconds: float


def draw_start_button(
    planned: Planned | None, job: JobSnapshot | None, *, name: str = JOB, label: str = "Run", key: str = "run"
) -> None:
    """The Run button for any kind of run.

    Args:
        planned: what it starts; None disables it.
        job: the run on this page, if there is one.
        name: of the job's id in the link.
        label: what the button says before the estimate.
        key: of the button.
    """
    pressed = st.button(
        label if planned is None else f"{label} · about {duration(planned.seconds)}",
        key=key,
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=planned is None or (job is not None and not job.state.finished),
    )
    if pressed and planned is not None:
        _start(planned, name)


def device_name() -> str:
    """The device that runs are queued for."""
    return job_manager().devices[0]


def _start(planned: Planned, name: str) -> None:
    try:
        identity = job_manager().submit(planned.work, owner=owner_token(), title=planned.title)
    except TooManyJobs as error:
        st.error(str(error), icon=":material/hourglass_disabled:")
        return
    adopt_job(identity, name)
    st.rerun()


def draw_job(job: JobSnapshot, words: JobWords | None = None) -> None:
    """The run's progress, refreshed while it lasts; the page is drawn again when there is something new to show.

    Args:
        words: what to call its progress and its end; by default those of a certification.
    """
    words = words or JobWords(progress_text, certified_text, kept_text)
    st.session_state[_DRAWN] = picture_of(job)
    st.session_state[_DRAWN_AT] = time.monotonic() if job.published else 0.0
    pace = _REFRESH if job.published else _FIRST_REFRESH
    st.fragment(_draw_progress, run_every=None if job.state.finished else pace)(job.identity, words)


def _draw_progress(identity: str, words: JobWords) -> None:
    manager, owner = job_manager(), owner_token()
    manager.heartbeat(owner)
    job = manager.snapshot(identity, owner)
    if job is None:
        return
    if _worth_drawing(job):
        st.rerun()
    if job.state.finished:
        _draw_outcome(job, words)
    else:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.progress(job.fraction, text=words.progress(job))
            st.button(
                "Cancel",
                key="cancel",
                icon=":material/stop_circle:",
                disabled=job.stopping,
                on_click=stop_job,
                args=(identity,),
            )
    for remark in job.remarks:
        st.info(remark, icon=":material/memory:")


def _worth_drawing(job: JobSnapshot) -> bool:
    """Whether the page should be drawn again: at once for a first result or a new state, else every few seconds."""
    now = picture_of(job)
    drawn = st.session_state.get(_DRAWN)
    if now == drawn:
        return False
    only_grown = drawn is not None and (drawn[0], drawn[2]) == (job.identity, job.state)
    return not only_grown or time.monotonic() - st.session_state.get(_DRAWN_AT, 0.0) >= _REDRAW


def progress_text(job: JobSnapshot) -> str:
    """One line: place in the queue, or done, rate, time left and device."""
    if job.stopping:
        return "Stopping …"
    if job.state is JobState.QUEUED:
        ahead = "1 run comes first" if job.position == 1 else f"{job.position} runs come first"
        return f"Waiting for the {_device_words(job)}: {ahead if job.position else 'starting'} …"
    if not job.total:
        return f"Loading the model on the {_device_words(job)} …"
    parts = [f"{job.done:,} of {job.total:,} noisy copies"]
    if job.rate:
        parts.append(f"{job.rate:,.0f} a second")
    if job.remaining is not None:
        parts.append(f"about {duration(job.remaining)} left")
    parts.append(_device_words(job))
    return " · ".join(parts)


def certified_text(job: JobSnapshot) -> str:
    """How a certification ended well."""
    return f"Certified in {duration(job.elapsed)} on the {_device_words(job)}."


def kept_text(job: JobSnapshot) -> str:
    """What is left of a certification that was stopped."""
    if job.partial is None:
        return ""
    return f" The certificate on screen holds: it used {samples_words(job.partial.trials)}."


def _draw_outcome(job: JobSnapshot, words: JobWords) -> None:
    if job.state is JobState.DONE:
        st.success(words.done(job), icon=":material/verified:")
    elif job.state is JobState.CANCELLED:
        st.info(f"Cancelled after {duration(job.elapsed)}.{words.kept(job)}", icon=":material/stop_circle:")
    elif job.state is JobState.ABANDONED:
        st.info(
            f"Stopped, because nobody was watching any more.{words.kept(job)}", icon=":material/person_off:"
        )
    elif job.state is JobState.FAILED:
        st.error(job.error or "The run failed.", icon=":material/error:")
        with st.expander("Details"):
            st.code(job.details or "", language=None, wrap_lines=True)


def _device_words(job: JobSnapshot) -> str:
    return "GPU" if job.device.startswith("cuda") else "CPU"
