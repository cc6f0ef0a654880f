"""The story of the picked node as a panel of the page."""

from __future__ import annotations

from html import escape

import numpy as np
import streamlit as st

from lrscore.graphs.certificate import GraphCertificate
from ui.graphs.story import NodeStory, tell_node_story

_MOST_ATTRIBUTES = 24


def draw_node_story(
    certificate: GraphCertificate, node: int, budgets: tuple[int, int], allocation: np.ndarray
) -> None:
    """Scores, bound, threshold, radii, neighbours, and why the node is or is not certified."""
    story = tell_node_story(certificate, node, budgets, allocation)
    with st.container(border=True, key="node_story"):
        st.html(story_html(story, votes=certificate.settings.scores == "votes"))


def story_html(story: NodeStory, *, votes: bool) -> str:
    """The panel's text; `votes` says what the scores are."""
    reference = f", true class {story.reference}" if story.reference else ""
    trained = " (the model was trained on it)" if story.trained else ""
    scores = ", ".join(f"{name} {value:.3f}" for name, value in story.scores)
    facts = (
        ("pilot votes" if votes else "pilot scores", scores),
        ("proven bound", f"{story.bound:.4f}"),
        ("threshold", f"{story.threshold:.3f}"),
        ("cost of the worst attack found", f"{story.spent:.3f}"),
        ("withstands alone", f"{story.radii[0]:,} additions or {story.radii[1]:,} deletions"),
    )
    items = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
    more = story.degree - len(story.neighbours)
    neighbours = "; ".join(f"{name} ({label})" for name, label in story.neighbours)
    lines = [f"{story.degree} neighbours: {neighbours}{f'; and {more} more' if more else ''}."]
    if story.attributes:
        named = ", ".join(story.attributes[:_MOST_ATTRIBUTES])
        rest = len(story.attributes) - _MOST_ATTRIBUTES
        lines.append(f"Attributes: {named}{f' and {rest} more' if rest > 0 else ''}.")
    quiet = "".join(f'<p class="lrs-quiet">{escape(line)}</p>' for line in lines)
    return (
        f"<p><b>{escape(story.name)}</b> in cluster {story.cluster}: labelled <b>{escape(story.label)}</b>"
        f'{escape(reference)}{trained}.<br>{escape(story.verdict)}</p><dl class="lrs-facts">{items}</dl>{quiet}'
    )
