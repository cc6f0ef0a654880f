import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta, binom

from lrscore.errors import InputError
from lrscore.statistics import clopper_pearson_lower, mixture_lower
from lrscore.statistics.beta_mixture import log_evidence
from tests.lrscore.statistics.slow import crossing_probability, too_many_errors, unhurried


def evidence(k, n, p):
    """M(p) by its definition: mean likelihood ratio over theta ~ Beta(1/2, 1/2) given theta > p."""

    def integrand(angle):  # theta = sin(angle)**2 is uniform in the angle
        theta = np.sin(angle) ** 2
        return (theta / p) ** k * ((1 - theta) / (1 - p)) ** (n - k)

    start = np.arcsin(np.sqrt(p))
    return quad(integrand, start, np.pi / 2, epsabs=0, epsrel=1e-10, limit=200)[0] / (np.pi / 2 - start)


@pytest.mark.parametrize(("k", "n"), [(0, 1), (1, 1), (3, 10), (10, 10), (45, 60)])
@pytest.mark.parametrize("p", [0.1, 0.5, 0.7, 0.95])
def test_closed_form_is_the_truncated_mixture(k, n, p):
    closed = np.exp(log_evidence(np.array([k]), np.array([n]), np.array([p])))[0]
    assert closed == pytest.approx(evidence(k, n, p), rel=1e-8)


@pytest.mark.parametrize("n", [1, 5, 40])
@pytest.mark.parametrize("p", [0.2, 0.6, 0.9])
def test_expected_evidence_is_one_at_the_null_and_less_below(n, p):
    k = np.arange(n + 1)
    values = np.exp(log_evidence(k, np.full(n + 1, n), np.full(n + 1, p)))
    assert (binom.pmf(k, n, p) * values).sum() == pytest.approx(1, rel=1e-10)
    for smaller in np.linspace(0.01, 0.99, 9) * p:
        assert (binom.pmf(k, n, smaller) * values).sum() <= 1 + 1e-10


@pytest.mark.parametrize("level", [0.3, 0.05])
def test_exact_error_of_stopping_whenever_the_bound_is_wrong(level):
    sizes = np.arange(1, 151)
    counts = np.minimum(np.arange(151), sizes[:, None])  # (size, count)
    sequence = mixture_lower(counts, sizes[:, None], level)
    naive = clopper_pearson_lower(counts, sizes[:, None], level)
    naive_errors = []
    for p in (0.05, 0.3, 0.5, 0.8, 0.97):
        assert crossing_probability(lambda k, n: sequence[n - 1, k], list(sizes), p) <= level
        naive_errors.append(crossing_probability(lambda k, n: naive[n - 1, k], list(sizes), p))
    # Clopper-Pearson at every size breaks the same promise, so the test can tell them apart.
    assert max(naive_errors) > 1.5 * level


def test_larger_evidence_only_below_the_bound():
    # The proof in docs/theory.md, 3.2.6: wherever the evidence exceeds 2.2, it falls with p.
    p = np.linspace(1e-4, 1 - 1e-4, 4001)
    for n in (1, 2, 3, 10, 50, 400):
        for k in range(0, n + 1, max(1, n // 10)):
            below = p[p < k / n]
            values = log_evidence(np.full(below.size, k), np.full(below.size, n), below)
            large = values > np.log(2.2)
            assert not np.any(large[1:] & ~large[:-1])
            assert (np.diff(values)[large[1:]] < 0).all()


@unhurried
@given(
    st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(1e-12, 0.4)
)
def test_never_above_the_fixed_sample_bound_and_monotone(pair, level):
    k, n = pair
    bound = mixture_lower(k, n, level)
    assert 0 <= bound <= clopper_pearson_lower(k, n, level)
    assert bound <= mixture_lower(k + 1, n + 1, level)
    assert mixture_lower(k, n + 1, level) <= bound + 1e-15
    assert bound <= mixture_lower(k, n, min(1.1 * level, 0.45))
    if bound > 0:
        arrays = np.array([k]), np.array([n]), np.array([bound])
        assert log_evidence(*arrays)[0] >= -np.log(level)


def test_large_samples_come_close():
    k, n = 7_000, 10_000
    assert mixture_lower(k, n, 1e-6) == pytest.approx(0.7 - 6.0 * np.sqrt(0.21 / n), abs=0.002)
    assert mixture_lower([0, 10**6], 10**6, 1e-12)[0] == 0
    assert mixture_lower(10**6, 10**6, 1e-12) == pytest.approx(beta.ppf(1e-12, 10**6, 1), abs=3e-5)


def test_running_maximum_of_simulated_paths():
    rng, level, repetitions = np.random.default_rng(8), 0.1, 800
    sizes = np.unique(np.geomspace(1, 2000, 60).astype(int))
    counts = np.cumsum(rng.random((repetitions, 2000)) < 0.8, axis=1)[:, sizes - 1]
    best = mixture_lower(counts, sizes, level).max(axis=1)
    assert not too_many_errors((best > 0.8).sum(), repetitions, level)


def test_levels_too_large_for_the_argument():
    with pytest.raises(InputError, match="expected error levels in"):
        mixture_lower(1, 2, 0.5)
    assert mixture_lower(5, 10, 0.0) == 0
