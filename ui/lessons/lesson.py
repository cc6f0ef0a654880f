"""What a step of the guided path consists of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st

from ui.components.stage import Act
from ui.lessons.material import Material
from ui.style.theme import Theme
from ui.widgets.linked import linked


@dataclass(frozen=True)
class Scene:
    """What a step's controls lead to: a figure and the sentence to take home at this setting."""

    figure: go.Figure
    takeaway: str


@dataclass(frozen=True)
class Question:
    """Asked before anything is shown.

    Args:
        text: the question.
        options: answers to choose from, all different.
        right: position of the right one.
        because: why, in one or two sentences.
    """

    text: str
    options: tuple[str, ...]
    right: int
    because: str


@dataclass(frozen=True)
class Lesson:
    """One step.

    Args:
        title, text: what the reader sees first; Markdown with LaTeX.
        notes: what a teacher may say, in a window of its own.
        ask: the question, with the numbers of the scene.
        act: what the stage shows; None where the scene at hand lacks what it needs.
        chart: the second layer, for those who want the formula: draws controls, answers with figure and sentence; None
            where what it draws from is not stored.
    """

    title: str
    text: str
    notes: str
    ask: Callable[[Material], Question]
    act: Callable[[Material], Act | None]
    chart: Callable[[Theme], Scene | None] | None = None


def choice(text: str, right: str, others: Sequence[str], because: str, *, place: int) -> Question:
    """A question whose right answer stands at that place among the others; others that equal it are left out."""
    rest = [other for other in dict.fromkeys(others) if other != right]
    place = min(place, len(rest))
    return Question(text, (*rest[:place], right, *rest[place:]), place, because)


def blank_figure(theme: Theme, *, x: str, y: str, height: int = 400) -> go.Figure:
    """An empty figure in the page's colours."""
    figure = go.Figure()
    axis = {"gridcolor": theme.border, "zeroline": False, "linecolor": theme.border, "fixedrange": True}
    figure.update_layout(
        height=height,
        margin={"l": 60, "r": 12, "t": 34, "b": 48},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": theme.text, "family": "Source Sans, sans-serif", "size": 14},
        legend={
            "orientation": "h",
            "x": 0,
            "y": 1.02,
            "yanchor": "bottom",
            "bgcolor": "rgba(0,0,0,0)",
        },
        hoverlabel={"bgcolor": theme.surface, "font": {"color": theme.text}},
        uirevision="lesson",
    )
    figure.update_xaxes(**axis, title={"text": x})
    figure.update_yaxes(**axis, title={"text": y})
    return figure


def slider(label: str, low: float, high: float, value: float, step: float, *, key: str) -> float:
    """A slider whose value is part of the link."""
    digits = len(f"{step:g}".partition(".")[2])
    return float(linked(st.slider, label, low, high, value, step, format=f"%.{digits}f", key=key))
