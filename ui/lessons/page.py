"""How a step is drawn: question, answer, stage, and the chart behind it."""

from __future__ import annotations

import streamlit as st

from ui.charts.terms import draw_figure
from ui.components.presenter import compact
from ui.components.stage import Game, StagePlace, draw_stage
from ui.lessons.lesson import Lesson, Question
from ui.lessons.material import Material
from ui.style.theme import current_theme

PIXEL = "learn_pixel"
"""Name in the session of the pixel that votes."""
_MOST_STEPS = 10
_STAGE_HEIGHT, _TOOLS = 400, 70
_MISSING = "What this step shows is not stored with this scene."


def draw_lesson(lesson: Lesson, number: int, material: Material) -> bool:
    """Draw a step; returns whether its question has been answered or its answer asked for.

    Answers live in the session alone: nothing about people is stored.
    """
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.markdown(lesson.text)
        answered = _draw_question(lesson.ask(material), number)
    with right:
        act = lesson.act(material) if answered else None
        if act is not None:
            room = _STAGE_HEIGHT - (_TOOLS if isinstance(act, Game) else 0)
            draw_stage(act, key=f"learn_stage_{number}", height=room, on_pick=_remember)
        elif answered:
            st.caption(_MISSING)
        else:
            st.html(
                '<div class="lrs-curtain" role="note">Guess first: the stage opens with your answer.</div>'
            )
    if answered and lesson.chart is not None and not compact():
        _draw_chart(lesson, number)
    return answered


def _draw_question(question: Question, number: int) -> bool:
    key, shown = f"learn_answer_{number}", f"learn_shown_{number}"
    chosen = st.radio(
        question.text, question.options, index=None, key=key, persist_state="session", captions=None
    )
    if chosen is None and not st.session_state.get(shown):
        return False
    right = question.options[question.right]
    with st.container(key="takeaway"):
        if chosen is None:
            st.info(f"**{right}.** {question.because}", icon=":material/lightbulb:")
        elif chosen == right:
            st.success(f"Right: **{right}**. {question.because}", icon=":material/check_circle:")
        else:
            st.warning(f"Not quite: **{right}**. {question.because}", icon=":material/cancel:")
    return True


def _draw_chart(lesson: Lesson, number: int) -> None:
    """The second layer; what is in it runs only once it is open."""
    if not st.toggle("The curve behind it", key=f"learn_curve_{number}", persist_state="session"):
        return
    assert lesson.chart is not None
    left, right = st.columns([2, 3], gap="large")
    with left:
        scene = lesson.chart(current_theme())
        if scene is None:
            st.caption(_MISSING)
            return
        st.markdown(scene.takeaway)
    with right:
        draw_figure(scene.figure, key="learn_plot", alt=lesson.title)


def _remember(place: StagePlace) -> None:
    st.session_state[PIXEL] = (place.row, place.column)


def previous_step() -> None:
    """Callback: one step back."""
    st.session_state["learn_step"] = max(int(st.session_state.get("learn_step", 1)) - 1, 1)


def next_step(number: int, answered: bool) -> None:
    """Callback: show the answer of a question that nobody answered, else one step on."""
    if not answered:
        st.session_state[f"learn_shown_{number}"] = True
    else:
        st.session_state["learn_step"] = min(number + 1, _MOST_STEPS)
