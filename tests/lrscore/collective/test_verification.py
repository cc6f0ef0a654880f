"""verify accepts what the package proves, and never a false claim."""

from __future__ import annotations

from dataclasses import fields, replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrscore.collective import CollectiveCertificate, certify_collectively, verify
from lrscore.collective.certificate import METHODS, Status
from lrscore.errors import CertificateError
from tests.lrscore.collective.definition import Case, dual_bound, random_case, truth


@pytest.fixture(scope="module")
def case() -> Case:
    rng = np.random.default_rng(11)
    weights = 1 / rng.uniform(0.2, 1.0, (5, 5)) ** 2
    return Case(weights, rng.gamma(2.0, 1.0, 300), rng.integers(0, 5, 300), np.array([0.05, 0.1, 0.2, 0.3]))


@pytest.fixture(scope="module", params=METHODS)
def certificate(request: pytest.FixtureRequest, case: Case) -> CollectiveCertificate:
    return certify_collectively(*case.inputs, method=request.param, node_limit=60)


def rejected(certificate: CollectiveCertificate, case: Case, match: str | None = None) -> None:
    with pytest.raises(CertificateError, match=match):
        verify(certificate, *case.inputs[:3])


def test_every_single_count_too_high_is_rejected(certificate: CollectiveCertificate, case: Case) -> None:
    verify(certificate, *case.inputs[:3])
    for budget in range(4):
        certified = certificate.certified.copy()
        certified[budget] += 1
        rejected(replace(certificate, certified=certified), case, rf"certified\[{budget}\] must be at most")


def test_a_wrong_ceiling_is_rejected_both_ways(certificate: CollectiveCertificate, case: Case) -> None:
    for change in (-1, 1):
        rejected(replace(certificate, ceiling=certificate.ceiling + change), case, r"ceiling\[0\] must be")


def test_an_allocation_beyond_the_budget_or_negative_is_rejected(
    certificate: CollectiveCertificate, case: Case
) -> None:
    rejected(replace(certificate, allocation=certificate.allocation * (1 + 1e-12)), case, "within the budget")
    shifted = certificate.allocation + np.array([[1.0, -1.0, 0.0, 0.0, 0.0]])
    rejected(replace(certificate, allocation=shifted), case, "nonnegative")
    holes = np.where(certificate.allocation > 0, np.nan, certificate.allocation)
    rejected(replace(certificate, allocation=holes), case, "nonnegative")


def test_changed_budgets_are_rejected(certificate: CollectiveCertificate, case: Case) -> None:
    for factor in (0.5, 2.0):
        rejected(replace(certificate, budgets=certificate.budgets * factor), case)
    for value in (np.nan, -0.1, np.inf):
        rejected(replace(certificate, budgets=np.full(4, value)), case, "budgets must be finite")


def test_changed_inputs_are_rejected(certificate: CollectiveCertificate, case: Case) -> None:
    weights, thresholds, groups, _ = case.inputs
    changed = [
        (weights * 2, thresholds, groups),
        (weights / 2, thresholds, groups),
        (weights, thresholds / 2, groups),
        (weights, thresholds * 2, groups),
        (weights, thresholds, np.roll(groups, 1)),
        (weights, thresholds[:-1], groups[:-1]),
        (weights[:, :4], thresholds, groups),
        (weights[:4], thresholds, groups),
        (-weights, thresholds, groups),
        (weights, np.where(thresholds > 3, np.nan, thresholds), groups),
        (weights, thresholds, groups + 1),
        (weights, thresholds, groups.astype(float)),
        (np.stack([weights, weights]), thresholds, groups),
    ]
    for inputs in changed:
        with pytest.raises(CertificateError):
            verify(certificate, *inputs)


def test_a_proof_that_does_not_bound_the_attack_is_rejected(
    certificate: CollectiveCertificate, case: Case
) -> None:
    naive = certify_collectively(*case.inputs, method="naive").certified
    if not (certificate.certified > naive).any():
        return  # the naive count needs no dual vectors
    for vectors in (certificate.proof.multipliers * 0, certificate.proof.multipliers * 3):
        rejected(
            replace(certificate, proof=replace(certificate.proof, multipliers=vectors)),
            case,
            "must be at most",
        )


@pytest.mark.parametrize("name", [field.name for field in fields(CollectiveCertificate)])
def test_wrong_shapes_are_rejected(name: str, certificate: CollectiveCertificate, case: Case) -> None:
    if name == "proof":
        for inner in (
            "multipliers",
            "roots",
            "split_groups",
            "split_values",
            "children",
            "enumerated",
            "caps",
        ):
            array = getattr(certificate.proof, inner)
            shorter = replace(certificate.proof, **{inner: array[..., :-1]})
            rejected(replace(certificate, proof=shorter), case, "proof")
        return
    value = {"method": "guess", "n_outputs": 299, "status": certificate.status[:-1]}.get(name)
    value = getattr(certificate, name)[:-1] if value is None else value
    rejected(replace(certificate, **{name: value}), case)


