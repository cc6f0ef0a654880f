"""Two of the compared certificates on one picture, pixel by pixel."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lrscore.errors import CertificateFileError
from lrscore.images.baselines import segcertify
from ui.compare.memory import header_memory
from ui.compare.methods import SEGCERTIFY
from ui.compare.scores import Entrant
from ui.compare.sets import common_pictures
from ui.compare.sides import Side, comparable, comparison_panels, number_rows, setting_rows
from ui.components.viewer import image_viewer
from ui.images.curve_memory import best_curves
from ui.images.legend import strip_html
from ui.images.panels import viewer_regions
from ui.images.states import Count
from ui.library.bundled import title_of
from ui.library.certificates import file_key, read_image_certificate
from ui.library.entries import Entry
from ui.style.theme import current_theme


def draw_pair(entrants: Sequence[Entrant], epsilon: float, count: Count) -> str | None:
    """Choose two rows and a picture; pictures with one crosshair, the difference of the radii, and what differs.

    Returns:
        Identity of the picture, if both have it.
    """
    st.header("Two of them, pixel by pixel", anchor=False)
    options = map_options(entrants)
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
        st.error(str(error), icon=":material/broken_image:")
        return chosen
    _draw_sides(*sides, epsilon, count)
    return chosen


def _member(entrant: Entrant, picture: str | None) -> Entry:
    """The file of that picture, else the first one."""
    members = entrant.choice.members
    return members[picture] if picture is not None else next(iter(members.values()))


def map_options(entrants: Sequence[Entrant]) -> dict[str, Entrant]:
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
    return str(st.selectbox(label, names, index=place, key=key, bind="query-params", filter_mode=None))


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
