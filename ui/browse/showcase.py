"""The overview's pictures and numbers, made once per stored certificate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from lrscore.errors import CertificateFileError, told
from ui.images.sources import source_of
from ui.images.states import counted_pixels, denominator, pixel_states
from ui.library.bundled import Example
from ui.library.certificates import file_key, read_image_certificate
from ui.style.palette import STATES
from ui.style.pictures import colour_picture, data_uri, grey_picture, styles_picture
from ui.style.words import confidence

BUDGET = 0.4
"""The eps that the overview's cards and picture are drawn for."""


@dataclass(frozen=True)
class Card:
    """One example on the overview.

    Args:
        picture: address of the clean picture.
        overlay: address of the states at `BUDGET`; None without a usable certificate.
        certified, ceiling, outputs: counts at `BUDGET`; 0 without.
        confidence: one minus alpha, in words.
        problem: why there is no usable certificate, or None.
    """

    picture: str
    overlay: str | None = None
    certified: int = 0
    ceiling: int = 0
    outputs: int = 0
    confidence: str = ""
    problem: str | None = None


def card_of(example: Example, *, dark: bool) -> Card:
    """The card of an example in one theme."""
    if example.first is None:
        return _bare_card(example.name, example)
    return _card(file_key(example.first), dark, example)


@st.cache_data(max_entries=32, show_spinner=False)
def _bare_card(name: str, _example: Example) -> Card:
    return Card(data_uri(colour_picture(source_of(_example).image)))


@st.cache_data(max_entries=64, show_spinner=False)
def _card(key: str, dark: bool, _example: Example) -> Card:
    assert _example.first is not None
    try:
        certificate = read_image_certificate(_example.first)
    except CertificateFileError as error:
        return Card(data_uri(colour_picture(source_of(_example).image)), problem=told(error))
    targets = counted_pixels(certificate, "correct")
    result = certificate.collective(np.array([certificate.noise.budget(BUDGET)]), "envelope", targets)
    states = pixel_states(certificate, BUDGET, result.allocation[0], "correct")
    overlay = styles_picture(grey_picture(certificate.image), states.numbers, STATES, dark=dark, factor=3)
    return Card(
        picture=data_uri(colour_picture(certificate.image)),
        overlay=data_uri(overlay),
        certified=int(result.certified[0]),
        ceiling=int(result.ceiling[0]),
        outputs=denominator(certificate, "correct"),
        confidence=confidence(certificate.plan.alpha),
    )
