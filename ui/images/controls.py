"""Every control of the segmentation page, each bound to the address line.

The key of a control is its name in the link, the page's word in front. A value that a link can not set (out of range,
unknown) is dropped by Streamlit in favour of the default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from lrscore.statistics import SEQUENTIAL
from models.segmentation.names import ISOTROPIC_MODEL
from ui.certification.options import ALPHAS, MOST_COLS, MOST_MASK, MOST_ROWS, OFFERED
from ui.certification.preset_pills import matching
from ui.certification.shared_widgets import draw_correction, draw_seed, draw_tolerated
from ui.images.measured_speed import draw_measurement
from ui.images.models import BUNDLED, draw_dressing, draw_limits, draw_model_choice, model_to_load
from ui.images.noise.adoption import TOOL, WANTED, edited_levels, measured_is_used
from ui.images.noise.editor import drop_edits, use_copies
from ui.images.noise.view_editor import PYRAMID_VIEWS, edited_views, keep_text
from ui.images.own_model import draw_model_upload
from ui.images.request import (
    DEFAULTS,
    FIRST_FOCUS,
    ISOTROPIC_LEVELS,
    LEVEL_RANGE,
    MEASURED,
    NOISES,
    PILOTS,
    PRESETS,
    PYRAMID,
    SAMPLES,
    Request,
    noise_words,
    request_from,
)
from ui.links import adopt_values, named
from ui.style.glossary import TERMS
from ui.widgets.linked import linked

_OFFERED = (*PRESETS, PYRAMID, MEASURED)
_WITH_VIEWS = [preset.name for preset in _OFFERED if preset.values["views"]]


def draw_controls() -> Request:
    """Draw the controls and return what they ask for.

    Raises:
        SettingsError: the values contradict each other.
    """
    presets = st.container()
    choice = draw_model_choice(_fit_noise)
    about_model = st.container()
    dressing = draw_dressing()
    measuring = st.container()
    values = {**_noise_controls(), **_sampling_controls(), **_confidence_controls()}
    request = replace(request_from(values), choice=choice, dressing=dressing)
    with about_model:
        draw_limits(model_to_load(choice, request.settings))
        draw_model_upload()
    with measuring:
        draw_measurement(model_to_load(choice, request.settings), dressing)
    with presets:  # drawn last: a control takes its value from the link when it is drawn
        _draw_presets(values)
    return request


def _draw_presets(values: Mapping[str, Any]) -> None:
    """The row of presets; edited levels are none of them, unless they are the measured ones."""
    st.session_state["image_preset"] = _current_preset(values)
    offered = {preset.name: preset for preset in _OFFERED}
    st.pills(
        "Preset",
        list(offered),
        format_func=lambda name: offered[name].title,
        key="image_preset",
        on_change=_apply_preset,
        wrap=True,
        help="  \n".join(f"**{preset.title}**: {preset.description}" for preset in offered.values()),
    )


def _current_preset(values: Mapping[str, Any]) -> str | None:
    """Name of the preset that these control values are."""
    if st.session_state.get(WANTED) or measured_is_used():
        return MEASURED.name
    if edited_views() == PYRAMID_VIEWS and matching([PYRAMID], values) is not None:
        return PYRAMID.name
    if edited_levels():
        return None
    found = matching(PRESETS, values)
    return found.name if found is not None else None


def _apply_preset() -> None:
    """Callback: set every control that the chosen preset names; edited levels go, measured ones are asked for."""
    name = st.session_state.get("image_preset")
    chosen = next((preset for preset in _OFFERED if preset.name == name), None)
    if chosen is None:
        return
    adopt_values("image", chosen.values)
    drop_edits()
    st.session_state.pop(WANTED, None)
    if chosen is PYRAMID:
        keep_text(PYRAMID_VIEWS)
    if chosen is MEASURED:
        st.session_state[WANTED] = "asked"
        st.session_state[TOOL] = "locality"  # where its progress is


def _fit_noise() -> None:
    """Callback: what views can not be certified with gets copies for each region, unless noise was chosen by hand.

    These are networks that were not built of views, and noise other than Gaussian.
    """
    if st.session_state.get("image_preset") not in _WITH_VIEWS:
        return
    model, noise = (st.session_state.get(named("image", name)) for name in ("model", "noise"))
    if model == BUNDLED and noise in (None, DEFAULTS["noise"]):
        return
    use_copies(**({"levels": ISOTROPIC_LEVELS} if model == ISOTROPIC_MODEL else {}))


def _noise_controls() -> dict[str, Any]:
    left, right = st.columns(2)
    rows = linked(
        left.slider,
        "Grid rows",
        1,
        MOST_ROWS,
        DEFAULTS["rows"],
        key="image_rows",
        help=TERMS["region"],
    )
    cols = linked(
        right.slider,
        "Grid columns",
        1,
        MOST_COLS,
        DEFAULTS["cols"],
        key="image_cols",
        help=TERMS["region"],
    )
    levels = linked(
        st.slider,
        "Noise level: near → far",
        *LEVEL_RANGE,
        DEFAULTS["levels"],
        step=0.01,
        key="image_levels",
        help="Standard deviation of the noise in a pixel's own region and in the farthest one; 1 is black to white.",
    )
    views = linked(
        st.toggle,
        "Views for all regions",
        DEFAULTS["views"],
        key="image_views",
        on_change=drop_edits,
        help="Instead of noisy copies for each region: a near view with the near level, of which a region reads its "
        "own part only, and a far view of the whole picture with the far level. One pair serves all regions. Uses "
        "the network street-two-view, which is built for that; the preset Pyramid and other windows use street-views. "
        "Views are edited below the pictures.",
    )
    with st.expander("More about the noise"):
        more = _more_noise_controls()
    return {"rows": rows, "cols": cols, "levels": levels, "views": views, **more}


def _more_noise_controls() -> dict[str, Any]:
    noise = linked(
        st.selectbox,
        "Distribution",
        NOISES,
        index=NOISES.index(DEFAULTS["noise"]),
        key="image_noise",
        format_func=noise_words,
        on_change=_fit_noise,
        help="Gaussian and uniform or Laplace noise certify different norms of the change: ‖δ‖₂ measures its energy, "
        "‖δ‖₁ the sum of all changes.",
    )
    curve = linked(
        st.segmented_control,
        "Grows with distance in",
        ["linear", "variance"],
        default=DEFAULTS["curve"],
        key="image_curve",
        required=True,
        help="Linear: the noise level grows evenly with the distance between regions. Variance: its square does.",
    )
    mask = linked(
        st.slider,
        "Blank regions at this grid distance (0: none)",
        0,
        MOST_MASK,
        DEFAULTS["mask"],
        key="image_mask",
        help="Strictly local smoothing: what is blanked can not influence the pixel, nor can an attack on it. "
        "With two views any distance blanks the whole far view.",
    )
    return {"noise": noise, "curve": curve, "mask": mask}


def _sampling_controls() -> dict[str, Any]:
    samples = linked(
        st.select_slider,
        "Samples per region",
        SAMPLES,
        DEFAULTS["samples"],
        key="image_samples",
        help="Noisy copies per region that estimate how often the label wins. More samples, tighter bounds.",
    )
    return {"samples": samples}


def _confidence_controls() -> dict[str, Any]:
    alpha = linked(
        st.select_slider,
        "Error probability alpha",
        ALPHAS,
        DEFAULTS["alpha"],
        key="image_alpha",
        help="Answered from the stored counts. The guarantee holds for an alpha chosen before looking.",
    )
    correction = draw_correction("image_correction", DEFAULTS["correction"], "pixels")
    with st.expander("Pilot, seed, tolerated outputs"):
        pilot = linked(
            st.select_slider,
            "Pilot samples per region",
            PILOTS,
            DEFAULTS["pilot"],
            key="image_pilot",
            help="Separate noisy copies that choose each pixel's label.",
        )
        seed = draw_seed("image_seed", DEFAULTS["seed"])
        tolerated = draw_tolerated("image_tolerated", DEFAULTS["tolerated"], correction, OFFERED)
    adaptive = linked(
        st.checkbox,
        "Adaptive: skip regions that no longer matter",
        DEFAULTS["adaptive"],
        key="image_adaptive",
        disabled=correction not in SEQUENTIAL,
        help="Regions that can not change the certified count at the chosen budget stop drawing. Needs a correction "
        "that is valid at every look. Views serve all regions: there all of them stop together.",
    )
    coarse = linked(
        st.checkbox,
        "Coarse labels where a class is not certain",
        DEFAULTS["coarse"],
        key="image_coarse",
        help="The pilot picks, for every pixel, the finest group of classes that is likely to be certified: vehicle "
        "instead of car or bicyclist. Needs a model that states a tree of its classes, as the bundled ones do.",
    )
    rivals = linked(
        st.checkbox,
        "Hold labels against other classes, not one half",
        DEFAULTS["rivals"],
        key="image_rivals",
        help="With more than two classes a label can win with less than half of the votes. Where the pilot expects "
        "more of it, the other classes are bounded as well.",
    )
    chosen = {"alpha": alpha, "correction": correction, "pilot": pilot, "seed": seed, "tolerated": tolerated}
    return {
        **chosen,
        "adaptive": adaptive,
        "coarse": coarse,
        "rivals": rivals,
        "eps": st.session_state.get("image_eps", FIRST_FOCUS),
    }
