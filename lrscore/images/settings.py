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
    view_levels,
)
from lrscore.images.regions import GridRegions
from lrscore.noise import ADDITIVE_NOISES, additive_noise
from lrscore.plain import number_array, numbers, store_plain
from lrscore.settings import Matrix, SamplingSettings, option, set_field, whole_number
from lrscore.statistics import SEQUENTIAL


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
        two_views: draw a near view of level `level_min` and a far one of `level_max`, for a model that scores each cell
            from the near view of that cell and the far view of the image (`lrscore.images.views.TwoViewModel`). One
            pair of views serves all groups. Gaussian only, without `levels` and `focus`; `mask_distance=1` blanks
            the far view.
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

    def __post_init__(self) -> None:
        store_plain(self)
        set_field(self, "grid", _grid(self.grid))
        set_field(self, "focus", _focus(self.focus, self.correction))
        if not 0 < self.tolerance < 1:
            raise SettingsError(f"tolerance must be a share of the outputs in (0, 1), got {self.tolerance!r}")
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
            raise SettingsError(f"interpolation must be linear or variance, got {self.interpolation!r}")
        if self.two_views:
            _check_views(self)
            _forget_unused(self)
        self.check_sampling()

    def regions(self, height: int, width: int) -> GridRegions:
        """The grid on an image of that size."""
        return GridRegions(height, width, *self.grid)

    def noise_levels(self) -> np.ndarray:
        """The noise level matrix (I, J): the one that both the sampler and the certificate read."""
        rows, cols = self.grid
        if (views := self.view_levels()) is not None:
            return view_levels(*views, rows * cols)
        distances = GridRegions(rows, cols, rows, cols).distances()
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

    def view_levels(self) -> tuple[float, float] | None:
        """Levels of the near and the far view, `inf` if the far one is blanked; None if there is one view."""
        if not self.two_views:
            return None
        return self.level_min, self.level_max if self.mask_distance is None else float("inf")

    def levels_in_words(self) -> str:
        """The noise levels in short: those of the two views, or the range of the matrix and what is blanked."""
        if (views := self.view_levels()) is not None:
            near, far = views
            return f"{near:.3g} near, " + (f"{far:.3g} far" if np.isfinite(far) else "far view blank")
        levels = self.noise_levels()
        finite = levels[np.isfinite(levels)]
        low, high = finite.min(initial=np.inf), finite.max(initial=0.0)
        words = f"{low:.3g}" if low >= high else f"{low:.3g} to {high:.3g}"
        return words if self.mask_distance is None else f"{words}, blank from {self.mask_distance}"

    def shared_copies(self) -> list[list[int]]:
        """Groups in lists of those that one set of noisy copies serves: of equal levels, or all of two views."""
        if self.two_views:
            return [list(range(self.grid[0] * self.grid[1]))]
        return equal_rows(self.noise_levels())


def _grid(grid: Sequence[int]) -> tuple[int, int]:
    if not isinstance(grid, Sequence) or isinstance(grid, str) or len(grid) != 2:
        raise SettingsError(f"grid must be (rows, cols), got {grid!r}")
    return whole_number("grid rows", grid[0], 1), whole_number("grid cols", grid[1], 1)


def _focus(focus: Sequence[float], correction: str) -> tuple[float, ...]:
    epsilons = numbers("focus", focus, "norms of at least 0")
    if not all(np.isfinite(epsilon) and epsilon >= 0 for epsilon in epsilons):
        raise SettingsError(f"focus must hold norms of at least 0, got {focus!r}")
    if epsilons and correction not in SEQUENTIAL:
        raise SettingsError(
            f"adaptive sampling (focus) needs the correction {' or '.join(SEQUENTIAL)}, got {correction!r}"
        )
    return epsilons


def _check_views(settings: ImageSettings) -> None:
    """Two views have two levels, and only Gaussian views add up to one distribution."""
    if settings.noise != "gaussian":
        raise SettingsError(f"two views need gaussian noise, got {settings.noise}")
    if settings.levels is not None:
        raise SettingsError("two views have two levels, level_min and level_max: levels must be None")
    if settings.focus:
        raise SettingsError("all regions share their copies of two views: no region can stop early (focus)")
    if settings.mask_distance not in (None, 1):
        raise SettingsError(
            f"two views can blank the far view (mask_distance 1) or nothing, got {settings.mask_distance!r}"
        )


def _forget_unused(settings: ImageSettings) -> None:
    """What two views do not read takes its default, so that equal runs have equal settings."""
    set_field(settings, "interpolation", "linear")
    set_field(settings, "per_group", False)
    if settings.mask_distance is not None:
        set_field(settings, "level_max", settings.level_min)


def _level_range(level_min: float, level_max: float) -> None:
    if not (np.isfinite(level_min) and level_min > 0):
        raise SettingsError(f"level_min must be a finite number above 0, got {level_min!r}")
    if not (np.isfinite(level_max) and level_max >= level_min):
        raise SettingsError(
            f"level_max must be finite and at least level_min = {level_min!r}, got {level_max!r}"
        )
