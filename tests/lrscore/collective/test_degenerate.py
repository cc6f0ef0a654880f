"""Edges: nothing to certify, ties, extreme numbers, sizes; bad input gets one clear sentence."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from lrscore.collective import CollectiveCertificate, certify_collectively, verify
from lrscore.collective.certificate import METHODS, Status
from lrscore.errors import CertificateError, InputError, SettingsError


def certified(*inputs: object, **options: object) -> list[list[int]]:
    """Certified counts of all methods, verified."""
    results = []
    for method in METHODS:
        certificate = certify_collectively(*inputs, method=method, **options)
        verify(certificate, *inputs[:3])
        assert (certificate.certified <= certificate.ceiling).all()
        results.append(certificate.certified.tolist())
    return results


def test_no_outputs() -> None:
    assert certified([[1.0, 2.0]], [], np.zeros(0, dtype=int), [0.0, 1.0]) == [[0, 0]] * 4


def test_no_budgets() -> None:
    assert certified([[1.0]], [1.0], [0], []) == [[]] * 4


def test_all_abstain() -> None:
    assert certified([[1.0]], [0.0, -1.0, -np.inf], [0, 0, 0], [0.0, 1.0]) == [[0, 0]] * 4


def test_nothing_falls_at_budget_zero_and_everything_at_a_huge_one() -> None:
    weights = np.array([[1.0, 2.0], [3.0, 0.5]])
    assert certified(weights, [1e-280, 1.0, 7.0], [0, 1, 1], [0.0, 1e-320, 1e300]) == [[3, 3, 0]] * 4


def test_numbers_at_the_ends_of_the_range_of_doubles_never_overclaim() -> None:
    # The first threshold abstains, the next two fall for every positive budget below; sums overflow on the way.
    thresholds, groups = [5e-324, 1e-280, 1e-270, 1e300], [0, 0, 1, 1]
    for weights in (np.array([[1e290, 1.0], [1e-5, 1e290]]), np.array([[1e308, 1e308], [1e308, 1.0]])):
        for counts in certified(weights, thresholds, groups, [0.0, 1e-100, 1.0, 1e290]):
            assert counts[0] == 3
            assert counts[1] <= 1
            assert counts[-1] == 0


def test_one_region_is_no_choice() -> None:
    # Naive is already exact: the weighted budget is 2 * 0.5 = 1.
    assert certified([[2.0]], [0.9, 1.0, 1.1, 1.2], [0] * 4, [0.5])[0] == [2]
    assert certified([[2.0]], [0.9, 1.0, 1.1, 1.2], [0] * 4, [0.5])[2:] == [[2], [2]]


def test_ties_go_to_the_adversary() -> None:
    # 1/4 + 1/4 = 1/2 is met exactly in both groups; a millionth less is not enough.
    weights = np.eye(2)
    assert certified(weights, [0.25, 0.25], [0, 1], [0.5])[3] == [0]
    assert certified(weights, [0.25, 0.25], [0, 1], [0.5 - 2**-20])[3] == [1]


def test_thirds_are_met_up_to_rounding_and_never_claimed() -> None:
    # Exactly, three times the double next to 1/3 is a little below 1. No search in doubles need find that allocation,
    # but no method may claim the third output.
    certificate = certify_collectively(np.eye(3), [1 / 3] * 3, [0, 1, 2], [1.0], method="exact")
    assert certificate.certified.tolist() == [0]
    assert certificate.status == (Status.ROUNDING if certificate.ceiling[0] else Status.OPTIMAL,)


def test_a_search_that_only_rounding_keeps_open_says_so() -> None:
    # 0.3 + 1 is 1.3 in floats, and a little less than the double next to 1.3 in fractions.
    certificate = certify_collectively([[0.3, 1.0]], [1.3], [0], [2.0], method="exact", integer=True)
    assert (certificate.certified.tolist(), certificate.ceiling.tolist()) == ([0], [1])
    assert certificate.status == (Status.ROUNDING,)


def test_equal_thresholds_fall_together() -> None:
    assert certified([[1.0, 0.5]], [1.0] * 1000, [0] * 1000, [0.99, 1.0])[2] == [1000, 0]


def test_an_empty_group_changes_nothing() -> None:
    alone = certified([[1.0, 0.5]], [0.7, 0.8], [0, 0], [0.75])
    assert certified([[1.0, 0.5], [9.0, 9.0]], [0.7, 0.8], [0, 0], [0.75]) == alone


def test_budgets_in_any_order_and_repeated() -> None:
    rng = np.random.default_rng(0)
    inputs = rng.random((4, 4)), rng.random(50), rng.integers(0, 4, 50)
    budgets = np.array([0.5, 0.1, 0.5, 0.0, 0.3])
    mixed = certify_collectively(*inputs, budgets)
    verify(mixed, *inputs)
    ascending = certify_collectively(*inputs, np.sort(budgets))
    order = np.argsort(budgets)
    assert mixed.certified[order].tolist() == ascending.certified.tolist()
    assert mixed.budgets.tolist() == budgets.tolist()
    assert mixed.certified[0] == mixed.certified[2]


def test_thresholds_over_eighteen_decades() -> None:
    rng = np.random.default_rng(1)
    weights, groups = 10 ** rng.uniform(-3, 3, (6, 6)), rng.integers(0, 6, 5000)
    thresholds = 10 ** rng.uniform(-12, 6, 5000)
    counts = certified(weights, thresholds, groups, [0, 1e-14, 1e-9, 1e-4, 1.0, 1e4, 1e9], node_limit=50)
    for low, high in itertools.pairwise(counts):
        assert all(a <= b for a, b in zip(low, high, strict=True))
    assert counts[0][0] == counts[3][0] == 5000
    assert counts[3][-1] == 0


def test_a_million_outputs_and_four_hundred_regions() -> None:
    rng = np.random.default_rng(2)
    weights, groups = 1 / rng.uniform(0.1, 0.3, (20, 20)) ** 2, rng.integers(0, 20, 10**6)
    thresholds = rng.integers(1, 1000, 10**6) / 100
    certificate = certify_collectively(weights, thresholds, groups, [0.05, 0.1])
    verify(certificate, weights, thresholds, groups)
    assert (certificate.certified > 0).all()
    weights = 1 / rng.uniform(0.1, 0.3, (400, 400)) ** 2
    inputs = weights, thresholds[:20000], np.arange(20000) % 400
    many = certify_collectively(*inputs, [0.02])
    verify(many, *inputs)
    assert 0 < many.certified[0] <= many.ceiling[0]


def test_branch_and_bound_keeps_its_proven_bound_when_nodes_or_time_run_out() -> None:
    rng = np.random.default_rng(4)
    inputs = 1 / rng.uniform(0.1, 0.5, (8, 8)) ** 2, rng.gamma(2.0, 1.0, 4000), rng.integers(0, 8, 4000)
    envelope = certify_collectively(*inputs, [0.06])
    few = certify_collectively(*inputs, [0.06], method="exact", node_limit=31)
    more = certify_collectively(*inputs, [0.06], method="exact", node_limit=301)
    none = certify_collectively(*inputs, [0.06], method="exact", time_limit=0.0)
    for certificate in (few, more, none):
        verify(certificate, *inputs)
    assert (
        envelope.certified[0] == none.certified[0] < few.certified[0] < more.certified[0] <= more.ceiling[0]
    )
    assert (few.status, none.status) == ((Status.NODE_LIMIT,), (Status.TIME_LIMIT,))
    assert envelope.status == (Status.RELAXED,)


def test_a_cancelled_search_is_a_valid_certificate_of_what_was_proven_by_then() -> None:
    """Asked before every box; budgets that were not searched keep the envelope's count."""
    rng = np.random.default_rng(4)
    inputs = 1 / rng.uniform(0.1, 0.5, (8, 8)) ** 2, rng.gamma(2.0, 1.0, 4000), rng.integers(0, 8, 4000)
    budgets = [0.03, 0.06]
    envelope = certify_collectively(*inputs, budgets)
    full = certify_collectively(*inputs, budgets, method="exact", node_limit=301)

    def after(boxes: int) -> CollectiveCertificate:
        asked = itertools.count()
        return certify_collectively(
            *inputs, budgets, method="exact", cancel=lambda: next(asked) >= boxes, node_limit=301
        )

    at_once, soon, later = after(0), after(10), after(100)
    for certificate in (at_once, soon, later):
        verify(certificate, *inputs)
        assert (certificate.certified <= full.ceiling).all()
    assert at_once.certified.tolist() == envelope.certified.tolist()
    assert envelope.certified[1] < soon.certified[1] < later.certified[1] <= full.certified[1]
    assert soon.certified[0] >= envelope.certified[0]
    assert len(soon.proof.split_groups) < 30, "it stopped where it was told to"
    assert soon.status[1] == Status.TIME_LIMIT


