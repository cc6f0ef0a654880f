"""Two of the compared certificates on one picture: what differs in settings, numbers, curves and pixel by pixel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import streamlit as st

from lrscore.errors import CertificateFileError, told
from lrscore.images.baselines import FixedThresholdCertificate, segcertify
from lrscore.images.certificate import ImageCertificate
from lrscore.images.settings import ImageSettings
from lrscore.metrics import VOID, average_certified_radius, certified_ratio, mean_iou, pixel_accuracy
from ui.certification.stopped import STOPPED, stopped_words
from ui.compare.methods import SEGCERTIFY
from ui.compare.reading import header_memory
from ui.compare.scores import Entrant
from ui.compare.sets import common_pictures
from ui.components.viewer import ColourScale, ImageLayer, Panel, StylesLayer, image_viewer
from ui.images.curve_memory import best_curves
from ui.images.curves import CurveSet
from ui.images.legend import strip_html
from ui.images.panels import viewer_regions
from ui.images.states import Count, mark_reference, pixel_states
from ui.library.bundled import title_of
from ui.library.certificates import file_key, read_image_certificate
from ui.library.entries import Entry
from ui.style.palette import ABSTAINED, CERTIFIED, DIFFERENCE, STATES, UNCERTIFIED
from ui.style.pictures import grey_picture
from ui.style.theme import current_theme
from ui.style.words import confidence, radius_words, samples_words, share
from ui.widgets.linked import linked


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
        method = "envelope" if curves.exact is None else "envelope and branch and bound of this browser"
        numbers["average certified radius"] = f"{radius_words(radius)} ({method})"
    numbers["largest own radius"] = f"{_floor(float(side.radii.max(initial=0.0))):.4f}"
    numbers["abstained"] = share(int(side.abstained.sum()), certificate.labels.size)
    alpha = certificate.plan.alpha
    numbers["samples"] = samples_words(certificate.trials)
    numbers[STOPPED] = stopped_words(certificate) or "no"
    numbers["confidence"] = confidence(alpha) if certificate.promised else "none: not valid"
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


def draw_pair(entrants: Sequence[Entrant], epsilon: float, count: Count) -> str | None:
    """Choose two rows and a picture; pictures with one crosshair, the difference of the radii, and what differs.

    Returns:
        Identity of the picture, if both have it.
    """
    st.header("Two of them, pixel by pixel", anchor=False)
    options = _map_options(entrants)
    if len(options) < 2:
        st.info(
            "Every way to count one certificate reads the same radii: choose a second certificate to see where the "
            "two differ.",
            icon=":material/compare:",
        )
        return None
    names = list(options)
    left, right, picture = st.columns(3)
    with left:
        first = _select("First", names, "compare_first", 0)
    with right:
        second = _select("Second", names, "compare_second", 1)
    one, other = options[first], options[second]
    with picture:
        chosen = _draw_picture(one, other)
    entries = [_member(entrant, chosen) for entrant in (one, other)]
    try:
        sides = (_side(one, entries[0], count), _side(other, entries[1], count))
    except CertificateFileError as error:
        st.error(told(error), icon=":material/broken_image:")
        return chosen
    _draw_sides(*sides, epsilon, count)
    return chosen


def _member(entrant: Entrant, picture: str | None) -> Entry:
    """The file of that picture, else the first one."""
    members = entrant.choice.members
    return members[picture] if picture is not None else next(iter(members.values()))


def _map_options(entrants: Sequence[Entrant]) -> dict[str, Entrant]:
    """Rows with radii of their own, by name: one for each certificate, and every SegCertify test."""
    options: dict[str, Entrant] = {}
    for entrant in entrants:
        tested = entrant.counting in SEGCERTIFY
        name = f"{entrant.letter}, {entrant.method.name}" if tested else entrant.letter
        options.setdefault(name, entrant)
    return options


def _select(label: str, names: list[str], key: str, place: int) -> str:
    if st.session_state.get(key) not in names:
        st.session_state.pop(key, None)
    return str(linked(st.selectbox, label, names, index=place, key=key, filter_mode=None))


def _draw_picture(one: Entrant, other: Entrant) -> str | None:
    """A picture that both have; None if there is none."""
    common = common_pictures([one.choice, other.choice])
    if not common:
        st.selectbox("Picture", ["two different pictures"], disabled=True)
        return None
    titles: dict[str, str] = {}
    for picture in common:
        header = header_memory().read(one.choice.members[picture])
        title = title_of(header.title)
        titles[title if title not in titles else f"{title} ({picture[:4]})"] = picture
    return titles[_select("Picture", list(titles), "compare_picture", 0)]


def _side(entrant: Entrant, entry: Entry, count: Count) -> Side:
    certificate = read_image_certificate(entry.path)
    curves = best_curves(file_key(entry.path), count, certificate)
    tau = SEGCERTIFY.get(entrant.counting)
    fixed = None if tau is None else segcertify(certificate, tau)
    title = entrant.method.name if tau is not None else entrant.levels
    return Side(entrant.letter, title, certificate, curves, fixed)


def _draw_sides(one: Side, other: Side, epsilon: float, count: Count) -> None:
    if one.certificate.shape == other.certificate.shape:
        panels = comparison_panels(one, other, epsilon, count)
        image_viewer(panels, key="comparison_viewer", regions=viewer_regions(one.certificate), height=360)
        st.html(strip_html(dark=current_theme().dark))
    if not comparable(one.certificate, other.certificate):
        st.info(
            "The pictures differ in size or the budgets in norm: there is no difference map.",
            icon=":material/info:",
        )
    rows = number_rows(one, other, epsilon) + setting_rows(one.certificate, other.certificate)
    names = (
        (one.name, other.name) if one.name != other.name else (f"{one.name} first", f"{other.name} second")
    )
    with st.expander("Numbers and settings of the two", expanded=True):
        st.table(
            {
                "": [row[0] for row in rows],
                names[0]: [row[1] for row in rows],
                names[1]: [row[2] for row in rows],
            },
            hide_index=True,
        )
