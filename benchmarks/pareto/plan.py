"""What the comparison runs: every method's settings, chosen before anything is measured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

from lrscore.baselines import CenterSettings, forward_passes, isotropic_settings
from lrscore.errors import SettingsError
from lrscore.settings import ImageSettings, Matrix

CHEAP, EQUAL = "equal samples", "equal cost"


@dataclass(frozen=True)
class Plan:
    """The experiment. Noise levels are standard deviations in pixel values (1 spans black to white).

    Args:
        base: grid, sample numbers, alpha and correction of the localized runs.
        localized: (near, far) levels.
        isotropic: levels of the isotropic baselines, also of center smoothing.
        proposed: (name, level matrix) of levels that a search proposed on other images.
        strict: (level, mask distance) of the strictly local runs.
        taus: probabilities that SegCertify tests.
        collective: methods that count the localized certificates.
        epsilon_max, epsilons: the certified curves run over `epsilons` norms from 0 to `epsilon_max`.
        time_limit: seconds per budget for method "exact".
    """

    base: ImageSettings = field(default_factory=lambda: ImageSettings(samples=512, pilot_samples=64))
    localized: tuple[tuple[float, float], ...] = (
        (0.05, 0.15),
        (0.05, 0.3),
        (0.1, 0.2),
        (0.1, 0.4),
        (0.15, 0.3),
        (0.2, 0.4),
        (0.2, 0.8),
        (0.3, 0.6),
    )
    proposed: tuple[tuple[str, Matrix], ...] = ()
    isotropic: tuple[float, ...] = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
    strict: tuple[tuple[float, int], ...] = ((0.1, 1), (0.1, 2), (0.2, 1), (0.2, 2), (0.3, 2))
    taus: tuple[float, ...] = (0.6, 0.75, 0.9)
    collective: tuple[str, ...] = ("naive", "paper", "envelope")
    epsilon_max: float = 2.0
    epsilons: int = 81
    time_limit: float = 1.0


@dataclass(frozen=True)
class Run:
    """One way to sample an image.

    Args:
        family: "localized", "localized, proposed levels", "strictly local", "isotropic" or "center smoothing".
        name: the settings in short, unique within family and cost.
        cost: `EQUAL` or `CHEAP` (as many samples per smoothing distribution as a localized run; one distribution only).
        settings: how to sample.
    """

    family: str
    name: str
    cost: str
    settings: ImageSettings | CenterSettings

    @property
    def forward_passes(self) -> int:
        """Noisy copies per image."""
        if isinstance(self.settings, CenterSettings):
            return self.settings.forward_passes
        return forward_passes(self.settings)

    @property
    def key(self) -> str:
        """All that decides about the counts, as text."""
        return f"{self.family}|{self.settings!r}"


def thinned(plan: Plan, step: int) -> Plan:
    """Every `step`-th level of every family, where time is short."""
    return replace(
        plan,
        localized=plan.localized[::step],
        isotropic=plan.isotropic[::step],
        strict=plan.strict[::step],
    )


def runs(plan: Plan) -> Iterator[Run]:
    """All runs of the plan; a localized run costs (cells x samples), and so do its equal-cost rivals."""
    passes = forward_passes(plan.base)
    cheap_passes = plan.base.pilot_samples + plan.base.samples
    for near, far in plan.localized:
        settings = replace(plan.base, level_min=near, level_max=far)
        yield Run("localized", f"{near:g} to {far:g}", EQUAL, settings)
    for name, levels in plan.proposed:
        yield Run("localized, proposed levels", name, EQUAL, replace(plan.base, levels=levels))
    for level, distance in plan.strict:
        settings = replace(plan.base, level_min=level, level_max=level, mask_distance=distance)
        yield Run("strictly local", f"{level:g}, blank from {distance}", EQUAL, settings)
    for level in plan.isotropic:
        for cost in (CHEAP, EQUAL):
            settings = isotropic_settings(plan.base, level, equal_cost=cost == EQUAL)
            yield Run("isotropic", f"{level:g}", cost, settings)
        for cost, budget in ((CHEAP, cheap_passes), (EQUAL, passes)):
            with suppress(SettingsError):  # with so few samples no center can pass its test
                center = CenterSettings.within(budget, level, plan.base.alpha)
                yield Run("center smoothing", f"{level:g}", cost, center)
