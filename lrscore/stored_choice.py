"""What a certificate file holds of the pilot's choice of coarse labels and of rivals."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lrscore.class_tree import ClassTree
from lrscore.records import Record, compact
from lrscore.vote_choice import VoteChoice

TREE = "class_tree"


def choice_arrays(choice: VoteChoice | None, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    """The arrays of a choice, in the shape of the labels; none without one."""
    if choice is None:
        return {}
    arrays = {
        "contested": choice.contested.astype(np.uint8).reshape(shape),
        "rival_votes": compact(choice.rivals).reshape(shape),
    }
    if choice.tree is not None:
        arrays["nodes"] = compact(choice.nodes).reshape(shape)
    return arrays


def choice_texts(choice: VoteChoice | None) -> Mapping[str, str]:
    """The tree of classes as a text, if there is one."""
    return {} if choice is None or choice.tree is None else {TREE: choice.tree.to_text()}


def stored_choice(record: Record, *, expected: bool) -> VoteChoice | None:
    """The choice of a file.

    Args:
        expected: whether the settings say that there is one.

    Raises:
        KeyError, InputError: there is none, or its parts contradict each other.
    """
    if not expected:
        return None
    tree = ClassTree.from_text(record.texts[TREE]) if TREE in record.texts else None
    nodes = record.arrays["labels" if tree is None else "nodes"]
    return VoteChoice(
        nodes=nodes.ravel().astype(np.int64),
        contested=record.arrays["contested"].ravel().astype(bool),
        rivals=record.arrays["rival_votes"].ravel().astype(np.int64),
        tree=tree,
    )