def test_bins_only_cost() -> None:
    rng = np.random.default_rng(6)
    inputs = rng.random((5, 5)), rng.gamma(2.0, 0.3, 400), rng.integers(0, 5, 400)
    budgets = np.linspace(0, 2, 9)
    unbinned = certify_collectively(*inputs, budgets, method="paper").certified
    for bins in (2048, 16, 1):
        certificate = certify_collectively(*inputs, budgets, method="paper", bins=bins)
        verify(certificate, *inputs)
        assert (certificate.certified <= unbinned).all()
    naive = certify_collectively(*inputs, budgets, method="naive").certified
    assert (certify_collectively(*inputs, budgets, method="paper", bins=1).certified >= naive).all()


@pytest.mark.parametrize("method", METHODS)
def test_arrays_carry_everything(method: str) -> None:
    rng = np.random.default_rng(7)
    inputs = rng.random((4, 3)), rng.random(80), rng.integers(0, 4, 80)
    certificate = certify_collectively(*inputs, [0.2, 0.6], method=method, caps=[0.3, np.inf, 0.1])
    arrays = certificate.to_arrays()
    assert all(array.dtype.kind in "fib" for array in arrays.values())
    again = CollectiveCertificate.from_arrays(arrays)
    verify(again, *inputs)
    assert again.status == certificate.status
    assert again.method == method
    for name, array in again.to_arrays().items():
        assert array.dtype == arrays[name].dtype
        assert np.array_equal(array, arrays[name]), name
    for name in arrays:
        with pytest.raises(CertificateError, match=name.removeprefix("proof_")):
            CollectiveCertificate.from_arrays({other: arrays[other] for other in arrays if other != name})


