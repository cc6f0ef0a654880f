"""The tour of every page, and how one leads to the next: images, a graph, a comparison, the lesson."""

from __future__ import annotations

import streamlit as st

from ui.components.tour.component import Stop, draw_tour
from ui.links import Page, named
from ui.site_map import SEGMENTATION

TOUR = "tour"
"""Name in a link that opens a page's tour, the page's word in front. It is taken out of the address at once, so that a
reload does not repeat it."""

IMAGE_STOPS = (
    Stop(
        ".st-key-scene_viewer",
        "The pictures",
        "One image, its smoothed labels, and what is proven about them. One crosshair runs through all pictures; "
        "zoom with the wheel or two fingers.",
    ),
    Stop(
        ".st-key-budget_bar",
        "The adversary's budget",
        "Move the slider: how many pixels keep their label, whatever an adversary with this budget does to the image? "
        "The number is proven, and answers at once.",
    ),
    Stop(
        ".st-key-image_panels",
        "Layers",
        "Choose what to see: votes, radii, noise, the worst division of the budget, an attack. Every layer has a "
        "switch and a slider for its opacity below its picture.",
    ),
    Stop(
        ".st-key-scene_viewer",
        "The story of a pixel",
        "Click or tap a pixel, or move the crosshair with the arrow keys and press Enter: its votes, its bound, and "
        "why it is certified or not.",
    ),
    Stop(
        ".st-key-curve_plot",
        "The curve",
        "The same number at every budget, for every method: what each pixel proves alone, what they prove together, "
        "and above it the ceiling, which an attack shows that no method can beat.",
    ),
    Stop(
        ".st-key-image_levels",
        "The noise",
        "Little noise near a pixel, much far away. Set both ends here; or show the picture of the noise levels, pick a "
        "region, and drag its rings.",
    ),
    Stop(
        ".st-key-run",
        "Run",
        "New noise needs new samples. Run draws them; the first result that holds is on screen within seconds, and "
        "you can leave the page meanwhile.",
    ),
)


GRAPH_STOPS = (
    Stop(
        ".st-key-graph_viewer",
        "A graph",
        "People, papers, or whatever the nodes are: the model guesses a class for each from its own attributes and its "
        "neighbours'. Click a node for its story, or find one by number, name or attribute.",
    ),
    Stop(
        ".st-key-budget_bar",
        "Two budgets",
        "An adversary adds and deletes attributes anywhere in the graph. How many nodes keep their class, whatever it "
        "does?",
    ),
    Stop(
        ".st-key-plane_plot",
        "The plane",
        "The proven share for every pair of budgets at once. Click a cell to go there.",
    ),
    Stop(
        ".st-key-cut_plot",
        "Methods side by side",
        "A cut through the plane: what nodes prove one by one, what the published program proves, and what branch and "
        "bound adds.",
    ),
)

COMPARE_STOPS = (
    Stop(
        "[data-testid=stMultiSelect]",
        "What is compared",
        "Certificates of one picture, or sets of them: other noise, other grids, other ways to count the same votes.",
    ),
    Stop(
        ".st-key-compare_pareto",
        "Accuracy against robustness",
        "To the right the smoothed model is right more often, further up its predictions withstand more. Nothing beats "
        "what lies on the edge.",
    ),
    Stop(".st-key-compare_curves", "The curves", "The same rows, budget by budget."),
    Stop(
        "[data-testid=stDataFrame]",
        "The numbers",
        "One row for each way to count, with its cost and confidence. Numbers are rounded down.",
    ),
)

LEARN_STOPS = (
    Stop(
        ".st-key-learn_step",
        "Ten steps",
        "The idea on one street and one village. PageUp and PageDown turn the page, like a presenter's "
        "remote control.",
    ),
    Stop(
        "[data-testid=stRadio]",
        "Guess first",
        "Every step asks before it shows. Your answer opens the stage; nothing about you is stored.",
    ),
    Stop(
        ".lrs-curtain, .st-key-learn_stage_1",
        "Then see it happen",
        "Noise, votes, budgets: real counts, moving.",
    ),
    Stop(
        ".st-key-presenter_place",
        "In front of people",
        "Large type, nothing around the page, notes in a window of their own, a black screen, a code of the address: "
        "press H there for the keys.",
    ),
)

_ROUTE: dict[Page, tuple[tuple[Stop, ...], str]] = {
    "image": (IMAGE_STOPS, "graph?graph_tour=1"),
    "graph": (GRAPH_STOPS, "compare?compare_tour=1"),
    "compare": (COMPARE_STOPS, "learn?learn_tour=1"),
    "learn": (LEARN_STOPS, ""),
}
"""The stops of every page, and the address at which the tour goes on."""


def tour_link(label: str) -> None:
    """A link to the segmentation page that opens the tour there."""
    st.page_link(SEGMENTATION, label=label, icon=":material/tour:", query_params={named("image", TOUR): "1"})


def draw_page_tour(page: Page) -> None:
    """The button, and the tour itself where a link asks for it."""
    name = named(page, TOUR)
    start = name in st.query_params
    st.query_params.pop(name, None)
    stops, following = _ROUTE[page]
    draw_tour(stops, key=f"{page}_tour_button", start=start, following=following)