def test_multipliers_beyond_the_range_of_doubles_are_rejected(case: Case) -> None:
    certificate = certify_collectively(*case.inputs)
    huge = replace(certificate.proof, multipliers=np.full_like(certificate.proof.multipliers, 1e308))
    rejected(replace(certificate, proof=huge), case, "range of doubles|must be at most")


def test_counts_must_be_integers_and_optimal_must_be_true(case: Case) -> None:
    certificate = certify_collectively(*case.inputs)
    rejected(replace(certificate, certified=certificate.certified.astype(float)), case, "integers")
    rejected(replace(certificate, certified=-certificate.certified), case, "at least 0")
    assert (certificate.certified < certificate.ceiling).any()
    rejected(replace(certificate, status=(Status.OPTIMAL,) * 4), case, "says optimal")


def test_trees_that_do_not_cover_are_rejected(case: Case) -> None:
    certificate = certify_collectively(*case.inputs, method="exact")
    proof = certificate.proof
    inner = int(np.flatnonzero(proof.split_groups >= 0)[0])
    below, above = proof.children[inner]
    for children in ([below, below], [inner, above], [below, len(proof.roots) + 10**6], [-1, above]):
        changed = proof.children.copy()
        changed[inner] = children
        rejected(replace(certificate, proof=replace(proof, children=changed)), case, "node")
    for name, value in (("split_groups", 5), ("split_values", np.nan), ("leaf_multipliers", 10**6)):
        changed = np.full_like(getattr(proof, name), value)
        rejected(replace(certificate, proof=replace(proof, **{name: changed})), case, "node|multipliers")
    for value in (0.0, 1e9):  # an empty half, the other half with a dual vector that was made for less
        changed = np.where(proof.split_groups >= 0, value, 0.0)
        rejected(replace(certificate, proof=replace(proof, split_values=changed)), case, "must be at most")


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(0, 10**9), st.sampled_from(METHODS), st.data())
def test_whatever_is_changed_no_false_claim_is_accepted(seed: int, method: str, data: st.DataObject) -> None:
    """Change any number of any array; if verify still accepts, all claims must be true by definition."""
    case = random_case(seed)
    arrays = certify_collectively(*case.inputs, method=method).to_arrays()
    names = [name for name in sorted(arrays) if arrays[name].size and arrays[name].ndim]
    name = data.draw(st.sampled_from(names))
    changed = arrays[name].copy()
    place = data.draw(st.integers(0, changed.size - 1))
    value = data.draw(st.sampled_from([-1, 0, 1, 2, 3, 0.5, 1e9, -1e-3]))
    changed.ravel()[place] = bool(value) if changed.dtype == np.bool_ else value
    try:
        certificate = CollectiveCertificate.from_arrays(arrays | {name: changed})
        verify(certificate, *case.inputs[:3])
    except CertificateError:
        return
    if name == "proof_caps":
        return  # caps are part of the claim: tighter caps make another, weaker one, which holds a fortiori
    for budget, certified, ceiling in zip(
        certificate.budgets, certificate.certified, certificate.ceiling, strict=True
    ):
        assert certified <= truth(case, float(budget)) <= ceiling


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.integers(0, 10**9))
def test_counts_follow_from_the_dual_bound_as_written_in_the_theory(seed: int) -> None:
    case = random_case(seed)
    certificate = certify_collectively(*case.inputs)
    proof = certificate.proof
    for budget, root, certified in zip(case.budgets, proof.roots, certificate.certified, strict=True):
        bound = dual_bound(case, float(budget), proof.multipliers[proof.leaf_multipliers[root]].tolist())
        # The theory's bound on inputs as given; the package rounds them outward first, which can only cost.
        larger = [other for other in certificate.budgets if other >= budget]
        assert certified <= case.n_targets - int(bound) or len(larger) > 1


def test_inputs_a_rounding_error_apart_are_covered(case: Case) -> None:
    """One unit in the last place of thresholds and weights: that is what outward rounding is for."""
    weights, thresholds, groups, budgets = case.inputs
    for method in METHODS:
        certificate = certify_collectively(*case.inputs, method=method)
        worse = Case(np.nextafter(weights, np.inf), np.nextafter(thresholds, 0), groups, budgets)
        attacked = [count_attacked(worse, row) for row in certificate.allocation]
        assert (certificate.certified <= worse.n_targets - np.array(attacked)).all()


def count_attacked(case: Case, allocation: np.ndarray) -> int:
    spent = [
        sum(
            Fraction(weight) * Fraction(share) for weight, share in zip(row, allocation.tolist(), strict=True)
        )
        for row in case.weights.tolist()
    ]
    pairs = zip(case.thresholds.tolist(), case.groups.tolist(), strict=True)
    return sum(threshold > 0 and spent[group] >= Fraction(threshold) for threshold, group in pairs)
