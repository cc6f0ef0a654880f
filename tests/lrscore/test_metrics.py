import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrscore.errors import InputError
from lrscore.metrics import (
    average_certified_radius,
    certified_accuracy,
    certified_mean_iou,
    certified_ratio,
    class_iou,
    mean_iou,
    pixel_accuracy,
)

TRUTH = np.array([[0, 0, 1, 1], [2, 2, 255, 255]])
LABELS = np.array([[0, 1, 1, 1], [2, 0, 1, 2]])


def test_accuracy_leaves_void_out_and_counts_abstentions_wrong():
    assert pixel_accuracy(LABELS, TRUTH) == 4 / 6
    abstained = np.zeros(TRUTH.shape, bool)
    abstained[0, 0] = abstained[1, 2] = True  # one right pixel, one void pixel
    assert pixel_accuracy(LABELS, TRUTH, abstained) == 3 / 6


def test_iou_by_hand():
    # class 0: hit 1, true 2, predicted 2; class 1: hit 2, true 2, predicted 3; class 2: hit 1, true 2, predicted 1
    np.testing.assert_allclose(class_iou(LABELS, TRUTH, 4), [1 / 3, 2 / 3, 1 / 2, np.nan])
    assert mean_iou(LABELS, TRUTH, 4) == pytest.approx((1 / 3 + 2 / 3 + 1 / 2) / 3)


def test_abstaining_takes_a_hit_away_and_predicts_nothing():
    abstained = LABELS == 1
    # class 1 is never predicted: hit 0, true 2, predicted 0; class 0: hit 1, true 2, predicted 2
    np.testing.assert_allclose(class_iou(LABELS, TRUTH, 3, abstained), [1 / 3, 0, 1 / 2])


def test_nothing_labelled_scores_nothing():
    void = np.full((2, 2), 255)
    assert pixel_accuracy(np.zeros((2, 2), int), void) == mean_iou(np.zeros((2, 2), int), void, 3) == 0
    assert certified_mean_iou(np.zeros((2, 2), int), void, np.ones((2, 2), bool), 3) == 0


def test_certified_accuracy_divides_by_labelled_outputs():
    np.testing.assert_allclose(certified_accuracy(np.array([6, 3]), TRUTH), [1, 0.5])
    np.testing.assert_allclose(certified_ratio(np.array([4]), 8), [0.5])
    assert certified_ratio(np.array([0]), 0) == 0


def test_average_radius_is_the_area_of_the_lower_staircase():
    assert average_certified_radius([0, 1, 3], [1.0, 0.5, 0.25]) == 1 * 0.5 + 2 * 0.25


@pytest.mark.parametrize("epsilons", [[0.1, 1], [0, 0], [0, 1, 2]])
def test_average_radius_wants_a_curve_from_zero(epsilons):
    with pytest.raises(InputError):
        average_certified_radius(epsilons, [1.0, 0.5])


@given(st.integers(0, 2**32 - 1))
def test_certified_iou_holds_for_every_attack_on_uncertified_outputs(seed):
    """Brute force: whatever the uncertified outputs become, each class's IoU stays above its bound."""
    rng = np.random.default_rng(seed)
    truth, labels = rng.integers(0, 3, 6), rng.integers(0, 3, 6)
    held = rng.random(6) < 0.6
    present = np.unique(truth)
    bound = certified_mean_iou(labels, truth, held, 3)
    for _ in range(40):
        attacked = np.where(held, labels, rng.integers(0, 3, 6))
        assert np.nanmean(class_iou(attacked, truth, 3)[present]) >= bound - 1e-12


def test_shapes_must_agree():
    with pytest.raises(InputError, match="must have one shape"):
        pixel_accuracy(LABELS, TRUTH[:1])
