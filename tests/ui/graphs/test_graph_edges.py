"""Edges under attack on the graph page: four budgets, any two of them as a plane, lines between clusters."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from lrscore.errors import InputError, SettingsError
from tests.ui import page_support
from tests.ui.graphs.toy_certificate import SETTINGS, toy_certificate
from tests.ui.page_support import checked, html, proven
from ui.components.graph_view import ClusterLayer, ClusterLink
from ui.graphs.counting import COUNT_WORDS
from ui.graphs.export import all_budgets, plane_csv
from ui.graphs.kinds import chosen_view
from ui.graphs.override import EDGES as PAIRS
from ui.graphs.override import levels_of, parse_levels, with_edits, write_levels
from ui.graphs.picture import attack_links, attack_words, build_drawing
from ui.graphs.plane import PlaneView, compute_plane, compute_relaxations, proven_at, with_budgets
from ui.graphs.request import DEFAULTS, parse_edges, request_from, values_of, write_edges
from ui.graphs.states import node_states
from ui.graphs.story import tell_node_story
from ui.graphs.words import claim_html

FLIPS = ((0.05, 0.2), (0.3, 0.6))
EDGES = replace(SETTINGS, flip_edges=FLIPS)


@pytest.fixture
def edge_gallery(graph_gallery: Path) -> Path:
    """The village's place in the gallery holds a certificate with flips of edges."""
    toy_certificate(EDGES).save(graph_gallery / "village.nc")
    return graph_gallery


open_page = partial(page_support.open_page, "graph")


@pytest.mark.parametrize("view", [PlaneView((2, 3), (0, 0, 0, 0)), PlaneView((0, 3), (0, 1, 1, 0))])
def test_a_plane_spreads_out_any_two_budgets_and_holds_the_others(view: PlaneView):
    certificate = toy_certificate(EDGES)
    plane = compute_plane(certificate, "all", boxes=50, view=view)
    budgets = np.tile(np.array(view.held, dtype=float), (plane.proven.size, 1))
    budgets[:, list(view.kinds)] = all_budgets(plane)
    proven_there = certificate.collective(budgets, "exact").certified
    alone = [int(certificate.certified_mask(*row).sum()) for row in budgets.astype(int).tolist()]
    assert (plane.proven.ravel() == np.maximum(proven_there, alone)).all()
    assert len(np.unique(plane.proven)) > 1
    point = (1, 1)
    units = plane.units(point)
    assert len(units) == 4
    assert [units[kind] for kind in view.kinds] == list(plane.budgets(point))
    assert all(units[kind] == view.held[kind] for kind in range(4) if kind not in view.kinds)
    assert proven_at(certificate, "all", 50, units) == plane.proven[point]
    spent = plane.allocation[point]
    assert spent.shape == (4, 3)
    assert (spent.sum(axis=1) <= units).all()
    more = with_budgets(plane, (0, 50), certificate, "all", boxes=3)
    assert more.view == view
    assert more.proven[0, -1] <= plane.proven[0, 0]
    weaker = compute_relaxations(certificate, "all", all_budgets(plane), view)
    assert (weaker.envelope <= plane.ceiling.ravel()).all()
    names = plane_csv(plane, weaker).splitlines()[0].split(",")[:2]
    assert names == [certificate.budget_kinds[kind] for kind in view.kinds]


def test_without_flips_of_edges_nothing_changes():
    certificate = toy_certificate()
    plane = compute_plane(certificate, "all", boxes=3)
    assert chosen_view(certificate) == plane.view == PlaneView()
    assert plane.units((1, 2)) == plane.budgets((1, 2))
    assert plane.allocation.shape[2:] == (2, 2)
    assert "Edges stay as they are." in claim_html(certificate, plane, (1, 1), "all")
    assert attack_links(certificate, plane.allocation[1, 1]) == ()


def test_the_claim_the_story_and_the_states_know_the_edges():
    certificate = toy_certificate(EDGES)
    plane = compute_plane(certificate, "all", boxes=50, view=PlaneView((2, 3), (0, 2, 0, 0)))
    point = (1, 1)
    units, allocation = plane.units(point), plane.allocation[point]
    claim = claim_html(certificate, plane, point, "all")
    assert (
        "adds at most 0 and deletes at most 2 attributes, and adds at most 1 and deletes at most 1 edge"
        in claim
    )
    assert "Edges stay" not in claim
    states = node_states(certificate, units, allocation, "all")
    spared = certificate.spared(allocation)
    story = tell_node_story(certificate, 0, states, units, allocation)
    assert "1 edge addition" in " ".join(story.chain) + story.verdict
    assert len(story.radii) == 4
    assert states.nodes[0] + states.nodes[1] >= int((spared & ~certificate.abstained).sum())


