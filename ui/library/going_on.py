"""A run that was cut off goes on from its last batches, with the counts it would have had."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from jobs import JobSnapshot, JobState
from lrscore.errors import InputError, told
from lrscore.standing import Standing
from lrscore.unfinished import forget
from ui.library.opened import lost_run, run_file
from ui.running.page_job import PageJob, Planned
from ui.style.words import duration

_CUT_OFF = (JobState.ABANDONED, JobState.FAILED)


@dataclass(frozen=True)
class Left:
    """What a job that was cut off has left.

    Args:
        identity: of the job.
        sentence: what became of it.
        plan: its rest; raises `InputError` if something that it needs is not here any more.
        forget: removes what is left of it beside what is certified.
    """

    identity: str
    sentence: str
    plan: Callable[[], Planned]
    forget: Callable[[], None]


def ended_early(page_job: PageJob, job: JobSnapshot | None) -> str | None:
    """Id of the page's job, if this server does not know it, or knows that it was cut off; the page may have none.

    Args:
        job: the page's job, if the server knows it.
    """
    identity = page_job.named()
    return identity if job is None or job.state in _CUT_OFF else None


def draw_going_on(page_job: PageJob, job: JobSnapshot | None, plan: Callable[[Standing], Planned]) -> None:
    """What became of the page's run, if it was cut off, and a button that lets it go on.

    Args:
        job: the page's job, if the server knows it.
        plan: the rest of a run; raises `InputError` if something that it needs is not here any more.
    """
    identity = ended_early(page_job, job)
    found = None if identity is None else lost_run(identity)
    if identity is not None and found is not None and found.standing is not None:
        file = run_file(identity)
        rest = partial(plan, found.standing)
        draw_left(page_job, Left(file.stem, found.sentence, rest, partial(forget, file)))


def draw_left(page_job: PageJob, left: Left) -> None:
    """The sentence, and buttons that let it go on or leave it at that."""
    st.info(left.sentence, icon=":material/pause_circle:")
    try:
        planned = left.plan()
    except InputError as error:
        st.warning(f"It can not go on here: {told(error)}.", icon=":material/warning:")
        planned = None
    with st.container(horizontal=True):
        pressed = st.button(
            "Go on" if planned is None else f"Go on · about {duration(planned.seconds)}",
            key=f"go_on_{page_job.name}",
            type="primary",
            icon=":material/resume:",
            disabled=planned is None,
            help="The same counts, to the bit, as if it had never been cut off.",
        )
        st.button(
            "Leave it at that",
            key=f"leave_{page_job.name}",
            type="tertiary",
            on_click=left.forget,
            help="What it has certified stays; the rest can not be taken up again.",
        )
    if pressed and planned is not None:
        started = page_job.start(planned.work, planned.title, planned.seconds, left.identity)
        if started:
            st.rerun()


def share_left(standing: Standing) -> float:
    """Share of a run's estimation samples that are not drawn yet, between 0 and 1."""
    planned = standing.certificate.settings.samples * standing.certificate.trials.size
    return max(0.0, 1.0 - standing.copies / planned)
