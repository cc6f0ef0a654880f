"""The idea in ten steps, for reading alone or for presenting: guess first, then see it happen."""

import streamlit as st

from ui.components.presenter import say_notes
from ui.components.tour import draw_page_tour
from ui.lessons import LESSONS
from ui.lessons.material import gather
from ui.lessons.page import draw_lesson, next_step, previous_step
from ui.links import read_old_link
from ui.style.chrome import heading
from ui.widgets.linked import linked
from ui.widgets.page_keys import turn_pages

read_old_link("learn")
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    turning = st.container(horizontal=True, width="content")
    chosen = linked(st.pagination, len(LESSONS), key="learn_step")
    draw_page_tour("learn")
with turning:
    st.button("Previous", key="previous", shortcut="PageUp", on_click=previous_step, disabled=chosen == 1)
    following = st.container(width="content")

lesson = LESSONS[chosen - 1]
say_notes(lesson.notes)
material = gather(st.session_state.get("learn_pixel"))
heading(lesson.title, f"Step {chosen} of {len(LESSONS)}")
if isinstance(material, str):
    st.error(material, icon=":material/broken_image:")
    answered = True
else:
    answered = draw_lesson(lesson, chosen, material)
with following:
    last = chosen == len(LESSONS) and answered
    st.button(
        "Next" if answered else "Answer",
        key="next",
        shortcut="PageDown",
        on_click=next_step,
        args=(chosen, answered),
        disabled=last,
        type="primary",
    )
turn_pages("previous", "next")
