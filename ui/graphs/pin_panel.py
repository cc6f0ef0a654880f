"""Pin a certificate and compare the one on screen with it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from lrscore.graphs.certificate import GraphCertificate
from ui.charts.terms import draw_figure
from ui.graphs.comparison import (
    Budgets,
    GraphSide,
    difference_figure,
    number_rows,
    same_graph,
    setting_rows,
)
from ui.graphs.counting import Count, possible_counts
from ui.graphs.kinds import chosen_view
from ui.graphs.memory import plane_of
from ui.graphs.on_screen import FoundGraph, ShownGraph, stored_certificate
from ui.graphs.opened import PINNED, missing_file, pin, pinned_entry, unpin
from ui.graphs.plane import PlaneView
from ui.graphs.sources import graph_title
from ui.graphs.words import settings_line
from ui.library.entries import list_entries
from ui.library.opened import runs_folder
from ui.style.theme import current_theme


@dataclass(frozen=True, eq=False)
class Pinned:
    """The pinned certificate, or why there is nothing to compare with.

    Args:
        title: what it is, for people.
        shown: the certificate; None if it can not be used or is about another graph.
        problem: why not, or None.
    """

    title: str
    shown: ShownGraph | None = None
    problem: str | None = None

    def side(self, count: Count, view: PlaneView) -> GraphSide | None:
        """Its plane for what is counted; None if there is nothing to compare or it can not count that.

        Args:
            view: the kinds of budget on screen; the pinned one must know them.
        """
        if self.shown is None or count not in possible_counts(self.shown.certificate):
            return None
        if chosen_view(self.shown.certificate) != view:
            return None
        return GraphSide(self.shown.certificate, plane_of(self.shown, count))


def draw_pin_button(found: FoundGraph) -> None:
    """Pin what is on screen, or let go of it; a run under way and one without a file can not be pinned."""
    entry = next((entry for entry in list_entries(runs_folder()) if entry.path == found.file), None)
    pinned = pinned_entry()
    if entry is not None and pinned is not None and entry.identity == pinned.identity:
        st.button("Unpin", key="unpin", icon=":material/keep_off:", on_click=unpin)
        return
    st.button(
        "Pin",
        key="pin",
        icon=":material/keep:",
        disabled=entry is None,
        help="Keep this certificate beside the next ones, to compare them with it.",
        on_click=pin,
        args=(entry.identity if entry is not None else "",),
    )


def find_pinned(here: GraphCertificate, found: FoundGraph) -> Pinned | None:
    """What the link or the session has pinned; None if nothing is, or if it is on screen itself."""
    entry, missing = pinned_entry(), missing_file(PINNED)
    if missing is not None:
        return Pinned("", problem=missing)
    if entry is None or entry.path == found.file:
        return None
    stored = stored_certificate(entry.path, "run")
    if stored.certificate is None:
        return Pinned(entry.path.stem, problem=stored.problem)
    title = f"{graph_title(stored.certificate, entry.path.stem)} · {settings_line(stored.certificate)}"
    if not same_graph(here, stored.certificate):
        return Pinned(
            title, problem="It is about another graph than the one on screen: they can not be compared."
        )
    return Pinned(title, ShownGraph(stored.certificate, stored.key, stored.origin, ()))


def draw_comparison(here: GraphSide, pinned: Pinned, budgets: Budgets, count: Count) -> None:
    """What is pinned, how both do at the budgets, what differs, and the difference over the plane."""
    with st.container(border=True, key="pinned_panel"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(
                f"**Pinned:** {_plain(pinned.title)}" if pinned.title else "**Pinned**", width="stretch"
            )
            st.button("Unpin", key="unpin_other", icon=":material/keep_off:", type="tertiary", on_click=unpin)
        if pinned.problem is not None:
            st.warning(pinned.problem, icon=":material/difference:")
            return
        other = pinned.side(count, here.plane.view)
        if other is None:
            alike = pinned.shown is not None and chosen_view(pinned.shown.certificate) == here.plane.view
            st.info(
                "The pinned certificate knows no true classes: count all nodes to compare."
                if alike
                else "Only one of the two flips edges: their budgets are of other kinds.",
                icon=":material/info:",
            )
            return
        chart, table = st.columns([3, 4], gap="medium")
        with chart:
            draw_figure(
                difference_figure(here, other, budgets, current_theme()),
                key="difference_plot",
                alt="Certified share on screen minus that of the pinned certificate, over both budgets.",
            )
            st.caption(
                "Certified share here minus pinned, in percentage points: blue where this one proves more."
            )
        with table:
            rows = number_rows(here, other, budgets, count)
            rows += setting_rows(here.certificate, other.certificate)
            names = ("", "here", "pinned")
            st.table(
                {name: [row[place] for row in rows] for place, name in enumerate(names)}, hide_index=True
            )


def _plain(text: str) -> str:
    """Text that Markdown leaves as it is."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]()#+-.!|<>$~:" else letter for letter in text)
