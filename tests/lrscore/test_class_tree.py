"""Trees of classes: what may be one, and what its nodes hold."""

import numpy as np
import pytest

from lrscore.class_tree import ClassTree
from lrscore.errors import InputError, LrscoreError

NAMES = ("car", "bus", "rider", "road", "tree", "sky")


def test_groups_of_groups_by_name():
    tree = ClassTree.from_names(
        {
            "traffic": {"vehicle": ["Car", "bus"], "people": ["rider"]},
            "ground": ["road", "vegetation"],
            "all": NAMES,
        },
        NAMES,
    )
    assert tree.names == ("traffic", "vehicle", "ground")
    assert tree.members == ((0, 1, 2), (0, 1), (3, 4))
    assert tree.nodes == 9
    assert tree.sizes.tolist() == [1] * 6 + [3, 2, 2]
    assert tree.finest_first() == [7, 8, 6]
    np.testing.assert_array_equal(tree.holds[6], [True, True, True, False, False, False])
    np.testing.assert_allclose(tree.gains[[0, 6, 7]], [1, np.log(2) / np.log(6), np.log(3) / np.log(6)])
    assert tree.node_names(NAMES)[6:] == tree.names
    assert ClassTree.from_text(tree.to_text()) == tree


def test_a_tree_of_one_level_has_no_groups():
    assert ClassTree.from_names({}, NAMES) == ClassTree(6)
    assert ClassTree.from_names({name: [name] for name in NAMES}, NAMES) == ClassTree(6)


@pytest.mark.parametrize(
    ("groups", "text"),
    [
        ({"vehicle": ["car", "boat"]}, "'boat', which is no class"),
        ({"a": ["car", "bus"], "b": ["bus", "rider"]}, "'b' overlaps"),
        ({"a": ["car", "bus"], "b": ["car", "bus"]}, "'b' overlaps"),
        ({"a": ["car", "car", "bus"]}, "each once"),
        ({"a": "car"}, "must be a list of class names"),
        ({"a": [1, 2]}, "names 1, which is no class"),
        (["car"], "groups by name"),
        ({"a\nb": ["car", "bus"]}, "name on one line"),
    ],
)
def test_anything_else_is_refused(groups, text):
    with pytest.raises(InputError, match=text):
        ClassTree.from_names(groups, NAMES)


def test_a_tree_without_end_is_refused():
    endless: dict = {}
    endless["again"] = endless
    with pytest.raises(InputError, match="groups by name"):
        ClassTree.from_names(endless, NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"classes": 3, "names": ["a"], "members": [[0, 1.0]]}',
        '{"classes": 3, "names": ["a"], "members": [[0, 7]]}',
        '{"classes": 3, "names": ["a"], "members": [[-1, 1]]}',
        '{"classes": 3, "names": [], "members": [[0, 1]]}',
        '{"classes": true, "names": [], "members": []}',
        '{"classes": 3, "names": ["a"], "members": 5}',
        "[" * 100_000,
    ],
)
def test_stored_trees_are_checked(text):
    with pytest.raises(LrscoreError):
        ClassTree.from_text(text)
