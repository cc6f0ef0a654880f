"""Edited noise levels: there and back through a link, checked on the way."""

from __future__ import annotations

import base64
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrscore import ImageSettings
from lrscore.errors import SettingsError
from ui.images.noise.matrix_text import (
    decode_levels,
    edit_group,
    edit_ring,
    edit_rings,
    encode_levels,
    read_level,
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.one_of(st.integers(1, 10_000), st.none()), min_size=9, max_size=9))
def test_levels_survive_a_link(thousandths: list[int | None]):
    levels = np.array([np.inf if number is None else number / 1000 for number in thousandths]).reshape(3, 3)
    np.fill_diagonal(levels, 0.1)
    assert np.array_equal(decode_levels(encode_levels(levels), 3), levels)


def test_levels_between_thousandths_are_rounded_up():
    assert decode_levels(encode_levels(np.array([[0.12341]])), 1)[0, 0] == 0.124


def test_a_large_grid_still_fits_a_link():
    levels = ImageSettings(grid=(8, 10)).noise_levels()
    assert len(encode_levels(levels)) < 2000


@pytest.mark.parametrize("text", ["", "!!", "AAAA", "x" * 5000, encode_levels(np.full((2, 2), 0.1))])
def test_other_text_is_refused(text: str):
    with pytest.raises(SettingsError, match="do not fit a grid of 3 regions"):
        decode_levels(text, 3)


def test_a_bomb_is_not_inflated():
    packed = zlib.compress(np.full(2000 * 2000, 100, dtype="<u2").tobytes(), 9)
    bomb = base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")
    with pytest.raises(SettingsError):
        decode_levels(bomb, 2000)


@pytest.mark.parametrize("bad", [0.0, -0.1, np.nan, 11.0])
def test_levels_out_of_range_are_refused(bad: float):
    with pytest.raises(SettingsError, match="noise level"):
        edit_group(np.full((2, 2), 0.1), 0, np.array([0.1, bad]))


def test_a_region_that_sees_nothing_is_refused():
    with pytest.raises(SettingsError, match="at least one region must stay visible"):
        edit_group(np.full((2, 2), 0.1), 0, np.array([np.inf, np.inf]))


def test_editing_one_group_leaves_the_others():
    levels = ImageSettings(grid=(1, 3)).noise_levels()
    edited = edit_group(levels, 1, np.array([[0.5, 0.1, np.inf]]))
    assert edited[1].tolist() == [0.5, 0.1, np.inf]
    assert np.array_equal(edited[[0, 2]], levels[[0, 2]])


def test_rings_of_one_group_for_all():
    settings_ = ImageSettings(grid=(1, 3))
    distances = np.array([[0, 1, 2], [1, 0, 1], [2, 1, 0]])
    levels = edit_group(settings_.noise_levels(), 1, np.array([0.4, 0.2, 0.6]))
    expected = {0: 0.2, 1: (0.4 + 0.6) / 2, 2: (0.4 + 0.6) / 2}
    assert edit_rings(levels, distances, 1).tolist() == [
        [expected[d] for d in row] for row in distances.tolist()
    ]


@pytest.mark.parametrize("group", [0, 2, None])
def test_one_ring_around_one_region_or_around_all(group: int | None):
    distances = np.array([[0, 1, 2], [1, 0, 1], [2, 1, 0]])
    levels = ImageSettings(grid=(1, 3)).noise_levels()
    edited = edit_ring(levels, distances, 1, 0.7, group)
    for row in range(3):
        for column in range(3):
            inside = distances[row, column] == 1 and group in (row, None)
            assert edited[row, column] == (0.7 if inside else levels[row, column])


def test_a_ring_out_of_range_is_refused():
    with pytest.raises(SettingsError, match="between"):
        edit_ring(np.full((3, 3), 0.1), np.zeros((3, 3), dtype=int), 0, 20.0)
    with pytest.raises(SettingsError, match="at least one region must stay visible"):
        edit_ring(np.full((3, 3), 0.1), np.zeros((3, 3), dtype=int), 0, np.inf)


@pytest.mark.parametrize(
    ("text", "level"), [("0.25", 0.25), (" 0,25 ", 0.25), ("inf", np.inf), ("1e-2", 0.01)]
)
def test_a_typed_level_is_read(text: str, level: float):
    assert read_level(text) == level


@pytest.mark.parametrize("typed", ["-3", "abc", "1e9", "", None, "nan", "-inf", "0", "0.3.1"])
def test_what_is_no_level_is_refused_with_a_sentence(typed: object):
    with pytest.raises(SettingsError, match=r"a noise level must be a number between 0\.001 and 10, or inf"):
        read_level(typed)
