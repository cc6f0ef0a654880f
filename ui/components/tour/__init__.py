"""The guided tour: a few sentences that point at the real controls of a page."""

from ui.components.tour.component import Stop, draw_tour
from ui.components.tour.segmentation import STOPS, draw_segmentation_tour, tour_link

__all__ = ["STOPS", "Stop", "draw_segmentation_tour", "draw_tour", "tour_link"]