GOOD = {"weights": [[1.0, 2.0]], "thresholds": [1.0, 2.0], "groups": [0, 0], "budgets": [0.5]}


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"weights": [1.0, 2.0]}, InputError, r"weights must be an \(I, J\) matrix.* got shape \(2,\)"),
        ({"weights": [[]]}, InputError, "weights .* not empty"),
        ({"weights": [[1.0, -2.0]]}, InputError, "weights must be nonnegative"),
        ({"weights": [[1.0, np.nan]]}, InputError, "weights must be nonnegative"),
        ({"weights": [[1.0], [2.0, 3.0]]}, InputError, "weights must be an array of numbers"),
        ({"weights": "heavy"}, InputError, "weights must be an array of numbers"),
        ({"thresholds": [[1.0, 2.0]]}, InputError, r"thresholds must be a vector .*\(1, 2\)"),
        ({"thresholds": [1.0, np.nan]}, InputError, "thresholds must be a vector .* without NaN"),
        ({"groups": [0]}, InputError, "groups must be 2 integers"),
        ({"groups": [0.0, 0.0]}, InputError, "groups must be 2 integers.* float64"),
        ({"groups": [0, 1]}, InputError, r"groups must lie in \[0, 1\); got 0 to 1"),
        ({"groups": [0, -1]}, InputError, r"groups must lie in \[0, 1\); got -1 to 0"),
        ({"budgets": [[0.5]]}, InputError, r"budgets must have shape \(M,\).* \(1, 1\)"),
        ({"budgets": [-0.5]}, InputError, "budgets must be finite and at least 0"),
        ({"budgets": [np.inf]}, InputError, "budgets must be finite"),
        ({"budgets": [np.nan]}, InputError, "budgets must be finite"),
        ({"weights": [[[1.0]], [[2.0]]]}, InputError, r"budgets must have shape \(M, 2\)"),
        ({"caps": [1.0]}, InputError, r"caps must have shape \(1, 2\) or \(2,\)"),
        ({"caps": [1.0, -1.0]}, InputError, "caps must be nonnegative"),
        ({"caps": [1.0, np.nan]}, InputError, "caps must be nonnegative"),
        ({"targets": [1, 0]}, InputError, "targets must be 2 booleans"),
        ({"targets": [True]}, InputError, "targets must be 2 booleans"),
        (
            {"method": "magic"},
            SettingsError,
            "method must be one of naive, paper, envelope, exact; got 'magic'",
        ),
        ({"bins": 64}, SettingsError, "bins must be .* only with method 'paper'"),
        ({"bins": 0, "method": "paper"}, SettingsError, "bins must be at least 1"),
        ({"time_limit": -1.0}, SettingsError, "time_limit must be .* got -1.0"),
        ({"time_limit": np.nan}, SettingsError, "time_limit"),
        ({"node_limit": 0}, SettingsError, "node_limit must be at least 1"),
    ],
)
def test_bad_input_gets_one_clear_sentence(change: dict, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text) as caught:
        certify_collectively(**(GOOD | change))
    assert "\n" not in str(caught.value)
