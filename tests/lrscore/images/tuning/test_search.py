"""Levels from few numbers, and a search whose optimum is known."""

import numpy as np
import pytest

from lrscore.errors import InputError, SettingsError
from lrscore.images.levels import interpolate_levels
from lrscore.images.regions import GridRegions
from lrscore.images.tuning.profiles import LevelProfile, matrix_of_offsets, offsets_of_matrix
from lrscore.images.tuning.search import (
    Score,
    SearchSettings,
    Trial,
    search_levels,
    trials_from_json,
    trials_to_json,
)

GRID = (2, 3)
START = matrix_of_offsets(LevelProfile(0.1, 0.3).offset_levels(GRID))


def test_a_linear_profile_is_the_default_interpolation() -> None:
    distances = GridRegions(3, 5, 3, 5).distances()
    linear = matrix_of_offsets(LevelProfile(0.1, 0.3).offset_levels((3, 5)))
    np.testing.assert_allclose(linear, interpolate_levels(distances, 0.1, 0.3))
    square = LevelProfile(0.1, 0.5, 2.0).offset_levels((3, 5))
    np.testing.assert_allclose(square[0], [0.1 + (d / 4) ** 2 * 0.4 for d in range(5)])
    np.testing.assert_allclose(LevelProfile(0.2, 0.5).offset_levels((1, 1)), [[0.2]])


def test_offsets_and_matrix_belong_together() -> None:
    offsets = np.arange(1.0, 7.0).reshape(2, 3)
    matrix = matrix_of_offsets(offsets)
    np.testing.assert_array_equal(matrix, matrix.T)
    np.testing.assert_array_equal(matrix[0], offsets.ravel())  # the first cell sees every offset once
    np.testing.assert_array_equal(matrix[4], [5, 4, 5, 2, 1, 2])
    np.testing.assert_allclose(offsets_of_matrix(matrix, (2, 3)), offsets)


def known_optimum(best: np.ndarray):
    """Radius 1 at `best` and less elsewhere; accuracy always 1."""
    return lambda levels: Score(1 - float((np.log(levels / best) ** 2).mean()), 1.0)


@pytest.mark.parametrize("exponent", [0.5, 2.0])
def test_a_profile_optimum_is_found(exponent: float) -> None:
    best = matrix_of_offsets(LevelProfile(0.17, 0.62, exponent).offset_levels(GRID))
    proposal = search_levels(START, GRID, known_optimum(best), SearchSettings(evaluations=200, free=False))
    assert proposal.converged
    assert proposal.after.radius > 1 - 0.05**2
    assert proposal.before.levels == tuple(map(tuple, START))


def test_free_levels_find_an_optimum_that_no_profile_reaches() -> None:
    best = matrix_of_offsets(np.array([[0.1, 0.4, 0.2], [0.05, 0.3, 0.6]]))
    profile, free = (
        search_levels(START, GRID, known_optimum(best), SearchSettings(evaluations=300, free=free))
        for free in (False, True)
    )
    assert profile.after.radius < 0.9
    assert free.after.radius > 1 - 0.05**2


def test_the_floor_binds() -> None:
    """Louder is better, but costs accuracy: mean level .3 is the best that a floor of .7 leaves."""

    def score(levels: np.ndarray) -> Score:
        return Score(float(levels.mean()), 1 - float(levels.mean()))

    proposal = search_levels(START, GRID, score, SearchSettings(floor=0.7, evaluations=200))
    assert 0.29 < proposal.after.radius <= 0.3
    assert proposal.reached_floor
    default = search_levels(START, GRID, score, SearchSettings(evaluations=200))
    assert default.floor == default.before.accuracy
    unreachable = search_levels(
        START, GRID, score, SearchSettings(floor=1.1, evaluations=30, limits=(0.05, 1.0))
    )
    assert not unreachable.reached_floor
    assert unreachable.after.accuracy > unreachable.before.accuracy


def test_levels_stay_within_the_limits() -> None:
    louder = search_levels(
        START,
        GRID,
        lambda levels: Score(float(levels.sum()), 1.0),
        SearchSettings(evaluations=80, limits=(0.08, 0.5)),
    )
    np.testing.assert_array_equal(louder.after.levels, np.full((6, 6), 0.5))
    assert max(max(row) for trial in louder.trials for row in trial.levels) <= 0.5


def test_a_stopped_search_continues_where_it_was() -> None:
    best = matrix_of_offsets(np.array([[0.1, 0.4, 0.2], [0.05, 0.3, 0.6]]))
    score = known_optimum(best)
    whole = search_levels(START, GRID, score, SearchSettings(evaluations=60))
    first = search_levels(START, GRID, score, SearchSettings(evaluations=25))
    assert len(first.trials) == 25
    assert not first.converged
    fresh: list[Trial] = []
    known = trials_from_json(trials_to_json(first.trials))
    second = search_levels(
        START, GRID, score, SearchSettings(evaluations=60), known=known, on_trial=fresh.append
    )
    assert second.trials == whole.trials
    assert second.after == whole.after
    assert tuple(fresh) == whole.trials[25:]


def test_one_evaluation_proposes_the_start() -> None:
    proposal = search_levels(START, GRID, lambda levels: Score(1.0, 1.0), SearchSettings(evaluations=1))
    assert proposal.after == proposal.before
    assert len(proposal.trials) == 1


def test_bad_calls_are_refused() -> None:
    def score(levels: np.ndarray) -> Score:
        return Score(0.0, 0.0)

    with pytest.raises(SettingsError, match=r"start must be a \(6, 6\) matrix"):
        search_levels(np.ones((2, 2)), GRID, score)
    with pytest.raises(SettingsError, match="finite levels"):
        search_levels(np.full((6, 6), np.inf), GRID, score)
    with pytest.raises(SettingsError, match="limits must be"):
        SearchSettings(limits=(0.2, 0.1))
    with pytest.raises(SettingsError, match="evaluations must be a whole number"):
        SearchSettings(evaluations=0)
    with pytest.raises(SettingsError, match="exponent must be"):
        LevelProfile(0.1, 0.2, 0.0)
    with pytest.raises(InputError, match="trials must be a JSON list"):
        trials_from_json('[{"levels": 3}]')
