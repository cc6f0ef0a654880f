"""The average certified radius against its definition."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from lrscore.images.radius import average_radius, epsilon_grid, largest_budget
from tests.ui.toy import toy_certificate


@pytest.mark.parametrize("method", ["naive", "paper", "envelope"])
@pytest.mark.parametrize("referenced", [True, False])
def test_it_is_the_area_under_the_lower_staircase(method: str, referenced: bool):
    certificate = toy_certificate()
    if not referenced:
        certificate = replace(certificate, reference=None)
    found = average_radius(certificate, method)
    grid = epsilon_grid(largest_budget(certificate))
    area, outputs = 0.0, int((certificate.reference != 255).sum()) if referenced else certificate.labels.size
    for left, right in pairwise(grid):
        targets = certificate.correct() if referenced else None
        certified = certificate.collective(np.array([right**2]), method, targets).certified[0]
        area += (right - left) * certified / outputs
    assert found.radius == pytest.approx(area, abs=1e-12)
    assert (found.correct, found.method) == (referenced, method)


def test_the_naive_area_is_the_mean_radius_up_to_a_step_of_the_grid():
    certificate = toy_certificate()
    counted = certificate.correct() & ~certificate.abstained
    mean = float(certificate.radii[counted].sum() / (certificate.reference != 255).sum())
    step = epsilon_grid(largest_budget(certificate))[1]
    assert mean - step <= average_radius(certificate, "naive").radius <= mean
