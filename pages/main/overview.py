"""What is certified, in one picture; pick an example."""

import streamlit as st

from ui.browse.showcase import BUDGET, card_of
from ui.components.presenter import compact
from ui.components.tour import tour_link
from ui.images.legend import strip_html
from ui.images.opened import OPEN
from ui.library.bundled import examples
from ui.site_map import GRAPH, SEGMENTATION
from ui.style.chrome import figure, heading
from ui.style.templates import render
from ui.style.theme import current_theme
from ui.style.words import share

COLUMNS = 4
dark = current_theme().dark
cards = [(example, card_of(example, dark=dark)) for example in examples()]
hero = next(((example, card) for example, card in cards if card.overlay is not None), None)

left, right = st.columns([5, 6], gap="large", vertical_alignment="center")
with left:
    heading(
        "How much of a prediction survives, whatever the adversary does?",
        "Collective robustness certificates",
        "A segmentation model labels every pixel of an image; a graph network labels every node of a graph. An "
        "adversary may change the image, or the nodes' attributes, within a budget. This dashboard proves how many "
        "labels keep standing, for every such change at once.",
    )
    st.html(
        '<ol class="lrs-steps">'
        "<li>Noise is added many times: little near a pixel or node, much far away. The label that wins is the "
        "answer.</li>"
        "<li>Votes become bounds that hold together, with a stated confidence.</li>"
        "<li>One input, one budget: the adversary must divide it. The worst division bounds the damage.</li></ol>"
    )
    with st.container(horizontal=True, key="main_actions"):
        st.page_link(SEGMENTATION, label="Certify an image", icon=":material/image:")
        st.page_link(GRAPH, label="Certify a graph", icon=":material/hub:")
        tour_link("Show me around")
with right:
    if hero is not None:
        example, card = hero
        words = {"share": share(card.certified, card.outputs), "confidence": card.confidence}
        strip = strip_html(dark=dark)
        st.html(
            render(
                "hero", picture=card.overlay, title=example.title, budget=f"{BUDGET:g}", strip=strip, **words
            )
        )

if compact():
    st.stop()
st.header("Scenes", anchor=False)
for start in range(0, len(cards), COLUMNS):
    for column, (example, card) in zip(st.columns(COLUMNS), cards[start : start + COLUMNS], strict=False):
        with column:
            if card.problem is not None:
                note = f"The stored certificate can not be used: {card.problem}"
            elif card.overlay is None:
                note = "Not certified yet."
            else:
                note = f"{share(card.certified, card.outputs)} certified at ε = {BUDGET:g}"
            figure(card.picture, alt=example.title, title=example.title, caption=note)
            st.page_link(
                SEGMENTATION,
                label="Open",
                query_params={OPEN: example.name},
                width="stretch",
            )
