"""Class ids by name, taken from the project's one list of classes."""

from __future__ import annotations

from models.datasets.classes import CAMVID_CLASSES

SKY = CAMVID_CLASSES.index("sky")
BUILDING = CAMVID_CLASSES.index("building")
POLE = CAMVID_CLASSES.index("pole")
ROAD = CAMVID_CLASSES.index("road")
PAVEMENT = CAMVID_CLASSES.index("pavement")
TREE = CAMVID_CLASSES.index("tree")
SIGN = CAMVID_CLASSES.index("sign")
FENCE = CAMVID_CLASSES.index("fence")
CAR = CAMVID_CLASSES.index("car")
PEDESTRIAN = CAMVID_CLASSES.index("pedestrian")
BICYCLIST = CAMVID_CLASSES.index("bicyclist")
