"""A job that certifies rivals and was cut off goes on: the picture under way from where it stood, then the others."""

from __future__ import annotations

from functools import partial

import streamlit as st

from jobs import JobSnapshot
from lrscore.errors import InputError
from lrscore.standing import Standing
from lrscore.unfinished import ELSEWHERE, cut_off, is_under_way
from ui.compare.reading import seconds_each
from ui.compare.rivals import CERTIFYING, Rival, rival_work
from ui.compare.sets import Header, pictures_words
from ui.compare.unfinished import RivalPlan, forget_plan, plan_file, read_plan, stage_file
from ui.images.models import load_of_record
from ui.library.entries import list_entries
from ui.library.going_on import Left, draw_left, ended_early, share_left
from ui.library.opened import LOST_RUN, run_file, runs_folder
from ui.running.machine_resources import model_shelf, pacemaker
from ui.running.page_job import Planned


def draw_left_rivals(job: JobSnapshot | None) -> None:
    """What became of the page's job, if it was cut off, and a button that lets it go on.

    Args:
        job: the page's job, if the server knows it.
    """
    named = ended_early(CERTIFYING, job)
    if named is None:
        return
    folder, identity = runs_folder(), run_file(named).stem
    state = is_under_way(plan_file(folder, identity))
    if state:
        st.info(ELSEWHERE, icon=":material/pause_circle:")
    plan = None if state else read_plan(folder, identity)
    if plan is None:
        if job is None and state is None and not any(folder.glob(f"{identity}-*.nc")):
            st.caption(LOST_RUN)
        return
    left = cut_off(stage_file(folder, identity, plan.first))
    standing = None if left is None else left.standing
    sentence = (
        "These certificates were cut off: the server stopped, or nobody was watching any more. Those that were "
        f"finished are in the library; {pictures_words(len(plan.members))} can go on where they stopped."
    )
    rest = partial(rest_of, plan, standing)
    draw_left(CERTIFYING, Left(identity, sentence, rest, partial(forget_plan, folder, identity)))


def rest_of(plan: RivalPlan, standing: Standing | None) -> Planned:
    """The rest of a job that was cut off.

    Args:
        standing: of the picture that was under way, if one was.

    Raises:
        InputError: a picture or the model is not here any more.
    """
    folder = runs_folder()
    library = {entry.identity: entry for entry in list_entries(folder)}
    lost = sum(name not in library for name in plan.members)
    if lost:
        raise InputError(
            f"{pictures_words(lost)} of it can not be found in the library any more: add it again"
        )
    header = Header("image", "", model=plan.model, digest=plan.digest, settings=plan.settings)
    rival = Rival(header, plan.settings, tuple(library[name] for name in plan.members))
    each = seconds_each(rival.members, rival.passes)
    done = 0.0 if standing is None else 1 - share_left(standing)
    model = load_of_record(plan.model, plan.settings)
    work = rival_work(rival, model, model_shelf(), pacemaker(), folder, plan.first)
    return Planned(rival.title, work, sum(each) - done * each[0])
