"""The shares of a run under another partition: nothing but clusters and noise changes."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.graph_growth import bounds_with
from lrscore.collective import Limits
from lrscore.files import load_certificate
from lrscore.graphs.collective import certify_exactly
from models.graphs.registry import bundled_certificate


@pytest.mark.parametrize(("noise", "alone"), [("local", True), ("strong", False)])
def test_shares_stay_while_clusters_and_noise_are_others(noise: str, alone: bool):
    certificate = load_certificate(bundled_certificate("village"))
    bounds = bounds_with(certificate, noise, 4)
    assert np.array_equal(bounds.nodes.probabilities, certificate.probabilities)
    assert set(bounds.nodes.clusters.tolist()) == {0, 1, 2, 3}
    (flips,) = bounds.noises
    tells = flips.to_one + flips.to_zero != 1
    assert np.array_equal(tells, np.eye(4, dtype=bool)) == alone
    budgets = np.array([(1, 0), (1, 1), (2, 2)], dtype=float)
    found = certify_exactly(bounds, budgets, None, Limits(node_limit=20))
    assert (found.certified <= found.ceiling).all()
    if alone:
        assert found.certified.tolist() == found.ceiling.tolist()
