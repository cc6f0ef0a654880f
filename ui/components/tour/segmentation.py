"""The tour of the segmentation page."""

from __future__ import annotations

import streamlit as st

from ui.components.tour.component import Stop, draw_tour
from ui.site_map import SEGMENTATION

TOUR = "image_tour"
"""Name in a link that opens the tour. It is taken out of the address at once, so that a reload does not repeat it."""

STOPS = (
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


def tour_link(label: str) -> None:
    """A link to the segmentation page that opens the tour there."""
    st.page_link(SEGMENTATION, label=label, icon=":material/tour:", query_params={TOUR: "1"})


def draw_segmentation_tour() -> None:
    """The button, and the tour itself where a link asks for it."""
    start = TOUR in st.query_params
    st.query_params.pop(TOUR, None)
    draw_tour(STOPS, key="page_tour", start=start)
