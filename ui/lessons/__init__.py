"""The guided path: ten steps on one bundled scene and one village, each with a question before the answer."""

from ui.lessons.lesson import Lesson
from ui.lessons.single import COPIES_STEP, LEVELS_STEP, PICTURES_STEP, VOTES_STEP
from ui.lessons.together import GAME_STEP, STEPS_STEP, VIEWS_STEP, WIPE_STEP
from ui.lessons.village import LIMITS_STEP, NODES_STEP

LESSONS: tuple[Lesson, ...] = (
    COPIES_STEP,
    VOTES_STEP,
    LEVELS_STEP,
    PICTURES_STEP,
    STEPS_STEP,
    WIPE_STEP,
    GAME_STEP,
    VIEWS_STEP,
    NODES_STEP,
    LIMITS_STEP,
)

__all__ = ["LESSONS", "Lesson"]
