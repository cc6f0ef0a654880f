"""Claims that are too large by the last bits: no allowance lets them pass."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from lrscore.errors import CertificateError
from lrscore.graphs.verify import slow_divergence
from lrscore.noise.flips import flip_weights
from lrscore.records import read_record, write_record
from lrscore.statistics.dkw import threshold_from_moments
from lrscore.verify import verify_file
from tests.lrscore.test_choosing import graph_certificate, image_certificate


@pytest.mark.parametrize(
    "make", [image_certificate, lambda: graph_certificate("votes")], ids=["image", "graph"]
)
def test_a_weight_that_is_low_by_its_last_bits_does_not_verify(make, tmp_path):
    path = tmp_path / "low.nc"
    make().save(path)
    record = read_record(path)
    assert verify_file(path)
    weights = record.arrays["weights"].copy()
    first = np.unravel_index(np.argmax(np.isfinite(weights) & (weights > 0)), weights.shape)
    # Graph weights carry an allowance of 1e-12 of their own, which is not to be taken off
    weights[first] = (
        weights[first] * (1 - 1e-12) if len(weights.shape) == 3 else np.nextafter(weights[first], 0)
    )
    write_record(replace(record, arrays={**record.arrays, "weights": weights}), path)
    with pytest.raises(CertificateError, match="lower than its noise"):
        verify_file(path)


def test_honest_flip_weights_pass_however_alike_the_two_noises_are():
    rng = np.random.default_rng(0)
    for _ in range(300):
        one = float(np.rint(rng.uniform(0, 1) * 2**32) / 2**32)
        zero = min(max(1 - one + rng.choice([0, 2.0**-32, -(2.0**-32), 1e-4, 0.2]), 0.0), 1 - 2.0**-32)
        order = rng.choice([1.5, 2.0, 4.0, np.inf])
        added, deleted = (float(cost) for cost in flip_weights(np.array(one), np.array(zero), order))
        for cost, slow in (
            (added, slow_divergence((zero, 1 - zero), (1 - one, one), order)),
            (deleted, slow_divergence((1 - one, one), (zero, 1 - zero), order)),
        ):
            assert cost >= (0.0 if slow == 0 else slow * (1 + 1e-13) + 1e-15)


def test_thresholds_from_moments_never_exceed_the_exact_ones_next_to_one_half():
    """Means of histograms are sums in floating point: just above 1/2 they may be on the wrong side of it."""
    for excess in (1e-16, 1e-15, 1e-13, 9e-13):
        assert threshold_from_moments(np.array([0.5 + excess]), np.array([1e-3])) == 0
    edges = np.arange(256) / 256
    rng = np.random.default_rng(1)
    for _ in range(200):
        counts = rng.integers(0, 1000, 256)
        counts = counts + counts[::-1]  # symmetric about 255/512
        samples = int(counts.sum())
        mean = counts @ (edges + 1 / 512) / samples
        exact = (
            sum(Fraction(int(c)) * (Fraction(i, 256) + Fraction(1, 512)) for i, c in enumerate(counts))
            / samples
        )
        assert exact == Fraction(1, 2)
        assert threshold_from_moments(np.array([mean]), np.array([0.01])) == 0
