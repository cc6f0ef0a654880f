"""Which reference labels a model's labels are compared with."""

from __future__ import annotations

import numpy as np
import pytest

from lrscore.errors import InputError
from lrscore.images.references import match_reference

REFERENCE = np.array([[0, 1, 2], [255, 2, 0]])
STREET = ("sky", "road", "car")


def test_the_same_classes_keep_their_numbers() -> None:
    np.testing.assert_array_equal(match_reference(REFERENCE, STREET, STREET), REFERENCE)


def test_the_same_classes_in_another_order_are_renumbered_by_name() -> None:
    matched = match_reference(REFERENCE, STREET, ("car", "sky", "road"))
    np.testing.assert_array_equal(matched, [[1, 2, 0], [255, 0, 1]])


@pytest.mark.parametrize(
    "model", [("cat", "dog", "cow"), ("sky", "road"), (*STREET, "tree"), ("sky", "road", "Car")]
)
def test_other_classes_are_not_compared(model: tuple[str, ...]) -> None:
    assert match_reference(REFERENCE, STREET, model) is None


def test_names_that_occur_twice_are_not_compared() -> None:
    assert match_reference(REFERENCE, ("car", "car", "sky"), ("car", "sky")) is None


def test_without_names_the_numbers_count_and_are_checked() -> None:
    np.testing.assert_array_equal(match_reference(REFERENCE, (), STREET), REFERENCE)
    np.testing.assert_array_equal(match_reference(REFERENCE, STREET, ()), REFERENCE)
    with pytest.raises(InputError, match="classes 0 to 1 or 255 for void, got 2"):
        match_reference(REFERENCE, (), ("sky", "road"))
    with pytest.raises(InputError, match="got -1"):
        match_reference(REFERENCE - 1, (), STREET)
    with pytest.raises(InputError, match="got 3"):
        match_reference(REFERENCE + 1, STREET, STREET)


def test_no_reference_stays_none() -> None:
    assert match_reference(None, STREET, STREET) is None
