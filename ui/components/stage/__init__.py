"""Stages: what happens, drawn in the browser from stored numbers; lessons and the adversary's game play on them."""

from ui.components.stage.acts import (
    Act,
    Copies,
    Game,
    Levels,
    NodeSteps,
    NoisyPicture,
    Picture,
    Pictures,
    StateSteps,
    Votes,
    Wipe,
)
from ui.components.stage.component import StagePlace, draw_stage

__all__ = [
    "Act",
    "Copies",
    "Game",
    "Levels",
    "NodeSteps",
    "NoisyPicture",
    "Picture",
    "Pictures",
    "StagePlace",
    "StateSteps",
    "Votes",
    "Wipe",
    "draw_stage",
]