def test_the_worst_attack_is_drawn_as_lines_between_clusters():
    certificate = toy_certificate(EDGES)
    allocation = np.array([[1.0, 0, 0], [0, 2, 0], [0, 1, 2], [0, 0, 1]])
    assert attack_words(allocation[:, :2]) == ("+1", "−2, edges +1")
    links = attack_links(certificate, allocation)
    assert links == (ClusterLink(0, 1, 3 / 7, "+2 −1"),)
    states = node_states(certificate, (1, 2, 3, 1), allocation, "all")
    drawing = build_drawing(certificate, states, allocation, certificate.display.positions, None)
    assert drawing.clusters.layers[0].links == links
    with pytest.raises(InputError, match="links must join clusters"):
        ClusterLayer("x", np.zeros((2, 4), dtype=np.uint8), links=(ClusterLink(0, 2, 0.5),))


def test_flips_of_edges_go_through_the_link():
    assert parse_edges("") is None
    assert parse_edges(write_edges(FLIPS)) == FLIPS
    assert request_from({**DEFAULTS, **values_of(EDGES)}).settings == EDGES
    for text in ("0.1:0.2", "a:b c:d", "0.1 0.2", "0.1:0.2 0.3:0.4:0.5", "1:2 3"):
        with pytest.raises(SettingsError, match="NEAR:FAR"):
            parse_edges(text)


def test_levels_of_edges_are_edited_pair_by_pair():
    levels = np.array([np.full((2, 3), 0.05), np.full((2, 3), 0.6)])
    changed = with_edits(levels, 1, {1: {"edges 0–1": "0,75"}}, PAIRS)
    assert changed[1, 1].tolist() == [0.6, 0.6, 0.75]
    assert changed[0].tolist() == levels[0].tolist()
    text = write_levels(changed)
    settings = request_from({**DEFAULTS, **values_of(EDGES), "edge_levels": text}).settings
    assert settings.edge_noise(np.array([[0, 1], [1, 0]])).to_zero[1, 2] == pytest.approx(0.75)
    assert PAIRS.columns(2) == ["edges 0–0", "edges 1–1", "edges 0–1"]
    with pytest.raises(SettingsError, match="cluster 0 edges 1–1 must be a probability"):
        with_edits(levels, 0, {0: {"edges 1–1": "2"}}, PAIRS)
    for text in ("0.1,0.2|0.1,0.2", "0.1|0.1|0.1", "0.1;0.2|0.1;0.2", "|", "0.1" + ";0.1" * 70 + "|0.1"):
        with pytest.raises(SettingsError, match=r"a column for each pair of clusters|no number"):
            parse_levels(text, PAIRS)


def test_the_page_takes_levels_of_edges_from_its_tables(edge_gallery: Path):
    page = open_page()
    assert levels_of(EDGES, np.array([[0, 1], [1, 0]]), PAIRS).shape == (2, 2, 3)
    assert "Chance that an edge is lost" in {caption.value for caption in page.caption}
    text = "0.05,0.05,0.2;0.05,0.05,0.1|0.3,0.3,0.6;0.3,0.3,0.9"
    checked(page.text_input(key="graph_edge_levels").set_value(text).run())
    assert "edited levels of edges" in page.info[0].value
    checked(page.button(key="graph_edge_levels_reset").click().run())
    assert page.text_input(key="graph_edge_levels").value == ""


def test_the_page_has_two_more_sliders_and_any_plane(edge_gallery: Path):
    page = open_page(additions="0", deletions="1", count=COUNT_WORDS["all"])
    assert {slider.key for slider in page.slider} >= {"graph_edge_additions", "graph_edge_deletions"}
    before = proven(page)
    checked(page.slider(key="graph_edge_additions").set_value(2).run())
    assert proven(page) <= before
    assert "adds at most 2 and deletes at most 0 edges" in html(page)
    checked(page.selectbox(key="graph_plane").set_value("edge_additions,edge_deletions").run())
    assert "edge deletions" in page.get("plotly_chart")[0].proto.spec
    assert page.slider(key="graph_edge_additions").value == 2
    assert "Edges stay as they are" not in html(page)


def test_a_page_without_flips_of_edges_has_no_such_control(graph_gallery: Path):
    page = open_page()
    assert not {slider.key for slider in page.slider} & {"graph_edge_additions", "graph_edge_deletions"}
    assert "graph_edge_levels" not in {field.key for field in page.text_input}
    assert "graph_plane" not in {box.key for box in page.selectbox}
