"""Two certificates side by side: what differs in settings, numbers, curves and pixel by pixel."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import plotly.graph_objects as go

from lrscore.certificates import ImageCertificate
from lrscore.metrics import average_certified_radius, certified_ratio, mean_iou, pixel_accuracy
from lrscore.settings import ImageSettings
from ui.curves import CurveSet
from ui.palette import DIFFERENCE, STATES
from ui.pictures import grey_picture
from ui.plots import lay_out
from ui.states import Count, pixel_states
from ui.theme import Theme
from ui.viewer import ColourScale, ImageLayer, LooksLayer, Panel
from ui.words import confidence, share


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two.

    Args:
        name: "A" or "B".
        title: what was certified.
    """

    name: str
    title: str
    certificate: ImageCertificate
    curves: CurveSet

    def at(self, epsilon: float) -> int:
        """Position of the budget on this side's own grid: never below `epsilon`."""
        return self.curves.index(epsilon)


def number_rows(one: Side, other: Side, epsilon: float) -> list[tuple[str, str, str]]:
    """(what, A, B): everything that can be said in numbers, at one budget."""
    columns = [_numbers(side, epsilon) for side in (one, other)]
    return [(name, columns[0][name], columns[1][name]) for name in columns[0]]


def setting_rows(one: ImageCertificate, other: ImageCertificate) -> list[tuple[str, str, str]]:
    """(setting, A, B) for the settings that differ."""
    names = [field.name for field in fields(ImageSettings) if field.name not in ("levels", "batch_size")]
    rows = [(name, str(getattr(one.settings, name)), str(getattr(other.settings, name))) for name in names]
    if not np.array_equal(one.noise_levels, other.noise_levels):
        rows.append(("noise levels", _range(one.noise_levels), _range(other.noise_levels)))
    rows.append(("seed", one.provenance.get("seed", ""), other.provenance.get("seed", "")))
    rows.append(("model", one.provenance.get("model", ""), other.provenance.get("model", "")))
    return [row for row in rows if row[1] != row[2]]


def comparison_figure(one: Side, other: Side, epsilon: float, theme: Theme, *, what: str) -> go.Figure:
    """Proven curves of both (thick) and their ceilings (thin), with the budget marked."""
    figure = go.Figure()
    for side, colour, dash in ((one, theme.primary, "solid"), (other, theme.accent, "dash")):
        curves = side.curves
        for counts, width, opacity, label, shape in (
            (curves.proven, 3.0, 1.0, "proven", "vh"),
            (curves.ceiling, 1.2, 0.7, "ceiling", "hv"),
        ):
            figure.add_scatter(
                x=curves.epsilons.astype(np.float32),
                y=(100 * counts / max(curves.outputs, 1)).astype(np.float32),
                name=f"{side.name}: {label}",
                mode="lines",
                opacity=opacity,
                line={
                    "color": colour,
                    "width": width,
                    "dash": dash if label == "proven" else "dot",
                    "shape": shape,
                },
                hovertemplate="%{y:.1f} %",
            )
    figure.add_vline(x=epsilon, line={"color": theme.text, "width": 1, "dash": "dot"})
    largest = max(float(one.curves.epsilons[-1]), float(other.curves.epsilons[-1]))
    lay_out(figure, theme, what=what, norm=one.certificate.noise.norm, largest=largest)
    return figure


def comparison_panels(one: Side, other: Side, epsilon: float, count: Count) -> list[Panel]:
    """States of both at the budget and, if the pictures have one size, the difference of the radii."""
    panels = []
    for side in (one, other):
        index = side.at(epsilon)
        own = float(side.curves.epsilons[index])
        states = pixel_states(side.certificate, own, side.curves.allocation[index], count)
        ground = ImageLayer("picture", grey_picture(side.certificate.image))
        looks = LooksLayer("states", states.numbers, STATES, opacity=0.82, legend=False)
        panels.append(
            Panel(f"{side.name}: {side.title}", (ground, looks), f"States of {side.name} at this budget.")
        )
    if comparable(one.certificate, other.certificate):
        panels.append(_difference_panel(one, other))
    return panels


def comparable(one: ImageCertificate, other: ImageCertificate) -> bool:
    """Whether radii may be subtracted: one size and one norm."""
    return one.shape == other.shape and one.noise.norm == other.noise.norm


def _difference_panel(one: Side, other: Side) -> Panel:
    difference = other.certificate.radii - one.certificate.radii
    reach = max(0.05, float(np.ceil(20 * np.abs(difference).max()) / 20))
    scale = ColourScale(DIFFERENCE, -reach, reach, "own radius, B − A")
    layer = ImageLayer("difference", DIFFERENCE.apply(difference, -reach, reach), scale=scale)
    ground = ImageLayer("picture", grey_picture(one.certificate.image))
    return Panel("Radius: B − A", (ground, layer), "Blue where B certifies more, brown where A does.")


def _numbers(side: Side, epsilon: float) -> dict[str, str]:
    certificate, curves, index = side.certificate, side.curves, side.at(epsilon)
    radius = average_certified_radius(curves.epsilons, certified_ratio(curves.proven, curves.outputs))
    numbers = {
        "proven": share(int(curves.proven[index]), curves.outputs),
        "naive": share(int(curves.naive[index]), curves.outputs),
        "ceiling": share(int(curves.ceiling[index]), curves.outputs),
        "average certified radius": f"{radius:.4f}",
        "largest own radius": f"{float(certificate.radii.max(initial=0.0)):.4f}",
        "abstained": share(int(certificate.abstained.sum()), certificate.labels.size),
        "confidence": confidence(certificate.plan.alpha) if certificate.plan.valid else "none: not valid",
    }
    if certificate.reference is not None:
        classes = max(len(certificate.class_names), 1)
        labels, reference, abstained = certificate.labels, certificate.reference, certificate.abstained
        numbers["pixel accuracy"] = f"{100 * pixel_accuracy(labels, reference, abstained):.1f} %"
        numbers["mean IoU"] = f"{100 * mean_iou(labels, reference, classes, abstained):.1f} %"
    return numbers


def _range(levels: np.ndarray) -> str:
    finite = levels[np.isfinite(levels)]
    blanked = "" if finite.size == levels.size else ", some blanked"
    return f"{finite.min():g} to {finite.max():g}{blanked}"
