"""The guided path: five steps from one noisy pixel to a collective certificate, each one live."""

from ui.lessons.budget import BUDGET
from ui.lessons.ellipse import ELLIPSE
from ui.lessons.flips import FLIPS
from ui.lessons.lesson import Lesson
from ui.lessons.one_pixel import ONE_PIXEL
from ui.lessons.sampling import SAMPLING

LESSONS: tuple[Lesson, ...] = (ONE_PIXEL, ELLIPSE, BUDGET, SAMPLING, FLIPS)

__all__ = ["LESSONS", "Lesson"]
