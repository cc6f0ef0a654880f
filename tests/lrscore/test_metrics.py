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
    class_counts,
    class_iou,
    mean_iou,
    mean_iou_of_counts,
    pareto_front,
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


@given(st.integers(0, 2**32 - 1))
def test_counts_of_several_images_add_up_to_the_iou_of_all_together(seed):
    """Against a definition pixel by pixel, over images of different sizes."""
    rng = np.random.default_rng(seed)
    images = []
    for shape in ((3, 4), (2, 5), (1, 7)):
        truth = rng.choice([0, 1, 2, 255], size=shape)
        images.append((rng.integers(0, 4, shape), truth, rng.random(shape) < 0.3))
    pooled = mean_iou_of_counts(sum(class_counts(labels, truth, 4, held) for labels, truth, held in images))
    pixels = [
        (int(label), int(true), bool(abstains))
        for image in images
        for label, true, abstains in zip(*(values.ravel() for values in image), strict=True)
        if true != 255
    ]
    ious = []
    for number in range(4):
        predicted = {place for place, (label, _, no) in enumerate(pixels) if label == number and not no}
        present = {place for place, (_, true, _) in enumerate(pixels) if true == number}
        if predicted | present:
            ious.append(len(predicted & present) / len(predicted | present))
    assert pooled == pytest.approx(np.mean(ious) if ious else 0.0)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=12))
def test_the_front_holds_what_nobody_beats(points):
    front = pareto_front([first for first, _ in points], [second for _, second in points])
    unbeaten = {
        (a, b) for a, b in points if not any((c >= a and d >= b and (c, d) != (a, b)) for c, d in points)
    }
    assert [points[place] for place in front] == sorted(unbeaten, reverse=True)
