"""Attack the smoothed model of a graph on request, show what changed, and say it beside what is certified."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from markupsafe import Markup

from lrscore.graphs.certificate import GraphCertificate
from ui.components.graph_view import NodeStyles
from ui.components.graph_view.drawing import NO_STYLE
from ui.graphs.attack.work import GraphAttackStore, attack_model, attack_work
from ui.graphs.counting import Count, targets
from ui.graphs.on_screen import ShownGraph
from ui.graphs.plane import Plane, Point
from ui.graphs.sources import graph_shelf, source_of_certificate
from ui.running.page_job import PageJob
from ui.style.palette import COLLECTIVE, Style
from ui.style.templates import render
from ui.style.words import confidence, counted
from ui.widgets.downloads import download

if TYPE_CHECKING:
    from lrscore.graphs.attack import GraphAttack

ATTACK = PageJob("graph_attack", unit="noisy graphs", linked=False, quiet=True)
CHANGED = Style("label changed", "#b3126f", "#f07ac0", "cross", "#4d0430", "#5c1040")
SURVIVED = Style("not shown to change", COLLECTIVE.light, COLLECTIVE.dark)


@st.cache_resource(max_entries=1, show_spinner=False)
def attack_store() -> GraphAttackStore:
    """What has been found, for all certificates on screen lately."""
    return GraphAttackStore()


def known_attack(shown: ShownGraph, count: Count, budgets: tuple[int, ...]) -> GraphAttack | None:
    """The strongest attack found so far within the budgets."""
    return attack_store().best(_key(shown, count), budgets)


def draw_attack_button(shown: ShownGraph, budgets: tuple[int, ...], count: Count) -> None:
    """A button, or the progress of the attack it started."""
    if ATTACK.under_way():
        return
    model = attack_model(shown.certificate)
    whole = source_of_certificate(shown.certificate) is not None
    if model is None:
        words = "This certificate was made with a network that is not among those at hand."
    elif not whole:
        words = "The certificate's file does not tell all of its graph."
    else:
        words = (
            f"Search for {'attributes' if len(budgets) == 2 else 'attributes and edges'} to add and delete within "
            "these budgets that flip many labels of the smoothed model, and judge them on fresh noisy graphs. It shows "
            "what one adversary achieves; the certificate bounds them all."
        )
    st.button(
        "Attack it",
        key="attack_graph",
        icon=":material/bolt:",
        type="tertiary",
        disabled=model is None or not whole or sum(budgets) == 0,
        help=words,
        on_click=_start,
        args=(shown, model, budgets, count),
    )


def attack_colours(attack: GraphAttack) -> NodeStyles:
    """Which nodes the attack has changed."""
    fate = np.where(attack.changed, 0, np.where(attack.attacked, 1, NO_STYLE)).astype(np.uint8)
    return NodeStyles("attack carried out", fate, (CHANGED, SURVIVED), rest="not counted")


def attack_html(attack: GraphAttack, plane: Plane, point: Point) -> Markup:
    """What the attack did, beside what the certificate allows within the budgets on screen."""
    from lrscore.graphs.attack import GraphAttackSettings

    effort, certified = GraphAttackSettings(0, 0), int(plane.proven[point])
    return render(
        "graph_attack",
        made=changes_made(attack.changes),
        changed=counted(int(attack.changed.sum()), "label"),
        asked=f"{int(attack.attacked.sum()):,}",
        survived=f"{attack.surviving:,}",
        certified=f"{certified:,}",
        contradicts=certified > attack.surviving,
        samples=(effort.pilot_samples, effort.samples),
        confidence=confidence(effort.error),
    )


def changes_made(changes: tuple[int, ...]) -> str:
    """What an attack did: attributes, and edges where it changed some."""
    added, deleted, *edges = changes
    words = f"adds {added:,} and deletes {counted(deleted, 'attribute')}"
    if any(edges):
        words += f", adds {edges[0]:,} and deletes {counted(edges[1], 'edge')}"
    return words


def draw_attack_result(
    certificate: GraphCertificate, attack: GraphAttack, plane: Plane, point: Point
) -> None:
    """The numbers, and every change made."""
    st.html(attack_html(attack, plane, point))
    with st.expander("What the attack changes"):
        st.dataframe(change_rows(certificate, attack), hide_index=True, height=220, width="stretch")
        download(
            "Changes as CSV",
            attack.to_csv,
            "attacked.csv",
            key="attacked_csv",
            wide=False,
            icon=":material/download:",
        )


def change_rows(certificate: GraphCertificate, attack: GraphAttack) -> dict[str, list[str]]:
    """Columns of the table of changes: node, its attribute (or who it is joined with), what happens; names where they
    are known."""
    nodes, attributes = certificate.display.node_names, certificate.display.attribute_names

    def node(number: int) -> str:
        return nodes[number] if nodes else f"node {number}"

    def attribute(number: int) -> str:
        return attributes[number] if attributes else f"attribute {number}"

    rows = [(node(one), attribute(other), "added") for one, other in attack.added.tolist()]
    rows += [(node(one), attribute(other), "deleted") for one, other in attack.deleted.tolist()]
    rows += [(node(one), node(other), "edge added") for one, other in attack.edges_added.tolist()]
    rows += [(node(one), node(other), "edge deleted") for one, other in attack.edges_deleted.tolist()]
    names = "node", "attribute or neighbour" if any(attack.changes[2:]) else "attribute", "change"
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def _start(shown: ShownGraph, model: str, budgets: tuple[int, ...], count: Count) -> None:
    from lrscore.graphs.attack import GraphAttackSettings

    keep = partial(attack_store().add, _key(shown, count))
    chosen = targets(shown.certificate, count)
    settings = GraphAttackSettings(*budgets)
    ATTACK.start(attack_work(shown.certificate, model, settings, chosen, graph_shelf(), keep), "Attack")


def _key(shown: ShownGraph, count: Count) -> tuple[object, ...]:
    return shown.key, shown.certificate.settings, count
