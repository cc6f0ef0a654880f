"""Which reference labels a model's labels are compared with."""

from __future__ import annotations

import numpy as np
import pytest

from lrscore.errors import InputError
from lrscore.images.references import checked_reference, match_reference
from lrscore.references import other_classes

REFERENCE = np.array([[0, 1, 2], [255, 2, 0]])
STREET = ("sky", "road", "car")


def test_the_same_classes_keep_their_numbers() -> None:
    np.testing.assert_array_equal(match_reference(REFERENCE, STREET, STREET), REFERENCE)


def test_the_same_classes_in_another_order_are_renumbered_by_name() -> None:
    matched = match_reference(REFERENCE, STREET, ("car", "sky", "road"))
    np.testing.assert_array_equal(matched, [[1, 2, 0], [255, 0, 1]])


@pytest.mark.parametrize(
    "model", [("cat", "dog", "cow"), ("sky", "road"), (*STREET, "tree"), ("sky", "road", "Cart")]
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


def test_names_are_compared_without_case_and_by_alias_and_void_is_void() -> None:
    matched = match_reference(REFERENCE, ("Sky", "SideWalk", "Traffic-Sign"), ("sign", "pavement", "sky"))
    np.testing.assert_array_equal(matched, np.array([2, 1, 0, *[255] * 253])[REFERENCE])
    matched = match_reference(REFERENCE, ("sky", "road", "Void"), ("road", "sky"))
    np.testing.assert_array_equal(matched, np.array([1, 0, 255, *[255] * 253])[REFERENCE])


def test_differing_names_are_listed() -> None:
    said = other_classes(("sky", "Cow", "void"), ("sky", "car"), "the picture")
    assert "only the reference has Cow; only the model has car" in said


@pytest.mark.parametrize(
    "wrong",
    [
        np.full((2, 2), -1),
        np.full((2, 2), 3),
        np.full((2, 2), np.nan),
        np.full((2, 2), 0.5),
        np.zeros((2, 3)),
    ],
)
def test_a_reference_that_is_none_of_the_models_is_refused(wrong: np.ndarray) -> None:
    with pytest.raises(InputError, match="reference"):
        checked_reference(wrong, (2, 2), 3)


@pytest.mark.parametrize("kind", [np.uint8, np.uint64, np.int16, np.float32, np.float64])
def test_whole_numbers_of_any_type_are_labels(kind: type) -> None:
    given = np.array([[0, 2], [255, 1]], dtype=kind)
    np.testing.assert_array_equal(checked_reference(given, (2, 2), 3), [[0, 2], [255, 1]])
