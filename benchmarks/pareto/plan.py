"""What the comparison runs: every method's settings, chosen before anything is measured."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np

from lrscore.errors import SettingsError
from lrscore.images.baselines import CenterSettings, forward_passes, isotropic_settings
from lrscore.images.settings import ImageSettings
from lrscore.settings import Matrix
from models.segmentation.names import TWO_VIEW_COST

CHEAP, EQUAL = "equal samples", "equal cost"
TWO_VIEWS = "two views"
NETWORKS = (USUAL, ISOTROPIC, VIEWS) = ("usual", "isotropic", "views")
"""Networks: trained under mixed and localized noise, trained on under isotropic noise, and built of two views."""
Grid = tuple[int, int]


@dataclass(frozen=True)
class Proposed:
    """Levels (I, J) that a search proposed on other images, for one grid."""

    name: str
    grid: Grid
    levels: Matrix


@dataclass(frozen=True)
class Plan:
    """The experiment. Noise levels are standard deviations in pixel values (1 spans black to white).

    Args:
        base: statistics of all runs; `pilot_samples` and `samples` are those of every cell of the grid `base.grid`.
            Their sum times its number of cells is the cost that every equal-cost run has, whatever its own grid.
        localized: (grid, near level, far level), linear in the grid distance as published.
        searched: those of them from which a search for better levels starts.
        isotropic: levels of the isotropic baselines with the usual network.
        isotropic_trained: their levels with the network that was trained on under isotropic noise.
        center: those of them at which center smoothing runs, too: it takes long to find its center.
        proposed: what the searches found.
        strict: (grid, level, mask distance) of the strictly local runs.
        views: (grid, near level, far level) of the runs with two views; an infinite far level blanks the far view,
            which makes them strictly local.
        view_cost: how many passes of the street network a pair of views costs, in multiply-adds, rounded up: they get
            so many copies fewer.
        taus: probabilities that SegCertify tests.
        tolerated: share of the pixels that the count-level correction, used beside `base.correction`, gives up; 0: not
            used.
        collective: methods that count the localized certificates.
        epsilon_max, epsilons: the certified curves run over `epsilons` norms from 0 to `epsilon_max`,
        epsilon_far, epsilons_far: and over so many more up to `epsilon_far`. Areas are taken by the lower staircase, so
            wider steps can only understate them.
        nodes: boxes per budget for method "exact".
    """

    base: ImageSettings = field(default_factory=lambda: ImageSettings(samples=480, pilot_samples=32))
    localized: tuple[tuple[Grid, float, float], ...] = (
        ((3, 5), 0.1, 0.4),
        ((3, 5), 0.4, 0.8),
        ((2, 3), 0.6, 1.2),
    )
    searched: tuple[tuple[Grid, float, float], ...] = (((3, 5), 0.1, 0.4), ((2, 3), 0.3, 0.6))
    proposed: tuple[Proposed, ...] = ()
    isotropic: tuple[float, ...] = (0.2, 0.45)
    isotropic_trained: tuple[float, ...] = (0.2, 0.3, 0.45, 0.65, 0.9, 1.3)
    center: tuple[float, ...] = (0.2, 0.45)
    strict: tuple[tuple[Grid, float, int], ...] = (((3, 5), 0.2, 2),)
    views: tuple[tuple[Grid, float, float], ...] = (
        ((2, 3), 0.15, 1.2),
        ((2, 3), 0.25, 2.0),
        ((2, 3), 0.4, 3.2),
        ((2, 3), 0.5, 4.0),
        ((2, 3), 0.6, 4.8),
        ((2, 3), 0.9, 7.2),
        ((2, 3), 0.25, math.inf),
        ((2, 3), 0.4, math.inf),
        ((2, 3), 0.6, math.inf),
    )
    view_cost: float = TWO_VIEW_COST
    taus: tuple[float, ...] = (0.6, 0.75, 0.9)
    tolerated: float = 0.01
    collective: tuple[str, ...] = ("naive", "paper", "envelope")
    epsilon_max: float = 3.0
    epsilons: int = 121
    epsilon_far: float = 12.0
    epsilons_far: int = 60
    nodes: int = 60

    @property
    def norms(self) -> np.ndarray:
        """(M,) norms of the certified curves."""
        near = np.linspace(0, self.epsilon_max, self.epsilons)
        return np.append(near, np.linspace(self.epsilon_max, self.epsilon_far, self.epsilons_far + 1)[1:])

    @property
    def passes(self) -> int:
        """Forward passes per image of every equal-cost run."""
        return forward_passes(self.base)


@dataclass(frozen=True)
class Run:
    """One way to sample an image.

    Args:
        family: "localized 3x5", "localized 3x5, proposed levels", "strictly local 3x5", "localized, two views 3x5",
            "strictly local, two views 3x5", "isotropic" or "center smoothing".
        name: the settings in short, unique within family and cost.
        cost: `EQUAL` or `CHEAP` (as many samples per smoothing distribution as a localized run; one distribution only).
        settings: how to sample.
        network: which of `NETWORKS`.
    """

    family: str
    name: str
    cost: str
    settings: ImageSettings | CenterSettings
    network: str = USUAL

    @property
    def forward_passes(self) -> int:
        """Noisy copies per image."""
        if isinstance(self.settings, CenterSettings):
            return self.settings.forward_passes
        return forward_passes(self.settings)


def spread(base: ImageSettings, grid: Grid) -> ImageSettings:
    """The settings on another grid at the same total cost, with as many pilot samples per cell.

    What the division leaves over is not spent.
    """
    per_cell = forward_passes(base) // (grid[0] * grid[1])
    return replace(base, grid=grid, samples=per_cell - base.pilot_samples)


def runs(plan: Plan) -> Iterator[Run]:
    """All runs of the plan."""
    for grid, near, far in plan.localized:
        settings = replace(spread(plan.base, grid), level_min=near, level_max=far)
        yield Run(f"localized {_by(grid)}", f"{near:g} to {far:g}", EQUAL, settings)
    for found in plan.proposed:
        settings = replace(spread(plan.base, found.grid), levels=found.levels)
        yield Run(f"localized {_by(found.grid)}, proposed levels", found.name, EQUAL, settings)
    for grid, level, distance in plan.strict:
        settings = replace(spread(plan.base, grid), level_min=level, level_max=level, mask_distance=distance)
        yield Run(f"strictly local {_by(grid)}", f"{level:g}, blank from {distance}", EQUAL, settings)
    for grid, near, far in plan.views:
        yield _two_views(plan, grid, near, far)
    for level in plan.isotropic:
        yield from _isotropic(plan, level, USUAL)
    for level in plan.isotropic_trained:
        yield from _isotropic(plan, level, ISOTROPIC)


def _two_views(plan: Plan, grid: Grid, near: float, far: float) -> Run:
    blanked = far == math.inf
    share = plan.base.grid[0] * plan.base.grid[1] / plan.view_cost  # copies per copy of a cell at equal cost
    settings = replace(
        plan.base,
        grid=grid,
        level_min=near,
        level_max=near if blanked else far,
        mask_distance=1 if blanked else None,
        two_views=True,
        pilot_samples=int(plan.base.pilot_samples * share),
        samples=int(plan.base.samples * share),
    )
    kind = "strictly local" if blanked else "localized"
    return Run(f"{kind}, {TWO_VIEWS} {_by(grid)}", settings.levels_in_words(), EQUAL, settings, VIEWS)


def _isotropic(plan: Plan, level: float, network: str) -> Iterator[Run]:
    name = f"{level:g}" if network == USUAL else f"{level:g}, trained for it"
    cheap = plan.base.pilot_samples + plan.base.samples
    for cost, budget in ((CHEAP, cheap), (EQUAL, plan.passes)):
        settings = isotropic_settings(plan.base, level, equal_cost=cost == EQUAL)
        yield Run("isotropic", name, cost, settings, network)
        if network != USUAL or level not in plan.center:
            continue
        with suppress(SettingsError):  # with so few samples no center can pass its test
            center = CenterSettings.within(budget, level, plan.base.alpha)
            yield Run("center smoothing", f"{level:g}", cost, center)


def _by(grid: Grid) -> str:
    return f"{grid[0]}x{grid[1]}"
