"""Every control of the segmentation page, each bound to the address line, and the settings they ask for.

The key of a control is its name in the link. A value that a link can not set (out of range, unknown) is dropped by
Streamlit in favour of the default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import streamlit as st

from lrscore.noise import additive_noise
from lrscore.settings import ImageSettings
from lrscore.statistics import CORRECTIONS

DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "rows": 3,
        "cols": 5,
        "levels": (0.1, 0.3),
        "noise": "gaussian",
        "curve": "linear",
        "mask": 0,
        "samples": 1024,
        "pilot": 128,
        "alpha": 0.01,
        "correction": "bonferroni",
        "tolerated": 1,
        "adaptive": False,
        "seed": 0,
    }
)
SAMPLES = (64, 128, 256, 512, 1024, 2048, 4096, 8192)
PILOTS = (16, 32, 64, 128, 256)
ALPHAS = (0.001, 0.005, 0.01, 0.05, 0.1)
NOISES = ("gaussian", "uniform", "laplace")

MAY_STOP = ("anytime", "mixture")
FIRST_FOCUS = 0.1  # eps that adaptive sampling looks at before a budget has been chosen

CORRECTION_WORDS = MappingProxyType(
    {
        "bonferroni": "Bonferroni",
        "weighted-bonferroni": "Bonferroni, weighted by the pilot",
        "count-level": "count level (some bounds may fail)",
        "anytime": "anytime: valid at every look",
        "mixture": "mixture: valid at every sample size",
        "paper-holm": "Holm by rank, as published — NOT VALID",
    }
)


@dataclass(frozen=True)
class Preset:
    """A set of control values with a line that says what it shows."""

    name: str
    title: str
    description: str
    values: MappingProxyType[str, Any]


def _preset(name: str, title: str, description: str, **values: Any) -> Preset:
    return Preset(name, title, description, MappingProxyType({**DEFAULTS, **values}))


PRESETS = (
    _preset("localized", "Localized", "Little noise nearby, much far away: the method as it is meant."),
    _preset(
        "isotropic",
        "Isotropic",
        "The same noise everywhere: classical randomized smoothing.",
        levels=(0.2, 0.2),
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
        "A coarse grid and an anytime correction: a first valid certificate within seconds.",
        rows=2,
        cols=2,
        pilot=32,
        samples=512,
        correction="anytime",
    ),
)


@dataclass(frozen=True)
class Request:
    """What the controls ask for: settings and seed of a run."""

    settings: ImageSettings
    seed: int


def apply_preset() -> None:
    """Callback of the preset control: set every control it names."""
    chosen = next((preset for preset in PRESETS if preset.name == st.session_state.get("preset")), None)
    if chosen is not None:
        adopt_values(dict(chosen.values))


def matching_preset(values: Mapping[str, Any]) -> str | None:
    """Name of the preset that these control values are, whatever the seed."""
    for preset in PRESETS:
        if all(values.get(name) == value for name, value in preset.values.items() if name != "seed"):
            return preset.name
    return None


def adopt_values(values: dict[str, Any]) -> None:
    """Set controls by name, before they are drawn."""
    for name, value in values.items():
        st.session_state[name] = value


def values_of(settings: ImageSettings) -> dict[str, Any]:
    """The control values that ask for these settings."""
    return {
        "rows": settings.grid[0],
        "cols": settings.grid[1],
        "levels": (settings.level_min, settings.level_max),
        "noise": settings.noise,
        "curve": settings.interpolation,
        "mask": settings.mask_distance or 0,
        "samples": settings.samples,
        "pilot": settings.pilot_samples,
        "alpha": settings.alpha,
        "correction": settings.correction,
        "tolerated": settings.tolerated,
        "adaptive": bool(settings.focus),
    }


def query_of(settings: ImageSettings) -> dict[str, str | list[str]]:
    """The part of a link that asks for these settings; values that no control can show are left out."""
    values = values_of(settings)
    query: dict[str, str | list[str]] = {"levels": [f"{level:g}" for level in values["levels"]]}
    for name in ("rows", "cols", "mask", "tolerated", "curve"):
        query[name] = str(values[name])
    for name, options in (("samples", SAMPLES), ("pilot", PILOTS), ("alpha", ALPHAS)):
        if values[name] in options:
            query[name] = str(values[name])
    query["noise"] = noise_words(values["noise"])
    query["correction"] = CORRECTION_WORDS[values["correction"]]
    return query


def noise_words(name: str) -> str:
    """A distribution with the norm it certifies."""
    return f"{name.capitalize()} ({additive_noise(name).norm} budgets)"


def request_from(values: dict[str, Any]) -> Request:
    """Settings from control values.

    Raises:
        SettingsError: the values contradict each other.
    """
    near, far = values["levels"]
    counts_level = values["correction"] == "count-level"
    adaptive = bool(values["adaptive"]) and values["correction"] in MAY_STOP
    settings = ImageSettings(
        grid=(int(values["rows"]), int(values["cols"])),
        noise=values["noise"],
        level_min=round(float(near), 4),
        level_max=round(float(far), 4),
        mask_distance=int(values["mask"]) or None,
        pilot_samples=int(values["pilot"]),
        samples=int(values["samples"]),
        alpha=float(values["alpha"]),
        correction=values["correction"],
        interpolation=values["curve"],
        tolerated=int(values["tolerated"]) if counts_level else 1,
        focus=(float(values.get("eps", FIRST_FOCUS)),) if adaptive else (),
    )
    return Request(settings, int(values["seed"]))


def draw_controls() -> Request:
    """Draw the controls and return what they ask for.

    Raises:
        SettingsError: the values contradict each other.
    """
    drawn_before = {name: st.session_state[name] for name in DEFAULTS if name in st.session_state}
    st.session_state["preset"] = matching_preset({**DEFAULTS, **drawn_before})
    st.pills(
        "Preset",
        [preset.name for preset in PRESETS],
        format_func=lambda name: next(preset.title for preset in PRESETS if preset.name == name),
        key="preset",
        on_change=apply_preset,
        help="  \n".join(f"**{preset.title}**: {preset.description}" for preset in PRESETS),
    )
    values: dict[str, Any] = {}
    values.update(_noise_controls())
    values.update(_sampling_controls())
    values.update(_confidence_controls())
    return request_from(values)


def _noise_controls() -> dict[str, Any]:
    left, right = st.columns(2)
    rows = left.slider("Grid rows", 1, 8, DEFAULTS["rows"], key="rows", bind="query-params")
    cols = right.slider("Grid columns", 1, 10, DEFAULTS["cols"], key="cols", bind="query-params")
    levels = st.slider(
        "Noise level: near → far",
        0.02,
        1.0,
        DEFAULTS["levels"],
        step=0.01,
        key="levels",
        bind="query-params",
        help="Standard deviation of the noise in a pixel's own region and in the farthest one; 1 is black to white.",
    )
    with st.expander("More about the noise"):
        noise = st.selectbox(
            "Distribution",
            NOISES,
            index=NOISES.index(DEFAULTS["noise"]),
            key="noise",
            bind="query-params",
            format_func=noise_words,
        )
        curve = st.segmented_control(
            "Grows with distance in",
            ["linear", "variance"],
            default=DEFAULTS["curve"],
            key="curve",
            bind="query-params",
            required=True,
        )
        mask = st.slider(
            "Blank regions at this grid distance (0: none)",
            0,
            5,
            DEFAULTS["mask"],
            key="mask",
            bind="query-params",
            help="Strictly local smoothing: what is blanked can not influence the pixel, nor can an attack on it.",
        )
    return {"rows": rows, "cols": cols, "levels": levels, "noise": noise, "curve": curve, "mask": mask}


def _sampling_controls() -> dict[str, Any]:
    samples = st.select_slider(
        "Samples per region",
        SAMPLES,
        DEFAULTS["samples"],
        key="samples",
        bind="query-params",
        help="Noisy copies per region that estimate how often the label wins. More samples, tighter bounds.",
    )
    return {"samples": samples}


def _confidence_controls() -> dict[str, Any]:
    alpha = st.select_slider(
        "Error probability alpha",
        ALPHAS,
        DEFAULTS["alpha"],
        key="alpha",
        bind="query-params",
        help="Answered from the stored counts. The guarantee holds for an alpha chosen before looking.",
    )
    correction = st.selectbox(
        "Correction for many pixels",
        CORRECTIONS,
        index=CORRECTIONS.index(DEFAULTS["correction"]),
        key="correction",
        bind="query-params",
        format_func=lambda name: CORRECTION_WORDS.get(name, name),
        help="How alpha is shared among all pixels. Choose before looking: the best of several is not a guarantee.",
    )
    with st.expander("Pilot, seed, tolerated outputs"):
        pilot = st.select_slider(
            "Pilot samples per region",
            PILOTS,
            DEFAULTS["pilot"],
            key="pilot",
            bind="query-params",
            help="Separate noisy copies that choose each pixel's label.",
        )
        seed = st.number_input("Seed", 0, 2**31 - 1, DEFAULTS["seed"], key="seed", bind="query-params")
        tolerated = st.number_input(
            "k of the count level",
            1,
            1000,
            DEFAULTS["tolerated"],
            key="tolerated",
            bind="query-params",
            disabled=correction != "count-level",
            help="Up to k − 1 bounds may fail; the certified count is reduced by as many.",
        )
    adaptive = st.checkbox(
        "Adaptive: skip regions that no longer matter",
        DEFAULTS["adaptive"],
        key="adaptive",
        bind="query-params",
        disabled=correction not in MAY_STOP,
        help="Regions that can not change the certified count at the chosen budget stop drawing. Needs a correction "
        "that is valid at every look.",
    )
    chosen = {"alpha": alpha, "correction": correction, "pilot": pilot, "seed": seed, "tolerated": tolerated}
    return {**chosen, "adaptive": adaptive, "eps": st.session_state.get("eps", FIRST_FOCUS)}
