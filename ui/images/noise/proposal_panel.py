"""Proposed noise levels on the page: one button, the best so far, before and after."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from jobs import JobSnapshot
from ui.charts.terms import draw_figure
from ui.images.noise.adoption import use_levels
from ui.images.noise.matrix_plot import matrix_figure
from ui.images.noise.work import FoundLevels, ProposalPlan, plan_proposal, proposal_work
from ui.images.request import Request
from ui.images.sources import Source
from ui.running.machine_resources import model_shelf, pacemaker
from ui.running.page_job import PageJob, device_name
from ui.style.palette import NOISE
from ui.style.theme import current_theme
from ui.style.words import duration

_PILOT_PIXELS = 180 * 240


def draw_proposal(source: Source, request: Request) -> None:
    """Button with an estimate, progress with the best so far, before and after, and a button to use the levels."""
    job = _PROPOSAL.current()
    plan = plan_proposal(request.settings, request.model, source.argument, request.seed, _seconds)
    st.caption(
        f"Tries noise levels on {len(plan.pilots)} rendered scenes that are not this picture, by a few votes each, "
        "and keeps those with the largest average certified radius that cost no accuracy there. "
        "It only chooses settings: no guarantee rests on it."
    )
    st.button(
        f"Propose levels · at most about {duration(_seconds(plan.passes))}",
        key="propose_levels",
        icon=":material/auto_fix_high:",
        disabled=job is not None and not job.state.finished,
        on_click=partial(_start, plan),
    )
    if job is None:
        return
    _PROPOSAL.draw(job)
    found: FoundLevels | None = job.latest
    if found is not None:
        _draw_found(found, finished=job.state.finished)


def _best_so_far(job: JobSnapshot) -> str:
    """The trials made and the best radius among them, in a few words."""
    found: FoundLevels | None = job.partial
    if found is None:
        return ""
    return f"{found.tried} of {found.plan.trials} tried, best radius {found.after.radius:.3f}"


_PROPOSAL = PageJob(
    "image_proposal",
    found=_best_so_far,
    kept=lambda job: "What was found until then is shown." if job.partial else "",
)


def _start(plan: ProposalPlan) -> None:
    _PROPOSAL.start(proposal_work(plan, model_shelf()), "Proposed noise levels")


def _seconds(passes: int) -> float:
    return pacemaker().seconds(device_name(), _PILOT_PIXELS, passes)


def _draw_found(found: FoundLevels, *, finished: bool) -> None:
    before, after = found.before, found.after
    if finished and not found.better:
        st.info(
            f"Nothing of {found.tried} tried is better than the levels you have.", icon=":material/check:"
        )
        return
    radius, accuracy = st.columns(2)
    radius.metric(
        "Average certified radius, forecast on the pilots",
        f"{after.radius:.3f}",
        f"{after.radius - before.radius:+.3f} from {before.radius:.3f}",
    )
    accuracy.metric(
        "Accuracy under noise, on the pilots",
        f"{100 * after.accuracy:.1f} %",
        f"{100 * (after.accuracy - before.accuracy):+.1f} points from {100 * before.accuracy:.1f} %",
    )
    if found.plan.settings.all_views() is not None:
        _draw_views(found, finished=finished)
        return
    matrices = {
        "Before": np.array(before.levels),
        "Proposed" if finished else "Best so far": np.array(after.levels),
    }
    high = max(float(levels[np.isfinite(levels)].max()) for levels in matrices.values())
    for column, (title, levels) in zip(st.columns(2), matrices.items(), strict=True):
        with column:
            draw_figure(
                matrix_figure(
                    levels, current_theme(), colours=NOISE, high=high, title=f"{title}: noise levels"
                ),
                key=f"levels_{title.split()[0].lower()}",
                alt=f"{title}: heatmap of noise levels, one row per predicted region, one column per region with "
                "noise.",
            )
    _draw_use(found, finished=finished)


def _draw_views(found: FoundLevels, *, finished: bool) -> None:
    """A row per view: its level before, and the proposed one."""
    levels = zip(found.before.levels[0], found.after.levels[0], strict=True)
    proposed = "Proposed" if finished else "Best so far"
    st.table(
        [
            {"View": str(number + 1), "Before": f"{before:.3g}", proposed: f"{after:.3g}"}
            for number, (before, after) in enumerate(levels)
        ]
    )
    _draw_use(found, finished=finished)


def _draw_use(found: FoundLevels, *, finished: bool) -> None:
    """The button that puts the levels into the editor."""
    st.button(
        "Use these levels",
        key="use_proposed",
        type="primary",
        icon=":material/tune:",
        disabled=not finished,
        help="Puts them into the noise editor; the next Run certifies with them.",
        on_click=partial(use_levels, np.array(found.after.levels), found.plan.settings),
    )
