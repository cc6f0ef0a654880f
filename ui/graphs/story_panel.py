"""The story of the picked node as a panel of the page."""

from __future__ import annotations

import numpy as np
import streamlit as st
from markupsafe import Markup

from lrscore.graphs.certificate import GraphCertificate
from ui.graphs.states import NodeStates
from ui.graphs.story import NodeStory, kinds_words, tell_node_story
from ui.style.templates import render
from ui.style.words import counted

_MOST_ATTRIBUTES = 24


def draw_node_story(
    certificate: GraphCertificate,
    node: int,
    states: NodeStates,
    budgets: tuple[int, ...],
    allocation: np.ndarray,
) -> None:
    """Scores, bound, threshold, radii, neighbours, and why the node is or is not certified."""
    story = tell_node_story(certificate, node, states, budgets, allocation)
    with st.container(border=True, key="node_story"):
        st.html(story_html(story, votes=certificate.settings.scores == "votes"))


def story_html(story: NodeStory, *, votes: bool) -> Markup:
    """The panel's text; `votes` says what the scores are."""
    scores = ", ".join(f"{name} {value:.3f}" for name, value in story.scores)
    facts = (
        ("pilot votes" if votes else "pilot scores", scores),
        ("proven bound", f"{story.bound:.4f}"),
        ("threshold", f"{story.threshold:.3f}"),
        (
            "withstands alone",
            kinds_words(story.radii, "or"),
        ),
    )
    more = story.degree - len(story.neighbours)
    neighbours = "; ".join(f"{name} ({label})" for name, label in story.neighbours)
    lines = [f"{counted(story.degree, 'neighbour')}: {neighbours}{f'; and {more} more' if more else ''}."]
    if story.attributes:
        named = ", ".join(story.attributes[:_MOST_ATTRIBUTES])
        rest = len(story.attributes) - _MOST_ATTRIBUTES
        lines.append(f"Attributes: {named}{f' and {rest} more' if rest > 0 else ''}.")
    pieces = render("facts", facts=[(name, value, False) for name, value in facts])
    return render(
        "node_story", story=story, facts=pieces, lines=lines, chain=render("chain", chain=story.chain)
    )
