"""Search for noise levels with the best score under a floor on accuracy: deterministic, and resumable from its trials.

A compass search: try a step up and a step down in every coordinate, keep what is better, halve the step when nothing
is. First over near level, far level and exponent, then over the level of every grid offset; of views first over all
levels together, then over each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from lrscore.errors import InputError, SettingsError
from lrscore.images.tuning.profiles import LevelProfile, matrix_of_offsets, offsets_of_matrix
from lrscore.settings import Matrix, whole_number

_FIRST_STEP, _LAST_STEP = 0.5, 0.05  # of the logarithms of levels and exponent


class Score(NamedTuple):
    """What a noise level matrix is worth: average certified radius (eps) and smoothed accuracy (in [0, 1])."""

    radius: float
    accuracy: float


@dataclass(frozen=True)
class Trial:
    """A noise level matrix (I, J), or the levels of V views as a matrix (1, V), and its score."""

    levels: Matrix
    radius: float
    accuracy: float


@dataclass(frozen=True)
class LevelProposal:
    """The outcome of a search: a suggestion, not a guarantee.

    Args:
        before: the levels that were given, and their score.
        after: the best levels tried; `before` itself if nothing was better.
        trials: everything tried, in order; pass them as `known` to continue with a larger budget.
        floor: accuracy that was asked for.
        converged: the search stopped because its smallest step changed nothing, not because the budget was spent.
    """

    before: Trial
    after: Trial
    trials: tuple[Trial, ...]
    floor: float
    converged: bool

    @property
    def reached_floor(self) -> bool:
        """Whether the proposal is as accurate as asked; otherwise it is the most accurate one found."""
        return self.after.accuracy >= self.floor


@dataclass(frozen=True)
class SearchSettings:
    """What a search may do and must keep.

    Args:
        floor: least accuracy; None: that of the start.
        evaluations: most matrices to score, the start and known ones included, at least 1.
        free: after near level, far level and exponent, also search the level of every grid offset; after all views
            together, each by itself.
        limits: least and largest level to try.

    Raises:
        SettingsError: a value is outside its range.
    """

    floor: float | None = None
    evaluations: int = 40
    free: bool = True
    limits: tuple[float, float] = (0.01, 2.0)

    def __post_init__(self) -> None:
        whole_number("evaluations", self.evaluations, 1)
        if not 0 < self.limits[0] < self.limits[1] < np.inf:
            raise SettingsError(f"limits must be two levels with 0 < least < largest, got {self.limits!r}")


class _OutOfBudget(Exception):
    """No evaluation is left."""


def search_levels(
    start: np.ndarray,
    grid: tuple[int, int],
    score: Callable[[np.ndarray], Score],
    settings: SearchSettings | None = None,
    *,
    known: Iterable[Trial] = (),
    on_trial: Callable[[Trial], object] | None = None,
) -> LevelProposal:
    """Look for the noise levels with the largest average certified radius among those that are accurate enough.

    The same start, score function and settings give the same proposal. Scores of `known` trials are not computed again
    but count as evaluations, so that a search which was stopped arrives where an uninterrupted one does.

    Args:
        start: (I, J) levels to improve on, finite.
        grid: (rows, cols), `I = J = rows * cols`.
        score: the worth of a noise level matrix (I, J); deterministic.
        settings: floor, budget and range; the defaults if None.
        known: trials of an earlier search with the same score function.
        on_trial: called with every newly scored trial.

    Raises:
        SettingsError: `start` does not fit the grid or is not finite.
    """
    count = grid[0] * grid[1]
    start = np.asarray(start, dtype=np.float64)
    if start.shape != (count, count) or not (np.isfinite(start).all() and (start > 0).all()):
        raise SettingsError(f"start must be a ({count}, {count}) matrix of finite levels above 0")
    search = _Search(score, settings or SearchSettings(), known, on_trial)
    return search.outcome(start, partial(_by_profile, grid), partial(_by_offset, grid))


def search_view_levels(
    start: Sequence[float],
    score: Callable[[np.ndarray], Score],
    settings: SearchSettings | None = None,
    *,
    known: Iterable[Trial] = (),
    on_trial: Callable[[Trial], object] | None = None,
) -> LevelProposal:
    """The same for the levels of views; trials hold them as a matrix (1, V).

    Args:
        start: (V,) levels above 0; an infinite one, of a blank view, stays.
        score, settings, known, on_trial: as in `search_levels`.
    """
    search = _Search(score, settings or SearchSettings(), known, on_trial)
    return search.outcome(np.array([start], dtype=np.float64), _all_views, _each_view)


def _by_profile(grid: tuple[int, int], search: _Search) -> None:
    """Search near level, far level and exponent, from the profile through the start's extreme levels."""
    offsets = offsets_of_matrix(np.array(search.best.levels), grid)
    distance = np.maximum(*np.indices(grid))
    near, far = offsets[0, 0], offsets[distance == distance.max()].mean()

    def matrix(logs: np.ndarray) -> np.ndarray:
        return matrix_of_offsets(search.limited(LevelProfile(*np.exp(logs)).offset_levels(grid)))

    search.compass(np.log([near, far, 1.0]), matrix)


