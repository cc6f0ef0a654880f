"""Settings hold plain Python, whatever numbers they were made of, and refuse texts for numbers."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest
import torch

from lrscore import GraphSettings, ImageSettings
from lrscore.errors import SettingsError

PLAIN = ImageSettings(
    grid=(2, 3),
    level_min=0.125,
    level_max=0.5,
    samples=30,
    pilot_samples=4,
    alpha=0.25,
    batch_size=3,
    mask_distance=2,
)


@pytest.mark.parametrize("whole", [np.int8, np.uint16, np.int64, lambda value: torch.tensor(value)])
@pytest.mark.parametrize(
    "real",
    [np.float16, np.float32, np.float64, lambda value: torch.tensor(value), lambda value: Fraction(value)],
)
def test_numbers_of_other_libraries_become_plain(whole, real):
    given = ImageSettings(
        grid=(whole(2), whole(3)),
        level_min=real(0.125),
        level_max=real(0.5),
        samples=whole(30),
        pilot_samples=whole(4),
        alpha=real(0.25),
        batch_size=whole(3),
        mask_distance=whole(2),
    )
    assert given == PLAIN
    assert ImageSettings(**json.loads(json.dumps(given.to_dict()))) == PLAIN


def test_arrays_become_tuples():
    levels = np.array([[0.1, np.inf], [0.2, 0.3]], dtype=np.float32)
    image = ImageSettings(grid=np.array([1, 2]), levels=levels, focus=np.array([0.5]), correction="mixture")
    assert image.levels == tuple(map(tuple, levels.tolist()))
    graph = GraphSettings(
        flip_to_one=np.array([0.25, 0.5]),
        orders=np.array([2, 4], dtype=np.uint8),
        partition=np.array([0, 1, 1], dtype=np.uint8),
        margins=np.bool_(True),
        bins=np.int16(64),
    )
    assert (graph.flip_to_one, graph.orders, graph.partition) == ((0.25, 0.5), (2.0, 4.0), (0, 1, 1))
    assert graph.margins is True
    json.dumps(graph.to_dict())


@pytest.mark.parametrize("kind", [ImageSettings, GraphSettings])
@pytest.mark.parametrize("name", ["samples", "pilot_samples", "alpha", "batch_size", "tolerated"])
@pytest.mark.parametrize("wrong", ["12", True, (1,), {}, object()])
def test_texts_and_the_like_are_no_numbers(kind, name, wrong):
    with pytest.raises(SettingsError, match=name):
        kind(**{name: wrong})


@pytest.mark.parametrize("wrong", ["ab", 3, None, ("a", "b"), [[1], [2]], {"a": 1}, (None, 1)])
@pytest.mark.parametrize("name", ["flip_to_one", "flip_to_zero", "orders", "levels"])
def test_sequences_of_other_things_are_refused(name, wrong):
    if (name, wrong) != ("levels", None):
        with pytest.raises(SettingsError, match=name):
            GraphSettings(**{name: wrong})


@pytest.mark.parametrize("wrong", ["0.1", ("0.1",), [["a"]], [[1, 2], [3]], 3])
def test_levels_and_focus_of_texts_are_refused(wrong):
    for name in ("levels", "focus"):
        with pytest.raises(SettingsError, match=name):
            ImageSettings(grid=(1, 1), correction="mixture", **{name: wrong})
