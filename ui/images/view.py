"""Everything that follows the budget slider: the number, the pictures, the curve, the legend.

Drawn as a fragment: a move of the slider looks numbers up and paints, and nothing else of the page runs.
"""

from __future__ import annotations

from html import escape

import streamlit as st

from lrscore.images.settings import ImageSettings
from ui.certification.claim import warn_of_disagreement
from ui.certification.on_screen import Shown
from ui.charts.figure import chart_figure
from ui.charts.terms import draw_figure
from ui.components.viewer import ViewerEvent, image_viewer
from ui.images.adversary import draw_picture_game
from ui.images.attack.panel import PANEL, attack_html, attack_under_way, draw_attack, known_attack
from ui.images.branch_and_bound.panel import draw_search
from ui.images.budget import budget_of, draw_budget
from ui.images.curve_memory import best_curves, curves_at
from ui.images.curves import CurveSet
from ui.images.export_panel import captured, draw_export
from ui.images.facts import attacked_noun, axis_name, claim_html, facts_html
from ui.images.legend import counted_strip, legend_html
from ui.images.noise.editor import adopt_ring, draw_region_editor, remember_ring
from ui.images.panels import PANEL_WORDS, PANELS, View, build_panels, readout, viewer_regions
from ui.images.plots import curve_chart
from ui.images.repeats import draw_picture_repeats
from ui.images.states import Count, StateMap, pixel_states
from ui.images.story import tell_story
from ui.style.templates import render
from ui.style.theme import current_theme
from ui.widgets.linked import linked

FIRST_PANELS = ("input", "labels", "certified")
VIEWER = "scene_viewer"


@st.fragment
def draw_budget_view(shown: Shown, requested: ImageSettings, title: str) -> None:
    """Slider, claim, facts, pictures, curve and legend of the certificate on screen.

    Args:
        requested: what the controls ask for; a picked region's noise is edited there.
        title: of the picture, for what is exported.
    """
    adopt_ring(requested)
    certificate = shown.certificate
    with st.container(key="budget_bar"):
        with st.container(
            key="claim_row", horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"
        ):
            claim_place = st.container()
            with st.container(horizontal=True, width="content", vertical_alignment="center"):
                count = _draw_count(shown)
                export_place = st.container(width="content")
        grid = best_curves(shown.key, count, certificate)
        epsilon = draw_budget(grid, certificate.noise.norm, budget_of(certificate))
        curves = curves_at(shown.key, count, certificate, epsilon)
        index = curves.index(epsilon)
        claim_place.html(claim_html(certificate, curves, index, count, curves.said(index)))
        screen = captured(shown, title, curves, index, count)
        with export_place:
            draw_export(screen)
    st.html(facts_html(certificate, curves, index))
    warn_of_disagreement(certificate)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"
    ):
        names = _draw_panel_choice()
        draw_search(shown, grid, grid.index(epsilon), count)
        draw_attack(shown, curves, index, count)
    states = pixel_states(certificate, float(curves.epsilons[index]), curves.allocation[index], count)
    attack = known_attack(shown, count, float(curves.epsilons[index]))
    editable = requested.grid == certificate.settings.grid
    planned = requested if editable else certificate.settings
    group = _picked_region(certificate.regions.count)
    view = View(certificate, states, curves.allocation[index], planned, editable, group, attack)
    with_wrong = count == "correct" and certificate.reference is not None
    with st.container(gap=None):
        if "certified" in names:
            st.html(counted_strip(states, curves.outputs, dark=current_theme().dark, with_wrong=with_wrong))
        event = _draw_viewer(names, view, screen.file_name)
    if attack is not None:
        st.html(attack_html(attack, curves, attacked_noun(certificate, count)))
    draw_picture_game(certificate, curves, index, count, attack)
    if event is not None:
        _draw_story(shown, event, states, curves, index)
        if event.region is not None and editable:
            draw_region_editor(requested, event.region)
    draw_picture_repeats(shown, curves, index, count)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _draw_curve(shown, curves, index, count)
    with right:
        st.html(legend_html(states, curves.outputs, dark=current_theme().dark, with_wrong=with_wrong))


def _draw_count(shown: Shown) -> Count:
    """What is counted; without a reference there is no choice."""
    if shown.certificate.reference is None:
        return "all"
    words = {"correct": "correct pixels", "all": "all pixels"}
    chosen = linked(
        st.segmented_control,
        "Count",
        list(words),
        key="image_count",
        format_func=words.__getitem__,
        default="correct",
        required=True,
        label_visibility="collapsed",
    )
    return "all" if chosen == "all" else "correct"


def _draw_panel_choice() -> tuple[str, ...]:
    """Names of the pictures to show; never none."""
    names = linked(
        st.pills,
        "Pictures",
        PANELS,
        format_func=PANEL_WORDS.__getitem__,
        selection_mode="multi",
        default=FIRST_PANELS,
        key="image_panels",
        label_visibility="collapsed",
        width="content",
        wrap=True,
    )
    return tuple(names) or ("certified",)


def _draw_viewer(names: tuple[str, ...], view: View, file_name: str) -> ViewerEvent | None:
    if PANEL in names and view.attack is None and not attack_under_way():
        st.caption("Nothing has been attacked within this budget yet: press **Attack it**.")
    return image_viewer(
        build_panels(names, view) or build_panels(("certified",), view),
        key=VIEWER,
        regions=viewer_regions(view.certificate),
        values=readout(view.certificate, view.states, view.attack),
        height=460,
        file_name=file_name,
        on_click=_remember_pixel,
        on_ring=remember_ring,
    )


def _picked_region(count: int) -> int | None:
    """The region somebody picked, if this certificate has so many."""
    earlier = st.session_state.get("picked_pixel")
    region = earlier.region if isinstance(earlier, ViewerEvent) else None
    return region if region is not None and region < count else None


def _remember_pixel(event: ViewerEvent | None) -> None:
    st.session_state["picked_pixel"] = event


def _draw_curve(shown: Shown, curves: CurveSet, index: int, count: Count) -> None:
    certificate = shown.certificate
    what = axis_name(certificate, count)
    theme = current_theme()
    chart = curve_chart(curves, index, theme, what=what, norm=certificate.noise.norm)
    draw_figure(
        chart_figure(chart, theme),
        key="curve_plot",
        alt=f"{what} against the budget, for four methods; all fall with the budget.",
    )


def _draw_story(shown: Shown, event: ViewerEvent, states: StateMap, curves: CurveSet, index: int) -> None:
    """The picked pixel: votes, bound, threshold, and why it is or is not certified."""
    story = tell_story(
        shown.certificate,
        (event.row, event.column),
        states,
        float(curves.epsilons[index]),
        curves.allocation[index],
    )
    reference = f", reference {escape(story.reference)}" if story.reference else ""
    votes = ", ".join(f"{name} {count}" for name, count in story.votes[:4])
    with st.container(border=True, key="pixel_story"):
        st.markdown(
            f"**Pixel row {story.row}, column {story.column}** in region {story.region}: "
            f"labelled **{story.label}**{reference}. On the map: {story.state}.  \n{story.verdict}"
        )
        st.html(render("chain", chain=story.chain))
        facts = (
            ("pilot votes", votes),
            ("agreements", f"{story.agreements:,} of {story.trials:,}"),
            ("bound on p", f"{story.bound:.4f}"),
            ("threshold", f"{story.threshold:.3f}"),
            ("cost of the worst attack found", f"{story.spent:.3f}"),
            ("own radius", f"{story.radius:.4f}"),
        )
        st.html(render("facts", facts=[(name, value, False) for name, value in facts]))