def _by_offset(grid: tuple[int, int], search: _Search) -> None:
    """Search the level of every offset by itself, from the best levels so far."""
    offsets = offsets_of_matrix(np.array(search.best.levels), grid)
    search.compass(
        np.log(offsets).ravel(), lambda logs: matrix_of_offsets(search.limited(np.exp(logs).reshape(grid)))
    )


def _all_views(search: _Search) -> None:
    """Search a common factor of all views' levels."""
    start = np.array(search.best.levels)
    search.compass(np.zeros(1), lambda logs: search.limited(start * np.exp(logs[0])))


def _each_view(search: _Search) -> None:
    """Search the level of every view by itself, from the best levels so far."""
    best = np.array(search.best.levels)
    finite = np.isfinite(best)

    def matrix(logs: np.ndarray) -> np.ndarray:
        levels = best.copy()
        levels[finite] = search.limited(np.exp(logs))
        return levels

    search.compass(np.log(best[finite]), matrix)


class _Search:
    def __init__(
        self,
        score: Callable[[np.ndarray], Score],
        settings: SearchSettings,
        known: Iterable[Trial],
        on_trial: Callable[[Trial], object] | None,
    ) -> None:
        self.score, self.settings = score, settings
        self.known = {trial.levels: trial for trial in known}
        self.seen: dict[Matrix, Trial] = {}
        self.trials: list[Trial] = []
        self.on_trial = on_trial
        self.floor = 0.0
        self.best: Trial

    def outcome(
        self, start: np.ndarray, coarse: Callable[[_Search], None], fine: Callable[[_Search], None]
    ) -> LevelProposal:
        """Try the start, search coarsely and, if the settings ask for it, finely, until the budget is spent."""
        before = self.best = self.try_matrix(start)
        self.floor = before.accuracy if self.settings.floor is None else self.settings.floor
        try:
            coarse(self)
            if self.settings.free:
                fine(self)
            converged = True
        except _OutOfBudget:
            converged = False
        return LevelProposal(before, self.best, tuple(self.trials), self.floor, converged)

    def limited(self, levels: np.ndarray) -> np.ndarray:
        """Levels within the settings' range; infinite ones stay."""
        return np.where(np.isinf(levels), levels, np.clip(levels, *self.settings.limits))

    def try_matrix(self, levels: np.ndarray) -> Trial:
        """Score a matrix, unless it was seen before."""
        key = tuple(tuple(float(f"{value:.4g}") for value in row) for row in levels)
        if key in self.seen:
            return self.seen[key]
        if len(self.trials) >= self.settings.evaluations:
            raise _OutOfBudget
        trial = self.known.get(key)
        if trial is None:
            radius, accuracy = self.score(np.array(key))
            trial = Trial(key, float(radius), float(accuracy))
            if self.on_trial is not None:
                self.on_trial(trial)
        self.seen[key] = trial
        self.trials.append(trial)
        return trial

    def better(self, trial: Trial) -> bool:
        """Accurate enough and larger radius; as long as nothing is accurate enough, more accurate."""
        return self._rank(trial) > self._rank(self.best)

    def _rank(self, trial: Trial) -> tuple[bool, float, float]:
        enough = trial.accuracy >= self.floor
        return enough, trial.radius if enough else trial.accuracy, trial.accuracy if enough else trial.radius

    def compass(self, start: np.ndarray, matrix: Callable[[np.ndarray], np.ndarray]) -> None:
        """Search from a position (D,); `matrix` makes of a position the levels to try."""
        position, step = start, _FIRST_STEP
        self._visit(matrix(position))
        while step >= _LAST_STEP:
            moved = False
            for coordinate in range(position.size):
                for direction in (step, -step):
                    candidate = position.copy()
                    candidate[coordinate] += direction
                    if self._visit(matrix(candidate)):
                        position, moved = candidate, True
                        break
            if not moved:
                step /= 2

    def _visit(self, levels: np.ndarray) -> bool:
        """Score a matrix; True if it is the new best."""
        trial = self.try_matrix(levels)
        if not self.better(trial):
            return False
        self.best = trial
        return True


def trials_to_json(trials: Sequence[Trial]) -> str:
    """Trials as text, to continue a search later."""
    return json.dumps([asdict(trial) for trial in trials])


def trials_from_json(text: str) -> tuple[Trial, ...]:
    """Inverse of `trials_to_json`.

    Raises:
        InputError: the text is something else.
    """
    try:
        return tuple(
            Trial(
                tuple(tuple(float(value) for value in row) for row in trial["levels"]),
                float(trial["radius"]),
                float(trial["accuracy"]),
            )
            for trial in json.loads(text)
        )
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"the trials must be a JSON list of levels, radius and accuracy, got: {error}"
        ) from error
