"""A run that was cut off goes on from its last batches, with the counts it would have had."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from jobs import JobSnapshot, JobState
from lrscore.errors import InputError, told
from lrscore.standing import Standing
from lrscore.unfinished import forget
from ui.library.opened import lost_run, run_file
from ui.running.page_job import PageJob, Planned
from ui.style.words import duration

_CUT_OFF = (JobState.ABANDONED, JobState.FAILED)


def draw_going_on(page_job: PageJob, job: JobSnapshot | None, plan: Callable[[Standing], Planned]) -> None:
    """What became of the page's run, if it was cut off, and a button that lets it go on.

    Args:
        job: the page's job, if the server knows it.
        plan: the rest of a run; raises `InputError` if something that it needs is not here any more.
    """
    identity = page_job.named()
    if identity is None or (job is not None and job.state not in _CUT_OFF):
        return
    found = lost_run(identity)
    if found is None or found.standing is None:
        return
    st.info(found.sentence, icon=":material/pause_circle:")
    try:
        planned = plan(found.standing)
    except InputError as error:
        st.warning(f"It can not go on here: {told(error)}.", icon=":material/warning:")
        planned = None
    file = run_file(identity)
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
            on_click=forget,
            args=(file,),
            help="What it has certified stays; the rest can not be taken up again.",
        )
    if pressed and planned is not None:
        started = page_job.start(planned.work, planned.title, planned.seconds, file.stem)
        if started:
            st.rerun()


def share_left(standing: Standing) -> float:
    """Share of a run's estimation samples that are not drawn yet, between 0 and 1."""
    planned = standing.certificate.settings.samples * standing.certificate.trials.size
    return max(0.0, 1.0 - standing.copies / planned)
