"""The picture of an attack: what it did to the image, and to the labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lrscore.images.certificate import ImageCertificate
from models.datasets.classes import CAMVID_PALETTE
from ui.components.viewer import ImageLayer, Panel, StylesLayer
from ui.components.viewer.layers import NOTHING
from ui.style.palette import Style, class_styles
from ui.style.pictures import colour_picture

if TYPE_CHECKING:
    from lrscore.images.attack.attack import ImageAttack

_CHANGED = Style("label changed", "#b3126f", "#f07ac0", "cross", "#4d0430", "#5c1040")
_LEANING = Style("another class leads, within chance", "#e7b6d3", "#7d4a68", "dots", "#a2527f", "#c99ab5")

_STRONGEST = 0.5  # the largest change is drawn as half the way from grey to black or white


def attacked_panel(title: str, certificate: ImageCertificate, attack: ImageAttack) -> Panel:
    """The attacked picture with the pixels that changed; its change, amplified, and its labels can be switched on."""
    fate = np.full(certificate.shape, NOTHING, dtype=np.uint8)
    fate[attack.changed], fate[attack.leaning] = 0, 1
    layers: list[ImageLayer | StylesLayer] = [
        ImageLayer("attacked picture", colour_picture(attack.image)),
        ImageLayer("change, amplified", _amplified(attack.image - certificate.image), visible=False),
    ]
    if len(certificate.class_names) == len(CAMVID_PALETTE):
        styles = class_styles(certificate.class_names, CAMVID_PALETTE)
        layers.append(StylesLayer("smoothed labels there", attack.labels, styles, visible=False))
    layers.append(StylesLayer("changed pixels", fate, (_CHANGED, _LEANING), opacity=0.85))
    description = (
        f"The picture after the attack: {int(attack.changed.sum()):,} labels changed, in "
        f"{int(attack.leaning.sum()):,} more pixels another class leads within what chance may explain."
    )
    return Panel(title, tuple(layers), description)


def _amplified(change: np.ndarray) -> np.ndarray:
    """The change (C, H, W) around middle grey, scaled so that its largest value is well visible."""
    largest = float(np.abs(change).max())
    return colour_picture(0.5 + change * (_STRONGEST / largest if largest > 0 else 0.0))
