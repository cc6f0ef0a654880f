"""Official groups of the classes of CamVid, Pascal VOC and Cityscapes, as trees for coarse labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lrscore.class_tree import ClassTree
from lrscore.references import canonical
from models.datasets.classes import CAMVID_CLASSES

CAMVID_GROUPS: Mapping[str, Any] = {
    "moving object": {"vehicle": ["car", "bicyclist"], "person": ["pedestrian"]},
    "fixed object": {
        "construction": ["building", "fence"],
        "street furniture": ["pole", "sign"],
        "plant": ["tree"],
    },
    "ground": ["road", "pavement"],
}
"""CamVid's categories of moving and fixed objects (Brostow et al. 2009) over the eleven classes, divided further; the
pavement, officially a fixed object, stands beside the road, which it borders on."""

VOC_GROUPS: Mapping[str, Any] = {
    "animal": ["bird", "cat", "cow", "dog", "horse", "sheep"],
    "vehicle": ["aeroplane", "bicycle", "boat", "bus", "car", "motorbike", "train"],
    "indoor": ["bottle", "chair", "diningtable", "pottedplant", "sofa", "tvmonitor"],
}
"""Everingham et al. 2010; persons and the background are groups of one class."""

CITYSCAPES_GROUPS: Mapping[str, Any] = {
    "flat": ["road", "sidewalk"],
    "construction": ["building", "wall", "fence"],
    "object": ["pole", "traffic light", "traffic sign"],
    "nature": ["vegetation", "terrain"],
    "human": ["person", "rider"],
    "vehicle": ["car", "truck", "bus", "train", "motorcycle", "bicycle"],
}
"""Cordts et al. 2016; the sky is a group of one class."""

_VOC_OTHERS, _CITYSCAPES_OTHERS = ("background", "person"), ("sky",)


def official_tree(class_names: Sequence[str]) -> ClassTree | None:
    """The tree of classes that are those of CamVid, Pascal VOC or Cityscapes by name; None for others."""
    own = {canonical(name) for name in class_names}
    if len(own) < len(class_names):
        return None
    for groups, others in (
        (CAMVID_GROUPS, ("sky",)),
        (VOC_GROUPS, _VOC_OTHERS),
        (CITYSCAPES_GROUPS, _CITYSCAPES_OTHERS),
    ):
        if own == {canonical(name) for name in (*_leaves(groups), *others)}:
            return ClassTree.from_names(groups, class_names)
    return None


def _leaves(groups: Any) -> list[str]:
    if isinstance(groups, Mapping):
        return [name for inside in groups.values() for name in _leaves(inside)]
    return list(groups)


CAMVID_TREE = ClassTree.from_names(CAMVID_GROUPS, CAMVID_CLASSES)
