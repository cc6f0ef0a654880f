"""A study's progress while it runs, and the buttons that start, continue and stop one."""

from __future__ import annotations

import time

import streamlit as st

from lrscore.errors import LrscoreError
from lrscore.study.status import StudyStatus, status_of
from lrscore.study.store import Store
from ui.links import STUDY_DRAFT
from ui.studies.shelf import Results, studies_folder
from ui.studies.starting import EXAMPLE, MOST_CERTIFICATES, last_words, resume, small_study, start, under_way
from ui.style.words import duration

NAME = "studies_name"
_REFRESH, _TABLE_EVERY = 1.0, 5.0  # seconds: the progress, and the results if the table has changed
_DRAWN = "studies_drawn"


def draw_status(results: Results) -> None:
    """Progress, refreshed while the study runs; when it ends, the page is drawn anew."""
    try:
        running = Store(results.folder).running() or under_way(results.folder)
    except LrscoreError as error:
        st.error(str(error), icon=":material/broken_image:")
        return
    st.session_state[_DRAWN] = time.monotonic()
    st.fragment(_status, run_every=_REFRESH if running else None)(results, running)


def _status(results: Results, running: bool) -> None:
    store = Store(results.folder)
    try:
        status = status_of(store)
    except LrscoreError as error:
        st.error(str(error), icon=":material/broken_image:")
        return
    begins = not status.running and under_way(store.folder)
    late = time.monotonic() - st.session_state.get(_DRAWN, 0.0) > _TABLE_EVERY
    if (status.running or begins) != running or (late and not results.fresh):
        st.rerun()
    if begins:
        st.progress(0.0, text="Starting or ending: workers and models are loaded or let go")
        return
    if not status.running:
        _draw_rest(store, status)
        return
    total = max(status.total, 1)
    st.progress(min((status.done + status.failed) / total, 1.0), text=progress_words(status))
    if status.names:
        st.caption(
            "Under way: " + "; ".join(f"{picture}, {setting}" for picture, setting in status.names[:3])
        )
    if st.button("Stop", icon=":material/stop:", key="studies_stop", help="What is done stays."):
        store.ask_to_stop()


def progress_words(status: StudyStatus) -> str:
    """How far a running study is."""
    told = [f"{status.done} of {status.total} done", f"{status.failed} failed", f"{status.active} running"]
    told.append(f"{status.workers} worker{'s' if status.workers != 1 else ''}")
    if status.rate is not None:
        told.append(f"{status.rate:.3g} a minute")
    if status.remaining is not None:
        told.append(f"about {duration(status.remaining)} left")
    return ", ".join(told)


def _draw_rest(store: Store, status: StudyStatus) -> None:
    total = f" of {status.total}" if status.total else ""
    st.caption(f"Not running. {status.done}{total} certificates done, {status.failed} failed.")
    if status.total and status.done >= status.total:
        return
    if words := last_words(store.folder):
        st.caption(f"The last run said: {words}")
    if st.button("Go on", icon=":material/play_arrow:", key="studies_resume", help="Does what is missing."):
        try:
            resume(store.folder)
        except (LrscoreError, OSError) as error:
            st.error(str(error), icon=":material/error:")
            return
        st.rerun()


def draw_new() -> None:
    """A form that starts a small study."""
    with st.expander("New study", expanded=STUDY_DRAFT in st.session_state, icon=":material/add:"):
        with st.form("studies_new", border=False):
            text = st.text_area(
                "The study, as `python -m lrscore study run` reads it",
                st.session_state.get(STUDY_DRAFT, EXAMPLE),
                height=280,
                key="studies_text",
            )
            pressed = st.form_submit_button("Start", icon=":material/play_arrow:")
        st.caption(
            f"Up to {MOST_CERTIFICATES} certificates, of data and models by name. It goes on when the page is closed. "
            f"Folder: `{studies_folder().name}`"
        )
        if pressed:
            try:
                name = start(small_study(text))
            except (LrscoreError, OSError) as error:
                st.error(str(error), icon=":material/error:")
                return
            st.session_state.pop(STUDY_DRAFT, None)
            st.session_state[NAME] = name
            st.rerun()
