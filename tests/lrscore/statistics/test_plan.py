import json
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrscore.errors import CertificateError, InputError, SettingsError
from lrscore.statistics import (
    CORRECTIONS,
    ConfidencePlan,
    clopper_pearson_lower,
    mixture_lower,
    weights_from_pilot,
)
from tests.lrscore.statistics.slow import unhurried


def plan_of(correction, outputs=6, samples=100):
    tolerated = 3 if correction == "count-level" else 1
    return ConfidencePlan.for_samples(0.01, correction, outputs, samples, tolerated=tolerated)


def weights_of(plan):
    pilot = np.arange(plan.n_outputs) * 20 // plan.n_outputs + 5
    return weights_from_pilot(pilot, 25) if plan.correction == "weighted-bonferroni" else None


COUNTS = np.array([0, 51, 70, 90, 99, 100])


def test_bounds_as_arithmetic():
    expected = {
        "bonferroni": clopper_pearson_lower(COUNTS, 100, 0.01 / 6),
        "count-level": clopper_pearson_lower(COUNTS, 100, 3 * 0.01 / 6),
        "anytime": clopper_pearson_lower(COUNTS, 100, 0.75 * 0.01 / 6),
        "mixture": mixture_lower(COUNTS, 100, 0.01 / 6),
        "paper-holm": clopper_pearson_lower(COUNTS, 100, 0.01 / np.arange(1, 7)),
    }
    for correction, bounds in expected.items():
        np.testing.assert_allclose(plan_of(correction).lower(COUNTS, 100), bounds, rtol=1e-11)
    weights = weights_of(plan_of("weighted-bonferroni"))
    weighted = plan_of("weighted-bonferroni").lower(COUNTS, 100, weights=weights)
    np.testing.assert_allclose(weighted, clopper_pearson_lower(COUNTS, 100, 0.01 * weights / 6), rtol=1e-11)


@pytest.mark.parametrize("correction", CORRECTIONS)
def test_survives_a_file(correction):
    plan = plan_of(correction)
    assert ConfidencePlan.from_dict(json.loads(json.dumps(plan.to_dict()))) == plan


@pytest.mark.parametrize("correction", CORRECTIONS)
def test_check_accepts_its_own_bounds_and_nothing_larger(correction):
    plan = plan_of(correction)
    weights = weights_of(plan)
    bounds = plan.lower(COUNTS, 100, weights=weights)
    plan.check(bounds, COUNTS, 100, weights=weights)
    plan.check(0.999 * bounds, COUNTS, 100, weights=weights)
    for output in range(6):
        enlarged = bounds.copy()
        enlarged[output] = bounds[output] * (1 + 1e-7) + 1e-12
        with pytest.raises(
            CertificateError, match=f"1 claim more than their counts prove; output {output} claims"
        ):
            plan.check(enlarged, COUNTS, 100, weights=weights)


@pytest.mark.parametrize("correction", CORRECTIONS)
@unhurried
@given(st.lists(st.integers(0, 100), min_size=6, max_size=6), st.integers(0, 5))
def test_more_agreements_never_lower_a_bound(correction, agreements, output):
    plan = plan_of(correction)
    if correction == "paper-holm":  # one output's agreement changes the others' ranks: no such property
        return
    more = np.array(agreements)
    more[output] = min(more[output] + 1, 100)
    weights = weights_of(plan)
    assert (plan.lower(more, 100, weights=weights) >= plan.lower(agreements, 100, weights=weights)).all()


def test_discount_and_validity():
    assert {c: plan_of(c).discount for c in CORRECTIONS} == {
        c: 2 if c == "count-level" else 0 for c in CORRECTIONS
    }
    assert [c for c in CORRECTIONS if not plan_of(c).valid] == ["paper-holm"]


@pytest.mark.parametrize("correction", CORRECTIONS)
def test_sentence_names_alpha_outputs_and_method(correction):
    sentence = plan_of(correction, outputs=41_500).sentence()
    assert "alpha = 0.01" in sentence
    assert "41,500 outputs" in sentence
    word = {"bonferroni": "2.41e-07", "weighted-bonferroni": "weighted", "count-level": "at most 2"}
    assert word.get(correction, "") in sentence
    if correction == "anytime":
        assert "7, 13, 25, 50, 100 samples" in sentence
    assert sentence.startswith(
        "NOT VALID" if correction == "paper-holm" else "With probability at least 99 %"
    )


def test_sentence_never_rounds_the_confidence_up():
    sentence = ConfidencePlan(1e-12, "bonferroni", 1).sentence()
    assert sentence.startswith("With probability at least 99.9999999999 % over the sampling")
    assert "(1 output)" in sentence


def test_is_frozen_and_varied_with_replace():
    plan = plan_of("bonferroni")
    with pytest.raises(FrozenInstanceError):
        plan.alpha = 0.5
    assert replace(plan, alpha=0.05).levels(None, 100).tolist() == [0.05 / 6] * 6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1.5, "bonferroni", 3), "alpha: expected an error probability"),
        ((0.1, "sidak", 3), "correction: expected one of bonferroni, .*got 'sidak'"),
        ((0.1, "bonferroni", 0), "n_outputs: expected at least 1"),
        ((0.1, "bonferroni", 3, 2), "tolerated: expected 1 for bonferroni, got 2"),
        ((0.1, "count-level", 3, 4), "tolerated: expected 1 to n_outputs = 3"),
        ((0.1, "anytime", 3), "looks: expected preset sample sizes"),
        ((0.1, "anytime", 3, 1, (20, 10)), "strictly increasing"),
        ((0.1, "bonferroni", 3, 1, (10, 20)), "looks, spending: expected none"),
    ],
)
def test_refuses_contradictory_plans(arguments, message):
    with pytest.raises(SettingsError, match=message):
        ConfidencePlan(*arguments)


@pytest.mark.parametrize(
    ("correction", "arguments", "message"),
    [
        ("bonferroni", {"weights": np.ones(6)}, "weights: expected none for correction bonferroni"),
        ("weighted-bonferroni", {}, "weights: expected pilot weights"),
        ("weighted-bonferroni", {"weights": np.ones(5)}, r"weights: expected shape \(6,\)"),
        ("bonferroni", {"look": 0}, "look: expected none for correction bonferroni"),
        ("anytime", {"look": 0}, "look: expected the look whose sample size is trials"),
    ],
)
def test_refuses_arguments_of_another_correction(correction, arguments, message):
    with pytest.raises(InputError, match=message):
        plan_of(correction).lower(COUNTS, 100, **arguments)


def test_refuses_counts_of_another_shape_or_look():
    with pytest.raises(InputError, match=r"successes: expected shape \(6,\), one per output, got \(5,\)"):
        plan_of("bonferroni").lower(COUNTS[:5], 100)
    with pytest.raises(InputError, match=r"one of the preset looks .* got 99"):
        plan_of("anytime").lower(COUNTS.clip(0, 99), 99)
    with pytest.raises(InputError, match="successes: expected counts to rank"):
        plan_of("paper-holm").levels(None, 100)


@pytest.mark.parametrize(
    "change",
    [
        {"alpha": "0.01"},
        {"n_outputs": 2.5},
        {"looks": [1.5]},
        {"spending": ["a"]},
        {"extra": 1},
        {"tolerated": True},
    ],
)
def test_refuses_records_it_did_not_write(change):
    with pytest.raises(SettingsError, match="confidence plan: expected"):
        ConfidencePlan.from_dict({**plan_of("anytime").to_dict(), **change})
