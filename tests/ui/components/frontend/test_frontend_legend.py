"""Numbers travel in the smallest type; legends carry both ends of their range."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lrscore.errors import InputError
from ui.components.frontend.legend import ColourScale, compact, encode_scale
from ui.style.palette import RADIUS


def test_scale_names_its_ends_and_shows_the_whole_map() -> None:
    encoded = encode_scale(ColourScale(RADIUS, 0, 0.125, unit="px"))
    assert encoded is not None
    assert (encoded["name"], encoded["low"], encoded["high"]) == (RADIUS.name, "0 px", "0.125 px")
    assert (encoded["colours"][0], encoded["colours"][-1]) == (RADIUS.anchors[0], RADIUS.anchors[-1])
    assert encode_scale(None) is None


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([True, False], np.uint8),
        ([0, 255], np.uint8),
        ([0, 256], np.uint16),
        ([-1, 3], np.int32),
        ([0, 70_000], np.int32),
        ([0.5, np.inf], np.float32),
    ],
)
def test_values_travel_in_the_smallest_type_that_holds_them(values: list[Any], kind: type) -> None:
    array = np.array(values)
    small = compact(array, argument="values")
    assert small.dtype == kind
    assert np.array_equal(small, array)


def test_values_beyond_32_bits_are_refused() -> None:
    with pytest.raises(
        InputError, match="values 'seed' must fit into 32 bits, got values from 0 to 4294967296"
    ):
        compact(np.array([0, 2**32]), argument="values 'seed'")
