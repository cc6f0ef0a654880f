"""The worked examples of docs/collective.md, number by number."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from lrscore.collective import certify_collectively, verify
from lrscore.collective.certificate import Status
from lrscore.errors import CertificateError
from tests.lrscore.collective.definition import Case, dual_bound, paper

WEIGHTS, BUDGETS = np.array([[4.0, 1.0], [1.0, 4.0]]), np.array([1.0])
FIRST = Case(WEIGHTS, np.array([1.5, 1.9, 3.5, 2.0, 3.0, 3.8]), np.array([0, 0, 0, 1, 1, 1]), BUDGETS)
SECOND = Case(WEIGHTS, np.full(8, 3.0), np.repeat([0, 1], 4), BUDGETS)


def test_the_dual_vector_of_ones_proves_two_outputs() -> None:
    assert float(dual_bound(FIRST, 1.0, [1.0, 1.0])) == pytest.approx(0.1 - 0.8 + 5)
    found = certify_collectively(*FIRST.inputs)
    by_hand = replace(found, proof=replace(found.proof, multipliers=np.ones_like(found.proof.multipliers)))
    verify(by_hand, *FIRST.inputs[:3])
    assert found.certified.tolist() == found.ceiling.tolist() == [6 - int(4.3)]
    assert found.status == (Status.OPTIMAL,)
    with pytest.raises(CertificateError, match="must be at most 2"):
        verify(replace(by_hand, certified=np.array([3])), *FIRST.inputs[:3])


def test_the_other_methods_certify_less() -> None:
    assert certify_collectively(*FIRST.inputs, method="naive").certified.tolist() == [0]
    assert paper(FIRST, 1.0) == pytest.approx((1 + 1 + 2 / 3.5) + (1 + 1 + 3 / 3.8))
    assert certify_collectively(*FIRST.inputs, method="paper").certified.tolist() == [6 - int(5.36)]


def test_three_boxes_prove_four_outputs() -> None:
    assert certify_collectively(*SECOND.inputs).certified.tolist() == [8 - (4 + 2)]
    exact = certify_collectively(*SECOND.inputs, method="exact")
    assert exact.certified.tolist() == exact.ceiling.tolist() == [4]
    # The tree of the document: node 0 cuts s_0 at 3, node 2 cuts s_1 at 3. The package rounds thresholds down by one
    # unit in the last place, so does the cut.
    cut = np.nextafter(3.0, 0.0)
    by_hand = replace(
        exact.proof,
        multipliers=np.array([[0.0, 0.0], [4.0, 4.0]]),
        roots=np.array([0]),
        split_groups=np.array([0, -1, 1, -1, -1]),
        split_values=np.array([cut, 0.0, cut, 0.0, 0.0]),
        children=np.array([[1, 2], [-1, -1], [3, 4], [-1, -1], [-1, -1]]),
        leaf_multipliers=np.array([-1, 0, -1, 0, 1]),
    )
    verify(replace(exact, proof=by_hand), *SECOND.inputs[:3])
    assert (4 - 4 * 3) + (4 - 4 * 3) + max(4 * 4 + 4 * 1, 4 * 1 + 4 * 4) == 4
    without = replace(by_hand, leaf_multipliers=np.array([-1, 0, -1, 0, 0]))
    with pytest.raises(CertificateError, match="must be at most 0"):
        verify(replace(exact, proof=without), *SECOND.inputs[:3])


def test_the_allocation_of_the_document_takes_down_four() -> None:
    spent = [4 * Fraction(32, 100) + Fraction(68, 100), Fraction(32, 100) + 4 * Fraction(68, 100)]
    assert spent == [Fraction(196, 100), Fraction(304, 100)]
    pairs = zip(FIRST.thresholds.tolist(), FIRST.groups.tolist(), strict=True)
    assert sum(spent[group] >= Fraction(threshold) for threshold, group in pairs) == 4
