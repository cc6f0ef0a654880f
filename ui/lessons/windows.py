"""A chart. What a region sees sharply, and what that is worth while the votes stay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from lrscore.collective import certify_collectively
from lrscore.errors import CertificateFileError, InputError
from lrscore.images.certificate import ImageCertificate
from lrscore.images.regions import GridRegions
from lrscore.images.supposed import supposed_views
from lrscore.images.windows import View, needed_window
from ui.lessons.lesson import Scene, blank_figure, slider
from ui.library.bundled import gallery_folder
from ui.library.certificates import file_key, read_image_certificate
from ui.style.theme import Theme

SOURCE = "zebra-crossing-isotropic.nc"
"""Of the bundled certificates of isotropic smoothing, the one whose votes are taken over."""
GRID = (9, 12)
EPSILONS = np.linspace(0.0, 2.75, 56)
BLUR = 8.0
"""Level of the view of everything, as a multiple of the sharp one's."""
RANGE = (5.0, 120.0, 35.0, 5.0)
"""Least, largest and first window in pixels, and the step between two."""


@dataclass(frozen=True, eq=False)
class Worth:
    """Curves of the votes of one certificate.

    Args:
        window: cells around a cell that the sharp view reaches.
        level: of the sharp view.
        isotropic: (M,) share of the pixels that is certified where everything is sharp.
        views: (M,) the same share of what is proven for the window and a blurred view of everything.
        radii: the areas under both, in this order.
    """

    window: int
    level: float
    isotropic: np.ndarray
    views: np.ndarray
    radii: tuple[float, float]


def worth(pixels: int) -> Worth | None:
    """What a window of so many pixels around every pixel is worth; None where no certificate for it is stored."""
    path = gallery_folder() / "rivals" / SOURCE
    if not path.is_file():
        return None
    try:
        source = read_image_certificate(path)
        window = needed_window(pixels, GridRegions(*source.shape, *GRID))
        return _worth(file_key(path), window, source)
    except (CertificateFileError, InputError):
        return None


@st.cache_resource(max_entries=32, show_spinner=False)
def _worth(key: str, window: int, _source: ImageCertificate) -> Worth:
    """`key` stands for the certificate; window: in cells."""
    level = float(_source.settings.level_min)
    views = (View(window, level), View(None, BLUR * level))
    case = supposed_views(_source, GridRegions(*_source.shape, *GRID), views, EPSILONS)
    found = certify_collectively(*case.inputs, _source.noise.budget(EPSILONS), attacks=False)
    alone = np.array([_source.certified_mask(epsilon).sum() for epsilon in EPSILONS])
    isotropic, proven = alone / case.groups.size, found.certified / case.groups.size
    return Worth(window, level, isotropic, proven, (case.area(alone), case.area(found.certified)))


def play(theme: Theme) -> Scene | None:
    """Control and figure; None where no certificate for it is stored."""
    pixels = int(slider("Sharp window (pixels around a pixel)", *RANGE, key="learn_window"))
    found = worth(pixels)
    if found is None:
        return None
    figure = blank_figure(theme, x="budget ε (‖δ‖₂)", y="certified share of the pixels")
    figure.add_scatter(
        x=EPSILONS,
        y=found.isotropic,
        name="everything sharp",
        line={"color": theme.accent, "width": 2, "dash": "dash"},
    )
    figure.add_scatter(
        x=EPSILONS,
        y=found.views,
        name=f"sharp within {pixels} pixels, {BLUR:g} times the noise beyond",
        line={"color": theme.primary, "width": 3},
    )
    figure.update_xaxes(range=[0, EPSILONS[-1]])
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    cells = 2 * found.window + 1
    before, after = found.radii
    return Scene(
        figure,
        f"With this window pixels withstand **{after:.2f}** on average, against **{before:.2f}** where everything is "
        f"sharp: of {GRID[0]}x{GRID[1]} cells, {cells}x{cells} at most see sharply what is spent in one, the others "
        f"with {BLUR:g} times the noise. These are the votes of a network that sees everything sharply "
        f"(σ = {found.level:g}), **as if they stayed**. They do not quite: a network that sees less is less accurate.",
    )
