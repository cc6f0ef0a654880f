"""What is known about a graph's nodes before it is certified: their classes, in a model's numbering."""

from __future__ import annotations

from typing import Any

import numpy as np

from lrscore.errors import InputError
from lrscore.references import class_map, other_classes, whole_labels

_UNKNOWN = -1


def beyond_model(reference: np.ndarray | None, classes: int) -> str:
    """What to say about true classes (n,) that a model with so many classes can not give; empty if there are none."""
    if reference is None or not (beyond := reference >= classes).any():
        return ""
    known = reference[reference != _UNKNOWN]
    doubt = "; are the labels numbered from 1?" if (known.min(), known.max()) == (1, classes) else ""
    return (
        f"the graph's labels go up to {reference.max()}, the model's classes are 0 to {classes - 1}: "
        f"{beyond.sum():,} nodes count as wrong whatever it says{doubt}"
    )


def known_labels(graph: Any, model: Any, nodes: int) -> tuple[np.ndarray | None, str]:
    """The graph's classes (n,) in the model's numbering, or None with what to say about it.

    Labels of any numeric type are taken, also as one column. Where graph and model name their classes, the names must
    be the same, in whatever order; where one of them does not, the numbers count.

    Raises:
        InputError: labels that are no whole numbers from -1, or not one for every node.
    """
    given = getattr(graph, "y", None)
    if given is None:
        return None, ""
    labels = whole_labels(given, "the graph's labels (y)")
    if labels.shape == (nodes, 1):
        labels = labels[:, 0]
    if labels.shape != (nodes,) or labels.min() < _UNKNOWN:
        raise InputError(
            f"the graph's labels (y) must be {nodes} classes from 0, or -1 for unknown, got shape {labels.shape} from "
            f"{labels.min(initial=0)} on"
        )
    if (labels == _UNKNOWN).all():
        return None, ""
    names, model_names = (tuple(getattr(one, "class_names", None) or ()) for one in (graph, model))
    if not names or not model_names or labels.max() >= len(names):
        return labels, ""
    places = class_map(names, model_names)
    if places is None:
        return None, other_classes(names, model_names, "the graph")
    numbers = np.array([_UNKNOWN if place is None else place for place in places] + [_UNKNOWN])
    return numbers[labels], ""
