"""How an image is smoothed and sampled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lrscore.errors import SettingsError
from lrscore.images.levels import (
    Interpolation,
    blank_far_regions,
    check_levels,
    equal_rows,
    interpolate_levels,
)
from lrscore.images.regions import GridRegions
from lrscore.images.windows import View, checked_views, window_levels
from lrscore.layouts import SIZES
from lrscore.noise import ADDITIVE_NOISES, additive_noise
from lrscore.plain import number_array, numbers, store_plain
from lrscore.settings import Matrix, SamplingSettings, option, set_field, whole_number
from lrscore.statistics import SEQUENTIAL

Views = tuple[tuple[int | None, float], ...]
MOST_REGIONS = SIZES["region"]
_MOST_FOCUS = 1_000


@dataclass(frozen=True)
class ImageSettings(SamplingSettings):
    """How one image is smoothed, sampled and certified.

    Args:
        grid: (rows, cols) of the regions.
        noise: "gaussian" (l2), "uniform" or "laplace" (l1).
        level_min, level_max: noise level in an output's own region and in the farthest one, in pixel values (1 is
            the span from black to white).
        levels: (I, J) override of the interpolation; `inf` blanks a region. `I = J = rows * cols`.
        mask_distance: strictly local smoothing; regions at this grid distance or more are set to zero.
        interpolation: "linear" in the level or in its square ("variance").
        per_group: give every group's farthest region `level_max`.
        focus: norms eps that somebody looks at. If any, sampling is adaptive: groups that can not change the certified
            count there stop early; needs a correction that allows stopping ("anytime" or "mixture").
        tolerance: share of the outputs by which the certified count may still change when adaptive sampling stops.
        views: pairs (window, level), finest first: one noisy copy of the picture per view, with noise of that level,
            which a group reads in the cells within that grid distance (None: everywhere). One set of views serves all
            groups. For a model that holds to the windows by construction (`lrscore.images.views.ViewsModel`, or
            `TwoViewModel` for windows 0 and None). An infinite level blanks a view. Gaussian only; `level_min` and
            `level_max` then say what the finest view has and the noisiest one that is not blank.
        two_views: shorthand for `views=((0, level_min), (None, level_max))`; with `mask_distance=1` the far view is
            blank.
        pilot_samples, samples, alpha, correction, batch_size, tolerated: see `SamplingSettings`.

    Raises:
        SettingsError: a value is outside its range.
    """

    grid: tuple[int, int] = option(
        (3, 5), "rows and columns of regions", between="x", form="ROWSxCOLS, for example 3x5"
    )
    noise: str = option("gaussian", "gaussian: l2; uniform, laplace: l1", choices=tuple(ADDITIVE_NOISES))
    level_min: float = 0.1
    level_max: float = 0.3
    levels: Matrix | None = None
    mask_distance: int | None = option(None, "strictly local: blank regions at this grid distance")
    interpolation: Interpolation = option("linear", choices=("linear", "variance"))
    per_group: bool = option(False, "every group's farthest region gets the FAR level")
    focus: tuple[float, ...] = option((), "adaptive sampling: the eps to look at, separated by commas")
    tolerance: float = option(0.002, "when adaptive sampling may stop")
    two_views: bool = option(
        False,
        "a near view of level NEAR and a far one of level FAR serve all regions; needs a model of two views",
    )
    views: Views | None = None

    def __post_init__(self) -> None:
        store_plain(self)
        set_field(self, "grid", _grid(self.grid))
        set_field(self, "focus", _focus(self.focus, self.correction))
        if not 0 < self.tolerance < 1:
            raise SettingsError(
                f"tolerance must be a share of the outputs in (0, 1), got {self.tolerance!r:.80}"
            )
        additive_noise(self.noise)
        _level_range(self.level_min, self.level_max)
        if self.levels is not None:
            count = self.grid[0] * self.grid[1]
            given = number_array("levels", self.levels, "a (groups, regions) matrix of numbers")
            matrix = check_levels(given, (count, count))
            set_field(self, "levels", tuple(tuple(row) for row in matrix.tolist()))
        if self.mask_distance is not None:
            whole_number("mask_distance", self.mask_distance, 1)
        if self.interpolation not in ("linear", "variance"):
            raise SettingsError(f"interpolation must be linear or variance, got {self.interpolation!r:.80}")
        if self.views is not None:
            _store_views(self)
        elif self.two_views:
            _check_two_views(self)
        self.check_sampling()

    def regions(self, height: int, width: int) -> GridRegions:
        """The grid on an image of that size."""
        return GridRegions(height, width, *self.grid)

    def noise_levels(self) -> np.ndarray:
        """The noise level matrix (I, J): the one that both the sampler and the certificate read."""
        distances = self.grid_distances()
        if (views := self.all_views()) is not None:
            return window_levels(distances, views)
        if self.levels is not None:
            levels = np.array(self.levels, dtype=np.float64)
        else:
            levels = interpolate_levels(
                distances,
                self.level_min,
                self.level_max,
                interpolation=self.interpolation,
                per_group=self.per_group,
            )
        return (
            levels if self.mask_distance is None else blank_far_regions(levels, distances, self.mask_distance)
        )

    def grid_distances(self) -> np.ndarray:
        """(I, J) grid distance of every region from every group."""
        rows, cols = self.grid
        return GridRegions(rows, cols, rows, cols).distances()

    def all_views(self) -> tuple[View, ...] | None:
        """The views, those of `two_views` included; None if every group has noisy copies of its own."""
        if self.views is not None:
            return checked_views(self.views)
        if not self.two_views:
            return None
        far = self.level_max if self.mask_distance is None else float("inf")
        return View(0, float(self.level_min)), View(None, float(far))

    def levels_in_words(self) -> str:
        """The noise levels in short: those of the views, or the range of the matrix and what is blanked."""
        if self.two_views:
            near, far = self.level_min, self.level_max
            return f"{near:.3g} near, " + (
                f"{far:.3g} far" if self.mask_distance is None else "far view blank"
            )
        if (views := self.all_views()) is not None:
            return ", ".join(
                ("blank" if view.blank else f"{view.level:.3g}")
                + (" everywhere" if view.window is None else f" within {view.window}")
                for view in views
            )
        levels = self.noise_levels()
        finite = levels[np.isfinite(levels)]
        low, high = finite.min(initial=np.inf), finite.max(initial=0.0)
        words = f"{low:.3g}" if low >= high else f"{low:.3g} to {high:.3g}"
        return words if self.mask_distance is None else f"{words}, blank from {self.mask_distance}"

    def shared_copies(self) -> list[list[int]]:
        """Groups in lists of those that one set of noisy copies serves: of equal levels, or all of views."""
        if self.all_views() is not None:
            return [list(range(self.grid[0] * self.grid[1]))]
        return equal_rows(self.noise_levels())


def _grid(grid: Sequence[int]) -> tuple[int, int]:
    if not isinstance(grid, Sequence) or isinstance(grid, str) or len(grid) != 2:
        raise SettingsError(f"grid must be (rows, cols), got {grid!r:.80}")
    rows, cols = whole_number("grid rows", grid[0], 1), whole_number("grid cols", grid[1], 1)
    if rows * cols > MOST_REGIONS:
        raise SettingsError(f"grid must have at most {MOST_REGIONS:,} regions, got {rows}x{cols}")
    return rows, cols


def _focus(focus: Sequence[float], correction: str) -> tuple[float, ...]:
    epsilons = numbers("focus", focus, "norms of at least 0")
    if len(epsilons) > _MOST_FOCUS:
        raise SettingsError(f"focus must hold at most {_MOST_FOCUS:,} norms, got {len(epsilons):,}")
    if not all(np.isfinite(epsilon) and epsilon >= 0 for epsilon in epsilons):
        raise SettingsError(f"focus must hold norms of at least 0, got {focus!r:.80}")
    if epsilons and correction not in SEQUENTIAL:
        raise SettingsError(
            f"adaptive sampling (focus) needs the correction {' or '.join(SEQUENTIAL)}, got {correction!r:.80}"
        )
    return epsilons


def _store_views(settings: ImageSettings) -> None:
    """Check the views, and let what they do not read follow from them, so that equal runs have equal settings."""
    if settings.two_views:
        raise SettingsError("two_views is a shorthand for views: give one or the other")
    views = checked_views(settings.views)
    _only_gaussian(settings)
    if settings.mask_distance is not None:
        raise SettingsError("views blank a view by its level, inf: mask_distance must be None")
    set_field(settings, "views", tuple(tuple(view) for view in views))
    finite = [view.level for view in views if not view.blank]
    set_field(settings, "level_min", min(finite))
    set_field(settings, "level_max", max(finite))
    _forget_interpolation(settings)


def _check_two_views(settings: ImageSettings) -> None:
    """Two views have two levels; a blank far view has none."""
    _only_gaussian(settings)
    if settings.mask_distance not in (None, 1):
        raise SettingsError(
            f"two views can blank the far view (mask_distance 1) or nothing, got {settings.mask_distance!r:.80}"
        )
    _forget_interpolation(settings)
    if settings.mask_distance is not None:
        set_field(settings, "level_max", settings.level_min)


def _only_gaussian(settings: ImageSettings) -> None:
    """Only Gaussian views add up to one distribution, and each view has one level."""
    if settings.noise != "gaussian":
        raise SettingsError(f"views need gaussian noise, got {settings.noise}")
    if settings.levels is not None:
        raise SettingsError("every view has a level of its own: levels must be None")


def _forget_interpolation(settings: ImageSettings) -> None:
    set_field(settings, "interpolation", "linear")
    set_field(settings, "per_group", False)


def _level_range(level_min: float, level_max: float) -> None:
    if not (np.isfinite(level_min) and level_min > 0):
        raise SettingsError(f"level_min must be a finite number above 0, got {level_min!r:.80}")
    if not (np.isfinite(level_max) and level_max >= level_min):
        raise SettingsError(
            f"level_max must be finite and at least level_min = {level_min!r:.80}, got {level_max!r:.80}"
        )
