"""The pictures of a certificate as panels of the viewer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lrscore.images.certificate import ImageCertificate
from lrscore.images.radius import largest_budget
from lrscore.images.settings import ImageSettings
from models.datasets.classes import CAMVID_PALETTE
from ui.components.viewer import (
    ColourScale,
    ImageLayer,
    Panel,
    PixelValues,
    RegionLayer,
    Regions,
    StylesLayer,
)
from ui.components.viewer.layers import NOTHING
from ui.images.attack.layers import attacked_panel
from ui.images.coarse import groups_layer, label_numbers, node_names
from ui.images.noise.panels import COPY_TITLE, LEVELS_TITLE, noise_panel, noisy_panel
from ui.images.states import StateMap
from ui.style.palette import ALLOCATION, RADIUS, SHARE, STATES, class_styles
from ui.style.pictures import colour_picture, grey_picture
from ui.style.words import counted

if TYPE_CHECKING:
    from lrscore.images.attack.attack import ImageAttack

PANEL_WORDS = {
    "input": "Input",
    "noisy": COPY_TITLE,
    "attacked": "Attacked",
    "labels": "Smoothed labels",
    "certified": "Certified",
    "votes": "Votes",
    "radius": "Certified radius",
    "attack": "Worst attack found",
    "noise": LEVELS_TITLE,
}
PANELS = tuple(PANEL_WORDS)


@dataclass(frozen=True, eq=False)
class View:
    """Everything the pictures of one moment are made from.

    Args:
        certificate: what is on screen.
        states: of its pixels at the budget.
        allocation: (J,) additive budget per region of the worst allocation found.
        planned: settings on the certificate's grid whose noise is shown: what the controls ask for, if they can.
        editable: whether that noise may be changed on the picture.
        group: output group that was picked, or None.
        attack: the strongest attack found within the budget, or None.
    """

    certificate: ImageCertificate
    states: StateMap
    allocation: np.ndarray
    planned: ImageSettings
    editable: bool = False
    group: int | None = None
    attack: ImageAttack | None = None

    @property
    def shown_group(self) -> int:
        """The group whose noise is shown: the picked one, else the middle one."""
        return self.certificate.regions.count // 2 if self.group is None else self.group


def viewer_regions(certificate: ImageCertificate) -> Regions:
    """The grid as the viewer wants it."""
    regions = certificate.regions
    return Regions.from_slices((regions.slices(j) for j in range(regions.count)), outlined=False)


def build_panels(names: tuple[str, ...], view: View) -> list[Panel]:
    """The panels of that name, in the order of `PANELS`; "attacked" only once there is an attack."""
    certificate, attack = view.certificate, view.attack
    ground = ImageLayer("picture", grey_picture(certificate.image))
    editable = view.editable and view.group is not None and view.planned.all_views() is None
    builders = {
        "input": lambda: _input_panel(certificate),
        "noisy": lambda: noisy_panel(certificate, view.planned, view.shown_group),
        "labels": lambda: labels_panel(certificate),
        "certified": lambda: _certified_panel(ground, view.states),
        "votes": lambda: _votes_panel(ground, certificate),
        "radius": lambda: _radius_panel(ground, certificate),
        "attack": lambda: _attack_panel(ground, certificate, view.allocation),
        "noise": lambda: noise_panel(certificate, view.planned, view.shown_group, editable=editable),
    }
    if attack is not None:
        builders["attacked"] = lambda: attacked_panel(PANEL_WORDS["attacked"], certificate, attack)
    return [builders[name]() for name in PANELS if name in names and name in builders]


def _input_panel(certificate: ImageCertificate) -> Panel:
    """The clean picture."""
    layer = ImageLayer("picture", colour_picture(certificate.image))
    return Panel(PANEL_WORDS["input"], (layer,), "The clean image.")


def labels_panel(certificate: ImageCertificate) -> Panel:
    """The smoothed prediction, and the reference to compare with if there is one."""
    names = certificate.class_names
    if len(names) == len(CAMVID_PALETTE):
        labels = np.where(certificate.sampled & ~certificate.coarse, certificate.labels, NOTHING)
        layers = [StylesLayer("smoothed", labels, class_styles(names, CAMVID_PALETTE))]
        if (groups := groups_layer(certificate, CAMVID_PALETTE)) is not None:
            layers.append(groups)
        if certificate.reference is not None:
            styles = class_styles(names, CAMVID_PALETTE)
            layers.append(
                StylesLayer("reference", certificate.reference, styles, visible=False, legend=False)
            )
        return Panel(PANEL_WORDS["labels"], tuple(layers), "The class that wins under noise, per pixel.")
    spread = (certificate.labels * (255 // max(1, int(certificate.labels.max())))).astype(np.uint8)
    grey = ImageLayer("smoothed", np.repeat(spread[:, :, None], 3, axis=2))
    groups = groups_layer(certificate, None)
    shown = (grey,) if groups is None else (grey, groups)
    return Panel(PANEL_WORDS["labels"], shown, "The class number that wins under noise, per pixel.")


def _certified_panel(ground: ImageLayer, states: StateMap) -> Panel:
    """The five states over the picture."""
    styles = StylesLayer("states", states.numbers, STATES, opacity=0.82, legend=False)
    numbers = ", ".join(f"{style.name}: {counted(states.count(style), 'pixel')}" for style in STATES)
    return Panel(
        PANEL_WORDS["certified"], (ground, styles), f"State of every pixel at this budget. {numbers}."
    )


def _votes_panel(ground: ImageLayer, certificate: ImageCertificate) -> Panel:
    """Share of the estimation samples that agree with the label, on the fixed range from 0 to 1."""
    trials = certificate.trials[certificate.groups].reshape(certificate.shape)
    shares = np.where(trials > 0, certificate.agreements / np.maximum(trials, 1), np.nan)
    scale = ColourScale(SHARE, 0.0, 100.0, "votes for the label", "%")
    layer = ImageLayer("share of votes", SHARE.apply(shares, 0.0, 1.0), scale=scale)
    return Panel(
        PANEL_WORDS["votes"], (ground, layer), "How many of the samples agree with each pixel's label."
    )


def _radius_panel(ground: ImageLayer, certificate: ImageCertificate) -> Panel:
    """Every pixel's own certified eps, on a range that only depends on the settings' round maximum."""
    high = largest_budget(certificate)
    radii = np.where(certificate.abstained, np.nan, certificate.radii)
    scale = ColourScale(RADIUS, 0.0, high, "own certified ε")
    layer = ImageLayer("radius", RADIUS.apply(radii, 0.0, high), scale=scale)
    return Panel(
        PANEL_WORDS["radius"], (ground, layer), "Certified radius of every pixel; grey where it abstains."
    )


def _attack_panel(ground: ImageLayer, certificate: ImageCertificate, allocation: np.ndarray) -> Panel:
    """Share of the budget that the worst attack found spends in every region."""
    total = float(allocation.sum())
    shares = allocation / total if total > 0 else np.zeros_like(allocation)
    layer = RegionLayer(
        "share of the budget",
        ALLOCATION.apply(shares, 0.0, 1.0),
        tuple(f"{share:.0%}" if share >= 0.005 else "" for share in shares),
        opacity=0.72,
        scale=ColourScale(ALLOCATION, 0.0, 100.0, "share of the budget", "%"),
    )
    return Panel(
        PANEL_WORDS["attack"], (ground, layer), "Where the worst allocation found spends the budget."
    )


def readout(
    certificate: ImageCertificate, states: StateMap, attack: ImageAttack | None = None
) -> list[PixelValues]:
    """What the viewer says about the pixel under the crosshair; with an attack, its label there, too."""
    names = certificate.class_names or None
    values = [PixelValues("label", label_numbers(certificate), node_names(certificate))]
    if certificate.reference is not None:
        values.append(PixelValues("reference", certificate.reference, names))
    if attack is not None:
        values.append(PixelValues("attacked", attack.labels, names))
    values.append(PixelValues("state", states.numbers, tuple(style.name for style in STATES)))
    values.append(PixelValues("bound p", certificate.probabilities, digits=4))
    values.append(PixelValues("radius", certificate.radii))
    return values
