"""Certify missing rivals and search by branch and bound from the compare page."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from jobs import JobSnapshot
from lrscore.errors import InputError, SettingsError, told
from lrscore.images.settings import ImageSettings
from ui.compare.going_on import draw_left_rivals
from ui.compare.reading import BUDGETS, finding_keeper, findings, searched, seconds_each
from ui.compare.rivals import (
    CERTIFYING,
    RIVALS,
    SEARCH,
    SEARCHING,
    job_of,
    missing_rival,
    rival_settings,
    rival_work,
    search_sets_work,
)
from ui.compare.scores import Entrant, Score
from ui.compare.sets import Choice, Offer, common_pictures, pictures_words, recipe_words
from ui.images.branch_and_bound.work import SECONDS
from ui.images.models import load_of_record
from ui.images.states import Count
from ui.library.entries import Entry
from ui.library.opened import runs_folder
from ui.running.machine_resources import model_shelf, pacemaker
from ui.running.page_job import Planned

_STEP = 0.05
_OUT_OF_REACH = 5.0


def draw_rivals(offer: Offer, entrants: Sequence[Entrant]) -> None:
    """A panel that certifies the chosen pictures with other settings, and shows the run."""
    job = CERTIFYING.current()
    choices = list({entrant.choice.identity: entrant.choice for entrant in entrants}.values())
    with st.expander(
        "Add a rival on the same pictures",
        icon=":material/add:",
        expanded=job is not None and not job.state.finished,
    ):
        with st.container(horizontal=True, vertical_alignment="bottom", key="rival_form"):
            kind = st.selectbox(
                "Rival",
                list(RIVALS),
                format_func=lambda name: RIVALS[name][0].upper() + RIVALS[name][1:],
                key="rival_kind",
                filter_mode=None,
            )
            choice = _draw_rivalled(choices)
            settings = _draw_levels(kind, choice.settings)
        if settings is not None:
            _draw_start(offer, choice, choices, settings, kind, job)
        st.caption(
            "Equal cost: as many forward passes a picture as the certificate it rivals; equal samples: as many samples "
            "for each smoothing distribution, which is cheaper. SegCertify reads the counts of an isotropic rival. "
            "Center smoothing is not offered: it promises something else, and has no certificate that could be stored "
            "and verified; the benchmark compares it."
        )
    if job is not None:
        job_of(job).draw(job)
    draw_left_rivals(job)


def _draw_rivalled(choices: Sequence[Choice]) -> Choice:
    """Which one is rivalled: the first with several regions unless somebody chooses."""
    usual = next((place for place, choice in enumerate(choices) if choice.settings.grid != (1, 1)), 0)
    if len(choices) == 1:
        return choices[0]
    names = [choice.identity for choice in choices]
    if st.session_state.get("rival_of") not in names:
        st.session_state["rival_of"] = names[usual]
    chosen = st.selectbox(
        "of",
        names,
        format_func=lambda identity: recipe_words(choices[names.index(identity)].settings),
        key="rival_of",
        filter_mode=None,
    )
    return choices[names.index(chosen)]


def _draw_levels(kind: str, settings: ImageSettings) -> ImageSettings | None:
    """The rival's settings; None, with a sentence, if they are none."""
    middle = (settings.level_min + settings.level_max) / 2
    usual = settings.level_min if settings.all_views() is not None else round(middle, 4)
    low = st.number_input(
        "Noise level" if kind != "levels" else "Nearest level",
        0.001,
        _OUT_OF_REACH,
        min(max(usual, 0.001), _OUT_OF_REACH),
        _STEP,
        "%.3f",
        key="rival_low",
        width=150,
    )
    high = low
    if kind == "levels":
        first = min(max(2 * usual, 0.001), _OUT_OF_REACH)
        high = st.number_input(
            "Farthest level", 0.001, _OUT_OF_REACH, first, _STEP, "%.3f", key="rival_high", width=150
        )
    try:
        return rival_settings(kind, settings, float(low), float(high))
    except SettingsError as error:
        st.error(told(error), icon=":material/tune:")
        return None


def _draw_start(
    offer: Offer,
    choice: Choice,
    choices: Sequence[Choice],
    settings: ImageSettings,
    kind: str,
    job: JobSnapshot | None,
) -> None:
    pictures = common_pictures([choice, *choices]) or list(choice.members)
    rival = missing_rival(choice, settings, list(offer.sets.values()), pictures)
    if not rival.members:
        st.success("This rival is there already: choose it above.", icon=":material/check:")
        return
    try:
        model = load_of_record(rival.header.model, settings)
    except InputError as error:
        st.error(f"It can not be added: {told(error)}.", icon=":material/block:")
        return
    planned = Planned(
        rival.title,
        rival_work(rival, model, model_shelf(), pacemaker(), runs_folder()),
        sum(seconds_each(rival.members, rival.passes)),
    )
    CERTIFYING.draw_button(planned, job, f"Add {RIVALS[kind]}", key="add_rival")
    st.caption(
        f"{recipe_words(settings)}: {rival.passes:,} forward passes a picture, "
        f"{pictures_words(len(rival.members))}. Each is kept as soon as it is finished."
    )


def draw_search(scores: Sequence[Score], entries: Sequence[Entry], count: Count) -> None:
    """For rows counted by branch and bound: a button that searches what has not been searched."""
    if all(score.searched is None for score in scores):
        return
    left = [entry for entry in entries if not searched(findings(entry, count))]
    if not left:
        return
    work = search_sets_work(left, count, BUDGETS, finding_keeper(count))
    planned = Planned(SEARCH, work, SECONDS * BUDGETS * len(left))
    SEARCHING.draw_button(planned, SEARCHING.current(), "Search by branch and bound", key="search_sets")
    st.caption(
        f"{pictures_words(len(left)).capitalize()} not searched yet, at {BUDGETS} budgets each and at most "
        f"{SECONDS:g} s a budget. Until then the row shows what the envelope proves."
    )
