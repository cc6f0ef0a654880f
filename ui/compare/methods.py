"""The ways to count that one certificate offers. Hollow symbols are strictly local smoothing."""

from __future__ import annotations

from dataclasses import dataclass

from lrscore.images.settings import ImageSettings
from ui.charts import methods as charts
from ui.charts.methods import MethodStyle
from ui.compare.sets import STRICT, family

Counting = str
"""Names a way to count in links: "naive", "paper", "envelope", "exact", "radii" or "segcertify-0.75"."""

COLLECTIVE: tuple[Counting, ...] = ("naive", "paper", "envelope", "exact")
RADII: Counting = "radii"
_TAUS = (0.6, 0.75, 0.9)
"""Probabilities that SegCertify tests, fixed here before any picture is seen, as the method demands."""
SEGCERTIFY = {f"segcertify-{tau:g}": tau for tau in _TAUS}


@dataclass(frozen=True)
class Method:
    """How a way to count is called and drawn.

    Args:
        name: for tables and legends.
        short: for the label beside a point.
        style: in every chart.
        hint: one sentence.
    """

    name: str
    short: str
    style: MethodStyle
    hint: str


METHODS: dict[Counting, Method] = {
    "naive": Method(
        "naive",
        "naive",
        charts.NAIVE,
        "Pixel by pixel: everyone is attacked with all of the budget.",
    ),
    "paper": Method(
        "published LP",
        "LP",
        charts.PAPER,
        "The linear program of the localized smoothing paper.",
    ),
    "envelope": Method(
        "envelope",
        "envelope",
        charts.ENVELOPE,
        "Concave envelopes of the step functions: never below the published program.",
    ),
    "exact": Method(
        "branch and bound",
        "exact",
        charts.EXACT,
        "The envelope and whatever branch and bound has proven beyond it.",
    ),
    RADII: Method(
        "adaptive radii",
        "radii",
        charts.RADII,
        "Every pixel's own radius. With one smoothing distribution all ways to count agree.",
    ),
    **{
        name: Method(
            f"SegCertify τ = {tau:g}",
            f"SegCertify {tau:g}",
            charts.SEGCERTIFY,
            f"One radius for all pixels whose label probability is proven to exceed {tau:g}.",
        )
        for name, tau in SEGCERTIFY.items()
    },
}


def countings(settings: ImageSettings) -> tuple[Counting, ...]:
    """What can be counted from certificates with these settings.

    SegCertify is one joint test of isotropic counts after a number of samples fixed beforehand: corrections that may
    stop earlier do not allow it.
    """
    if settings.grid != (1, 1):
        return COLLECTIVE
    sequential = settings.plan(settings.tolerated).sequential
    return (RADII,) if sequential else (RADII, *SEGCERTIFY)


def first_countings(settings: ImageSettings, *, alone: bool) -> tuple[Counting, ...]:
    """What is shown before anything has been chosen: all that costs nothing if there is no rival yet."""
    if settings.grid != (1, 1):
        return ("naive", "paper", "envelope") if alone else ("envelope",)
    return countings(settings)[: 3 if alone else 1]


def hollow(settings: ImageSettings) -> bool:
    """Whether its symbols are drawn without filling."""
    return family(settings) == STRICT
