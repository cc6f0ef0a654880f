"""Class ids by name, taken from the project's one list of classes."""

from __future__ import annotations

from models.classes import CAMVID_CLASSES

SKY, BUILDING, POLE, ROAD, PAVEMENT, TREE, SIGN, FENCE, CAR, PEDESTRIAN, BICYCLIST = (
    CAMVID_CLASSES.index(name)
    for name in "sky building pole road pavement tree sign fence car pedestrian bicyclist".split()
)
