"""Measured locality on models whose dependence is known exactly."""

import numpy as np
import pytest
import torch
from scipy import stats

from lrscore import Cancelled
from lrscore.errors import InputError, SettingsError
from lrscore.images.tuning.locality import Locality, gradient_locality, measure_locality
from tests.lrscore.linear import Brightness, seeded

GREY = np.full((3, 6, 8), 0.6, np.float32)  # 2x2 cells of 3x4 pixels


class Mixture:
    """Margin of every pixel: a weighted sum of the brightness of the same place in all four quarters.

    `weights[i, j]`: how much a pixel of quarter `i` looks at its counterpart in quarter `j`.
    """

    def __init__(self, weights: np.ndarray) -> None:
        self.weights = torch.tensor(weights, dtype=torch.float32)

    def __call__(self, batch: torch.Tensor) -> torch.Tensor:
        half_height, half_width = batch.shape[2] // 2, batch.shape[3] // 2
        grey = batch.mean(dim=1) - 0.5  # (B, H, W)
        quarters = grey.unfold(1, half_height, half_height).unfold(
            2, half_width, half_width
        )  # (B, 2, 2, h, w)
        mixed = torch.einsum("ij,bjhw->bihw", self.weights, quarters.flatten(1, 2)).unflatten(1, (2, 2))
        margin = mixed.permute(0, 1, 3, 2, 4).reshape(grey.shape)
        return torch.stack([-margin, margin], dim=1)


WEIGHTS = np.array([[1.0, 0, 0, 0.5], [0, 1, 0, 0], [0.25, 0, 1, 0], [0, 0, 0, 1]])


def test_a_pixelwise_model_is_changed_by_its_own_region_only() -> None:
    result = measure_locality(Brightness(), GREY, grid=(2, 2), level=0.3, draws=400, generator=seeded())
    expected = stats.norm.cdf(-0.1 * np.sqrt(3) / 0.3)  # P[mean of three noises of level .3 < -.1]
    np.testing.assert_allclose(np.diag(result.influence), expected, atol=0.03)
    assert (result.influence[~np.eye(4, dtype=bool)] == 0).all()
    np.testing.assert_allclose(result.by_distance(), [expected, 0], atol=0.03)


def test_influence_stands_where_the_model_looks() -> None:
    """Row = group, column = region: the margin .1 * sum(row) flips where weight * noise is below minus that."""
    result = measure_locality(Mixture(WEIGHTS), GREY, grid=(2, 2), level=0.3, draws=400, generator=seeded())
    with np.errstate(divide="ignore"):
        expected = stats.norm.cdf(-0.1 * WEIGHTS.sum(axis=1, keepdims=True) * np.sqrt(3) / (0.3 * WEIGHTS))
    np.testing.assert_allclose(result.influence, expected, atol=0.03)
    np.testing.assert_array_equal(result.influence == 0, WEIGHTS == 0)


@pytest.mark.parametrize("probes", [1, 5])
def test_gradients_of_a_linear_model_are_exact(probes: int) -> None:
    """Margin difference 2 w (mean over 3 channels): derivative 2 w / 3 per channel, l2 norm 2 w / sqrt(3).

    Every pixel looks at pixels of its own, so the random signs cancel in the squares and one probe is exact.
    """
    result = gradient_locality(Mixture(WEIGHTS), GREY, grid=(2, 2), probes=probes, generator=seeded())
    np.testing.assert_allclose(result.influence, 2 * WEIGHTS / np.sqrt(3), rtol=1e-5)


def test_random_signs_add_squares_not_gradients() -> None:
    """Opposite gradients of a group's pixels must not cancel: even and odd columns look at one pixel, with signs."""

    def model(batch: torch.Tensor) -> torch.Tensor:
        sign = torch.tensor([1.0, -1.0]).repeat(4).expand(6, 8)
        margin = 1 + sign * batch[:, 0, 0, 0][:, None, None]
        return torch.stack([margin, 0 * margin], dim=1)

    probes = 500
    result = gradient_locality(model, GREY, grid=(2, 2), probes=probes, generator=seeded())
    np.testing.assert_allclose(result.influence[:, 0] ** 2, 1, atol=0.25)
    assert (result.influence[:, 1:] == 0).all()


def test_distances_are_averaged() -> None:
    influence = np.arange(9.0).reshape(3, 3)
    means = Locality(influence, (1, 3), "").by_distance()
    np.testing.assert_allclose(means, [(0 + 4 + 8) / 3, (1 + 3 + 5 + 7) / 4, (2 + 6) / 2])


def test_levels_are_low_where_a_group_looks() -> None:
    influence = np.array([[0.4, 0.1, 0.0], [0.0, 0.0, 0.0], [0.3, 0.6, 0.6]])
    expected = [[0.1, 0.3 - 0.25 * 0.2, 0.3], [0.3, 0.3, 0.3], [0.2, 0.1, 0.1]]
    np.testing.assert_allclose(Locality(influence, (1, 3), "").levels(0.1, 0.3), expected)


def test_bad_calls_are_refused_and_runs_can_be_cancelled() -> None:
    common = {"grid": (2, 2), "generator": seeded()}
    with pytest.raises(SettingsError, match="draws must be a whole number"):
        measure_locality(Brightness(), GREY, draws=0, **common)
    with pytest.raises(SettingsError, match="level must be"):
        measure_locality(Brightness(), GREY, level=-1, **common)
    with pytest.raises(InputError, match="must return scores"):
        measure_locality(lambda batch: batch[:, :1], GREY, **common)
    with pytest.raises(InputError, match="differentiable"):
        gradient_locality(lambda batch: Brightness()(batch.detach()), GREY, **common)
    steps: list[tuple[int, int]] = []
    with pytest.raises(Cancelled):
        measure_locality(
            Brightness(),
            GREY,
            draws=2,
            progress=lambda *step: steps.append(step),
            cancel=lambda: len(steps) == 2,
            **common,
        )
    assert steps == [(1, 9), (3, 9)]
