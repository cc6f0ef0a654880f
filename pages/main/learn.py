"""The idea in five steps, for reading alone or for presenting."""

import streamlit as st

from ui.components.tour import draw_page_tour
from ui.lessons import LESSONS
from ui.links import read_old_link
from ui.style.chrome import heading, presenter_style
from ui.style.theme import current_theme
from ui.widgets.page_keys import turn_pages

read_old_link("learn")


def turn(by: int) -> None:
    st.session_state["learn_step"] = min(
        max(int(st.session_state.get("learn_step", 1)) + by, 1), len(LESSONS)
    )


with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    turning = st.container(horizontal=True, width="content")
    chosen = st.pagination(len(LESSONS), key="learn_step", bind="query-params")
    with st.container(horizontal=True, width="content", vertical_alignment="center"):
        draw_page_tour("learn")
        notes = st.toggle("Speaker notes", key="learn_notes", bind="query-params")
        presenting = st.toggle("Presenter view", key="learn_present", bind="query-params")
with turning:
    st.button("Previous", key="previous", shortcut="PageUp", on_click=turn, args=(-1,), disabled=chosen == 1)
    last = chosen == len(LESSONS)
    st.button(
        "Next", key="next", shortcut="PageDown", on_click=turn, args=(1,), disabled=last, type="primary"
    )
    turn_pages("previous", "next")
if presenting:
    presenter_style()

lesson = LESSONS[chosen - 1]
heading(lesson.title, f"Step {chosen} of {len(LESSONS)}")
left, right = st.columns([2, 3], gap="large")
with left:
    st.markdown(lesson.text)
    scene = lesson.play(current_theme())
with right:
    st.plotly_chart(
        scene.figure, key="learn_plot", theme=None, config={"displayModeBar": False}, alt=lesson.title
    )
    with st.container(border=True, key="takeaway"):
        st.markdown(scene.takeaway)
    if notes:
        st.info(lesson.notes, icon=":material/speaker_notes:")
