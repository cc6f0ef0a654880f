"""Files with exact counts: what holds verifies; raised counts, foreign proofs, other groups and noise are refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from lrscore.collective import CollectiveCertificate, Status, verify
from lrscore.errors import CertificateError
from lrscore.files import load_certificate
from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.certify import certify_graph
from lrscore.graphs.verify_exact import ExactCheck, exact_prover
from lrscore.graphs.verify_shares import ShareClaim
from lrscore.records import Record, read_record
from lrscore.verify import verify_file
from models.graphs.registry import bundled_certificate
from tests.lrscore.graphs.slow_shares import slow_attack
from tests.lrscore.graphs.test_enumeration import NOISES, settings_for
from tests.lrscore.graphs.test_exact_certificate import problems
from tests.lrscore.graphs.toy_graph import DecidedModel, graph

BUDGETS = np.array([(0, 0), (1, 0), (2, 0), (1, 1), (0, 3), (40, 0)], dtype=float)


@pytest.fixture(scope="module")
def village() -> GraphCertificate:
    return load_certificate(bundled_certificate("village"))


@pytest.fixture(scope="module")
def curve(village: GraphCertificate) -> CollectiveCertificate:
    return village.collective(BUDGETS, "exact")


def saved(certificate: GraphCertificate, curve: CollectiveCertificate, folder) -> str:
    path = folder / "certificate.nc"
    replace(certificate, curves=(curve,)).save(path)
    return str(path)


def test_an_exact_curve_verifies_also_for_some_nodes(village, curve, tmp_path):
    assert curve.proof.shares.tolist() == [False, True, True, True, True, False]
    told = replace(village, curves=(curve,)).with_targets(
        "some", np.arange(358) % 3 == 0, budgets=BUDGETS[:3], method="exact"
    )
    told.save(tmp_path / "certificate.nc")
    checks = verify_file(tmp_path / "certificate.nc")
    assert [check.detail for check in checks if check.subject == "collective curve 0-exact"] == [
        "6 budgets, exact, proof checked in rational arithmetic"
    ]
    again = load_certificate(tmp_path / "certificate.nc").curves[0]
    assert again.proof.shares.tolist() == curve.proof.shares.tolist()
    assert again.proof.orders.tolist() == curve.proof.orders.tolist()


def raised(curve: CollectiveCertificate, budget: int, by: int = 1) -> CollectiveCertificate:
    """A count that is too high by one, everything around it made to fit."""
    certified = curve.certified.copy()
    certified[budget] += by
    status = tuple(Status.RELAXED for _ in curve.status)
    return replace(curve, certified=certified, ceiling=np.maximum(curve.ceiling, certified), status=status)


@pytest.mark.parametrize("budget", [1, 2, 3, 4, 5])
def test_a_count_raised_by_one_is_refused(village, curve, tmp_path, budget):
    with pytest.raises(CertificateError, match=r"must be proven"):
        verify_file(saved(village, raised(curve, budget), tmp_path))


def forgeries(curve: CollectiveCertificate):
    """(what is forged, forged curve, what the refusal says)."""
    proof, shape = curve.proof, curve.proof.shares.shape
    everywhere = np.zeros(shape, dtype=bool)
    yield "thresholds prove it", replace(curve, proof=replace(proof, shares=everywhere)), "must be proven"
    yield (
        "no such order",
        replace(curve, proof=replace(proof, orders=np.full(shape, 9), shares=everywhere)),
        "no order",
    )
    yield (
        "shares without orders",
        replace(curve, proof=replace(proof, orders=None)),
        "belong to the method exact",
    )
    yield "another method", replace(curve, method="envelope"), "belong to the method exact"
    yield "shortened", replace(curve, proof=replace(proof, shares=proof.shares[:-1])), "need 6 entries"
    yield "fractions", replace(curve, proof=replace(proof, integer=False)), "whole units"
    lower = curve.ceiling.copy()
    lower[2] -= 1
    yield "ceiling", replace(curve, ceiling=lower, certified=np.minimum(curve.certified, lower)), "ceiling"
    more = curve.allocation.copy()
    more[1, 0] += 1
    yield "more than the budget", replace(curve, allocation=more), "within the budget"
    half = curve.allocation.copy()
    half[2] /= 4
    yield "parts of attributes", replace(curve, allocation=half), "whole units"
    status = (Status.OPTIMAL,) * 6
    less = curve.certified - (np.arange(6) == 2)
    yield "status", replace(curve, certified=less, status=status), "says optimal"


def test_forged_curves_are_refused(village, curve, tmp_path):
    check = ExactCheck(read_record(saved(village, curve, tmp_path)), village)
    for _, forged, complaint in forgeries(curve):
        with pytest.raises(CertificateError, match=complaint):
            check.prove(forged, None)


def changed(path, **arrays: np.ndarray) -> Record:
    record = read_record(path)
    return replace(record, arrays={**record.arrays, **arrays})


def test_other_groups_noise_or_bounds_do_not_prove_the_counts(village, curve, tmp_path):
    path = saved(village, curve, tmp_path)
    record = read_record(path)
    ExactCheck(record, village).prove(curve, None)
    weaker = record.arrays["noise_levels"].copy()
    weaker[1] = (
        np.floor(weaker[1] * 0.9 * 2**32) / 2**32
    )  # the labels were not sampled under that little noise
    lower = record.arrays["probabilities"] - 0.002
    for arrays in ({"noise_levels": weaker}, {"probabilities": lower}):
        with pytest.raises(CertificateError):
            ExactCheck(changed(path, **arrays), village).prove(curve, None)
    swapped = replace(village, clusters=(village.clusters + 1) % 8)
    with pytest.raises(CertificateError):
        ExactCheck(record, swapped).prove(curve, None)
    odd = record.arrays["noise_levels"] + 2.0**-40
    with pytest.raises(CertificateError, match=r"multiple of 2\^-32"):
        ExactCheck(changed(path, noise_levels=odd), village).prove(curve, None)
    plain = replace(curve, proof=replace(curve.proof, shares=None, orders=None))
    assert exact_prover(plain, record, village) is None
    with pytest.raises(CertificateError):
        verify_file(saved(village, plain, tmp_path))


@pytest.mark.parametrize(("levels", "shares", "clusters"), list(problems())[:6])
def test_a_claim_is_proven_if_and_only_if_the_definition_says_so(levels, shares, clusters):
    claim = ShareClaim([levels], shares, clusters, np.ones(shares.size, dtype=bool))
    for budget in ((1, 0), (0, 2), (2, 1)):
        attack = slow_attack(levels, shares, clusters, *budget)
        assert claim.proves(budget, attack)
        assert attack == 0 or not claim.proves(budget, attack - 1)


def test_soft_scores_verify_from_means_and_thresholds_of_half_the_level(tmp_path):
    settings = settings_for(NOISES[0], samples=4000, pilot_samples=400, batch_size=200)
    certificate = certify_graph(DecidedModel(), graph(), settings, generator=torch.Generator().manual_seed(0))
    curve = certificate.collective(np.array([(0, 0), (1, 0), (2, 1)], dtype=float), "exact")
    path = saved(certificate, curve, tmp_path)
    verify_file(path)
    assert curve.proof.shares.any()
    record = read_record(path)
    for name, other in (("exact_probabilities", "probabilities"), ("exact_thresholds", "thresholds")):
        forged = replace(record, arrays={**record.arrays, name: record.arrays[other].astype(np.float64)})
        with pytest.raises(CertificateError):
            ExactCheck(forged, certificate)
    missing = {name: values for name, values in record.arrays.items() if name != "exact_thresholds"}
    with pytest.raises(CertificateError, match="must hold exact_thresholds"):
        ExactCheck(replace(record, arrays=missing), certificate)
    with pytest.raises(CertificateError):
        verify_file(saved(certificate, raised(curve, int(curve.proof.shares.argmax())), tmp_path))


def test_images_know_no_shares(curve, village):
    with pytest.raises(CertificateError, match="belong to graphs"):
        verify(curve, village.weights, village.thresholds, village.groups)
