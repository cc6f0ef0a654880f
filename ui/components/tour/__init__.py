"""The guided tour: a few sentences that point at the real controls of a page."""

from ui.components.tour.component import Stop, draw_tour
from ui.components.tour.pages import (
    COMPARE_STOPS,
    GRAPH_STOPS,
    IMAGE_STOPS,
    LEARN_STOPS,
    draw_page_tour,
    tour_link,
)

__all__ = [
    "COMPARE_STOPS",
    "GRAPH_STOPS",
    "IMAGE_STOPS",
    "LEARN_STOPS",
    "Stop",
    "draw_page_tour",
    "draw_tour",
    "tour_link",
]
