"""What the segmentation page's controls can say: values, presets, and the settings they ask for.

The widgets that show them are `ui.images.controls`'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from lrscore.images.settings import ImageSettings
from lrscore.noise import additive_noise
from lrscore.statistics import SEQUENTIAL, TOLERANT
from ui.certification.options import (
    ALPHAS,
    CORRECTION_WORDS,
    MOST_COLS,
    MOST_MASK,
    MOST_ROWS,
    MOST_TOLERATED,
    OFFERED,
    Preset,
)
from ui.images.models import BUNDLED, model_to_load

# Views serve all regions with the same noisy copies: a run has the whole picture at once, at a small part of the cost
# of copies for each region. It may be looked at while it goes on ("anytime"), and chooses labels by a pilot of half
# the package's size, so that the first result is there sooner.
DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "rows": 2,
        "cols": 3,
        "levels": (0.2, 1.0),
        "noise": "gaussian",
        "curve": "linear",
        "mask": 0,
        "views": True,
        "samples": 1024,
        "pilot": 64,
        "alpha": 0.01,
        "correction": "anytime",
        "tolerated": 1,
        "adaptive": False,
        "coarse": False,
        "rivals": False,
        "seed": 0,
    }
)
SAMPLES = (64, 128, 256, 512, 1024, 2048, 4096, 8192)
PILOTS = (16, 32, 64, 128, 256)
NOISES = ("gaussian", "uniform", "laplace")
LEVEL_RANGE = (0.02, 2.0)

FIRST_FOCUS = 0.1  # eps that adaptive sampling looks at before a budget has been chosen


COPIES: Mapping[str, Any] = MappingProxyType({"views": False, "rows": 3, "cols": 5, "levels": (0.1, 0.3)})
"""The noise of presets that draw copies for each region: what any model can be certified with."""
ISOTROPIC_LEVELS = (0.2, 0.2)


def _preset(name: str, title: str, description: str, **values: Any) -> Preset:
    return Preset(name, title, description, MappingProxyType({**DEFAULTS, **COPIES, **values}))


PRESETS = (
    _preset(
        "views",
        "Two views",
        "A network built for it sees each region well and the rest roughly: the same noisy copies serve all regions.",
        **DEFAULTS,
    ),
    _preset("localized", "Localized", "Little noise nearby, much far away: the method as it is meant."),
    _preset(
        "isotropic",
        "Isotropic",
        "The same noise everywhere: classical randomized smoothing.",
        levels=ISOTROPIC_LEVELS,
    ),
    _preset(
        "nearsighted",
        "Near-sighted",
        "Far regions drown in noise; nearby ones stay clear.",
        levels=(0.1, 0.5),
    ),
    _preset(
        "strict", "Strictly local", "Regions two cells away are blanked: they can not matter at all.", mask=2
    ),
    _preset(
        "live",
        "Live",
        "Two views of few samples: the whole picture certified within seconds.",
        **{**DEFAULTS, "pilot": 32, "samples": 512},
    ),
)

MEASURED = _preset(
    "measured",
    "Measured",
    "Little noise where this model looks on this picture, much where it does not look: measured first.",
)
"""Offered beside the others; its levels come from a measurement, not from controls."""


PYRAMID = _preset(
    "pyramid",
    "Pyramid",
    "A network of three views sees each region well, what surrounds it less, the rest roughly: the same noisy copies "
    "serve all regions of a fine grid, and far changes weigh little. On a drive that it was not trained on it is as "
    "accurate as the usual network, on CamVid val more than ten points of mean IoU worse.",
    views=True,
    rows=9,
    cols=12,
    levels=(0.2, 0.8),
    samples=2048,
)
"""Its views are levels whose windows follow from the picture: controls can not say them, the editor of views does."""


@dataclass(frozen=True)
class Request:
    """What the controls ask for: settings, seed and model of a run; the model by its name in links.

    `dressing` is what is put around it, as its name says it.
    """

    settings: ImageSettings
    seed: int
    choice: str = BUNDLED
    dressing: str = ""

    @property
    def model(self) -> str:
        """What the registry loads."""
        return model_to_load(self.choice, self.settings) + self.dressing


def values_of(settings: ImageSettings) -> dict[str, Any]:
    """The control values that ask for these settings."""
    return {
        "rows": settings.grid[0],
        "cols": settings.grid[1],
        "levels": (settings.level_min, settings.level_max),
        "noise": settings.noise,
        "curve": settings.interpolation,
        "mask": settings.mask_distance or 0,
        "views": settings.all_views() is not None,
        "samples": settings.samples,
        "pilot": settings.pilot_samples,
        "alpha": settings.alpha,
        "correction": settings.correction,
        "tolerated": settings.tolerated,
        "adaptive": bool(settings.focus),
        "coarse": settings.hierarchy,
        "rivals": settings.runner_up,
    }


def shown_values(settings: ImageSettings) -> dict[str, Any]:
    """The control values that come closest: defaults stand where a control can not show what the settings say."""
    values = values_of(settings)
    low, high = LEVEL_RANGE
    hidden = {
        "rows": values["rows"] > MOST_ROWS,
        "cols": values["cols"] > MOST_COLS,
        "levels": not low <= min(values["levels"]) <= max(values["levels"]) <= high,
        "mask": values["mask"] > MOST_MASK,
        "samples": values["samples"] not in SAMPLES,
        "pilot": values["pilot"] not in PILOTS,
        "alpha": values["alpha"] not in ALPHAS,
        "tolerated": values["tolerated"] > MOST_TOLERATED,
    }
    return {name: DEFAULTS[name] if hidden.get(name) else value for name, value in values.items()}


def link_of(values: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """How a link says control values; defaults are left out, as the controls themselves leave them out."""
    return {name: _said(name, value) for name, value in values.items() if value != DEFAULTS[name]}


def _said(name: str, value: Any) -> str | list[str]:
    if name == "levels":
        return [f"{level:g}" for level in value]
    if name == "noise":
        return noise_words(value)
    if name == "correction":
        return CORRECTION_WORDS[value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def noise_words(name: str) -> str:
    """A distribution with the norm it certifies."""
    return f"{name.capitalize()} ({additive_noise(name).norm} budgets)"


def request_from(values: dict[str, Any]) -> Request:
    """Settings from control values.

    Raises:
        SettingsError: the values contradict each other.
    """
    near, far = values["levels"]
    tolerated = int(values["tolerated"]) if values["correction"] in TOLERANT else 1
    shared = values["correction"] == "anytime" and tolerated in OFFERED
    mask, two_views = int(values["mask"]) or None, bool(values["views"])
    adaptive = bool(values["adaptive"]) and values["correction"] in SEQUENTIAL
    settings = ImageSettings(
        grid=(int(values["rows"]), int(values["cols"])),
        noise=values["noise"],
        level_min=round(float(near), 4),
        level_max=round(float(far), 4),
        mask_distance=min(mask, 1) if mask and two_views else mask,
        two_views=two_views,
        pilot_samples=int(values["pilot"]),
        samples=int(values["samples"]),
        alpha=float(values["alpha"]),
        correction=values["correction"],
        interpolation=values["curve"],
        tolerated=tolerated,
        offered=OFFERED if shared else (),
        focus=(float(values.get("eps", FIRST_FOCUS)),) if adaptive else (),
        hierarchy=bool(values["coarse"]),
        runner_up=bool(values["rivals"]),
    )
    return Request(settings, int(values["seed"]))
