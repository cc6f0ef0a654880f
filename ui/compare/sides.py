"""Two certificates side by side: what differs in settings, numbers, curves and pixel by pixel."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np

from lrscore.images.baselines import FixedThresholdCertificate
from lrscore.images.certificate import VOID, ImageCertificate
from lrscore.images.settings import ImageSettings
from lrscore.metrics import average_certified_radius, certified_ratio, mean_iou, pixel_accuracy
from ui.components.viewer import ColourScale, ImageLayer, Panel, StylesLayer
from ui.images.curves import CurveSet
from ui.images.states import Count, mark_reference, pixel_states
from ui.style.palette import ABSTAINED, CERTIFIED, DIFFERENCE, STATES, UNCERTIFIED
from ui.style.pictures import grey_picture
from ui.style.words import confidence, share


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two.

    Args:
        name: "A" or "B".
        title: what was certified.
        fixed: one radius for all pixels that passed a joint test (SegCertify), instead of every pixel's own.
    """

    name: str
    title: str
    certificate: ImageCertificate
    curves: CurveSet
    fixed: FixedThresholdCertificate | None = None

    @property
    def abstained(self) -> np.ndarray:
        """(H, W) bool: nothing is claimed about these pixels."""
        return self.certificate.abstained if self.fixed is None else self.fixed.abstained

    @property
    def radii(self) -> np.ndarray:
        """(H, W) certified eps of every pixel."""
        if self.fixed is None:
            return self.certificate.radii
        return np.where(self.fixed.abstained, 0.0, self.fixed.radius)

    def at(self, epsilon: float) -> int:
        """Position of the budget on this side's own grid: never below `epsilon`."""
        return self.curves.index(epsilon)

    def states(self, epsilon: float, count: Count) -> np.ndarray:
        """(H, W) uint8 positions in `ui.style.palette.STATES` at a budget."""
        if self.fixed is None:
            index = self.at(epsilon)
            own = float(self.curves.epsilons[index])
            return pixel_states(self.certificate, own, self.curves.allocation[index], count).numbers
        answered = STATES.index(CERTIFIED if epsilon <= self.fixed.radius else UNCERTIFIED)
        numbers = np.full(self.certificate.shape, answered, dtype=np.uint8)
        numbers[self.fixed.abstained] = STATES.index(ABSTAINED)
        if count == "correct":
            mark_reference(numbers, self.certificate, self.fixed.abstained)
        return numbers


def number_rows(one: Side, other: Side, epsilon: float) -> list[tuple[str, str, str]]:
    """(what, A, B): everything that can be said in numbers, at one budget."""
    columns = [_numbers(side, epsilon) for side in (one, other)]
    names = dict.fromkeys(name for column in columns for name in column)
    return [(name, columns[0].get(name, "–"), columns[1].get(name, "–")) for name in names]


def setting_rows(one: ImageCertificate, other: ImageCertificate) -> list[tuple[str, str, str]]:
    """(setting, A, B) for the settings that differ."""
    names = [field.name for field in fields(ImageSettings) if field.name not in ("levels", "batch_size")]
    rows = [(name, str(getattr(one.settings, name)), str(getattr(other.settings, name))) for name in names]
    if not np.array_equal(one.noise_levels, other.noise_levels):
        rows.append(("noise levels", _range(one.noise_levels), _range(other.noise_levels)))
    rows.append(("seed", one.provenance.get("seed", ""), other.provenance.get("seed", "")))
    rows.append(("model", one.provenance.get("model", ""), other.provenance.get("model", "")))
    return [row for row in rows if row[1] != row[2]]


def comparison_panels(one: Side, other: Side, epsilon: float, count: Count) -> list[Panel]:
    """States of both at the budget and, if the pictures have one size, the difference of the radii."""
    panels = []
    for side in (one, other):
        ground = ImageLayer("picture", grey_picture(side.certificate.image))
        styles = StylesLayer("states", side.states(epsilon, count), STATES, opacity=0.82, legend=False)
        panels.append(
            Panel(f"{side.name}: {side.title}", (ground, styles), f"States of {side.name} at this budget.")
        )
    if comparable(one.certificate, other.certificate):
        panels.append(_difference_panel(one, other))
    return panels


def comparable(one: ImageCertificate, other: ImageCertificate) -> bool:
    """Whether radii may be subtracted: one size and one norm."""
    return one.shape == other.shape and one.noise.norm == other.noise.norm


def _difference_panel(one: Side, other: Side) -> Panel:
    difference = other.radii - one.radii
    reach = max(0.05, float(np.ceil(20 * np.abs(difference).max()) / 20))
    scale = ColourScale(DIFFERENCE, -reach, reach, f"own radius, {other.name} − {one.name}")
    layer = ImageLayer("difference", DIFFERENCE.apply(difference, -reach, reach), scale=scale)
    ground = ImageLayer("picture", grey_picture(one.certificate.image))
    words = f"Blue where {other.name} certifies more, brown where {one.name} does."
    return Panel(f"Radius: {other.name} − {one.name}", (ground, layer), words)


def _numbers(side: Side, epsilon: float) -> dict[str, str]:
    certificate, curves, index = side.certificate, side.curves, side.at(epsilon)
    numbers = {}
    if side.fixed is None:
        radius = average_certified_radius(curves.epsilons, certified_ratio(curves.proven, curves.outputs))
        numbers["proven"] = share(int(curves.proven[index]), curves.outputs)
        numbers["naive"] = share(int(curves.naive[index]), curves.outputs)
        numbers["ceiling"] = share(int(curves.ceiling[index]), curves.outputs)
        numbers["average certified radius"] = f"{_floor(radius):.4f}"
    numbers["largest own radius"] = f"{_floor(float(side.radii.max(initial=0.0))):.4f}"
    numbers["abstained"] = share(int(side.abstained.sum()), certificate.labels.size)
    alpha = certificate.plan.alpha
    numbers["confidence"] = confidence(alpha) if certificate.plan.valid else "none: not valid"
    if certificate.reference is not None:
        classes = max(len(certificate.class_names), VOID)
        labels, reference, abstained = certificate.labels, certificate.reference, side.abstained
        numbers["pixel accuracy"] = f"{100 * pixel_accuracy(labels, reference, abstained):.1f} %"
        numbers["mean IoU"] = f"{100 * mean_iou(labels, reference, classes, abstained):.1f} %"
    return numbers


def _floor(radius: float) -> float:
    """Rounded down to the digits that are shown: nothing is certified by rounding."""
    return math.floor(radius * 1e4) / 1e4


def _range(levels: np.ndarray) -> str:
    finite = levels[np.isfinite(levels)]
    blanked = "" if finite.size == levels.size else ", some blanked"
    return f"{finite.min():g} to {finite.max():g}{blanked}"
