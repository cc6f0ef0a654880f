"""States, story, words, picture, layout, edited levels, exports, sources and uploads of the graph page."""

from __future__ import annotations

import argparse
import csv
import io
import shlex
from dataclasses import replace

import numpy as np
import pytest

from lrscore.cli.certify_graph import add_options, graph_settings
from lrscore.errors import SettingsError
from lrscore.graphs.settings import GraphSettings
from tests.ui.graphs.toy_certificate import NODES, SETTINGS, toy_beginning, toy_certificate
from ui.graphs.export import all_budgets, command_files, graph_command, plane_csv
from ui.graphs.layout import force_layout
from ui.graphs.on_screen import choose_settings
from ui.graphs.override import parse_levels, with_edits, write_levels
from ui.graphs.picture import attack_words, build_drawing, label_values, node_styles
from ui.graphs.plane import compute_plane, compute_relaxations
from ui.graphs.request import DEFAULTS, request_from, values_of
from ui.graphs.states import node_states
from ui.graphs.story import tell_node_story
from ui.graphs.upload import GraphUploadError, read_graph_upload
from ui.graphs.words import claim_html, facts_html
from ui.style.palette import ABSTAINED, CERTIFIED, COLLECTIVE, UNCERTIFIED, WRONG


def plane_and_point(count: str = "all"):
    certificate = toy_certificate()
    plane = compute_plane(certificate, count, boxes=100)  # type: ignore[arg-type]
    return certificate, plane, (0, 2)


@pytest.mark.parametrize("count", ["all", "correct", "unseen"])
def test_states_agree_with_the_proven_number_and_cover_all_candidates(count):
    certificate, plane, point = plane_and_point(count)
    states = node_states(certificate, plane.budgets(point), plane.allocation[point], count)
    assert sum(states.nodes) == plane.outputs
    standing = states.count(CERTIFIED) + states.count(COLLECTIVE)
    assert standing >= plane.proven[point], "the attack shown can not do more than is excluded"
    assert (states.count(WRONG) == 0) == (count == "all")
    assert states.count(ABSTAINED) > 0


def test_an_attribute_that_shows_itself_takes_down_whoever_sees_it_well_enough():
    """Zeros stay zero: a one says that it was added. It is seen with chance 0.7 nearby and 0.3 far away."""
    certificate = toy_certificate(replace(SETTINGS, flip_to_one=(0.0, 0.0)))
    spent = np.array([[0.0, 0.0], [1.0, 0.0]])
    assert certificate.spared(spent).any()
    spent = np.array([[1.0, 0.0], [0.0, 0.0]])
    spared = certificate.spared(spent)
    assert not spared[certificate.clusters == 0].any()
    enough = certificate.probabilities > 0.5 / 0.7
    assert np.array_equal(spared[certificate.clusters == 1], enough[certificate.clusters == 1])


def test_stories_say_why():
    certificate, plane, point = plane_and_point()
    budgets, allocation = plane.budgets(point), plane.allocation[point]
    states = node_states(certificate, budgets, allocation, "all")
    expected = {
        CERTIFIED: "Its label is certified by itself",
        UNCERTIFIED: "Not certified:",
        ABSTAINED: "It abstains",
    }
    for style, words in expected.items():
        for node in np.flatnonzero(states.numbers == style_number(style)):
            story = tell_node_story(certificate, int(node), states, budgets, allocation)
            assert story.verdict.startswith(words)
            assert story.state == style.name
    story = tell_node_story(certificate, 0, states, budgets, allocation)
    assert [name for name, _ in story.neighbours] == ["villager 1", "villager 23"]
    assert story.trained
    assert story.attributes == ("habit 0", "habit 1", "habit 2", "habit 3")
    assert tell_node_story(certificate, 5, states, budgets, allocation).reference is None


def test_a_wrong_node_is_wrong_in_its_story():
    certificate = toy_certificate()
    wrong = certificate.with_reference(np.where(certificate.reference >= 0, 1 - certificate.labels, -1))
    nothing = np.zeros((2, 2))
    states = node_states(wrong, (0, 0), nothing, "correct")
    node = int(np.flatnonzero(states.numbers == style_number(WRONG))[0])
    story = tell_node_story(wrong, node, states, (0, 0), nothing)
    assert story.state == WRONG.name
    assert story.verdict.startswith("Wrong, and provably stays wrong.")
    hidden = tell_node_story(wrong, 5, states, (0, 0), nothing)
    assert hidden.state == "not counted"
    assert hidden.verdict.startswith("Not counted here.")


def style_number(style) -> int:
    from ui.style.palette import STATES

    return STATES.index(style)


def test_the_claim_counts_and_names_both_budgets():
    certificate, plane, point = plane_and_point("unseen")
    text = claim_html(certificate, plane, point, "unseen")
    assert f"{plane.proven[point]} of {plane.outputs}" in text
    assert "adds at most 0 and deletes at most 2 attributes" in text
    assert "Proven: at least" in text
    facts = facts_html(certificate, plane, point)
    for name in ("confidence", "samples per cluster", "correction", "ceiling", "gap", "abstained"):
        assert f">{name}</span></dt>" in facts, "with its definition"


def test_a_cluster_that_waits_has_no_label_and_is_not_claimed():
    certificate = toy_beginning()
    plane, waits = compute_plane(certificate, "all", boxes=3), certificate.clusters == 1
    states = node_states(certificate, (0, 0), plane.allocation[0, 0], "all")
    assert 0 < plane.proven[0, 0] <= (~waits).sum()
    assert (states.numbers[waits] == style_number(ABSTAINED)).all()
    assert certificate.display.positions is not None
    drawing = build_drawing(certificate, states, plane.allocation[0, 0], certificate.display.positions, 0)
    smoothed = next(part for part in drawing.colourings if part.name == "smoothed label")
    assert (smoothed.numbers[waits] == 255).all()
    assert np.array_equal(smoothed.numbers[~waits], certificate.labels[~waits])
    label = next(part for part in drawing.values if part.name == "label")
    assert {label.names[number] for number in label.values[waits]} == {"not sampled yet"}
    assert label_values(certificate, "pinned: label").name == "pinned: label"
    assert not certificate.correct()[waits].any(), "their label 0 means nothing"
    assert ">clusters so far</span></dt><dd>1 of 2</dd>" in facts_html(certificate, plane, (0, 0))
    assert "1,000" in facts_html(certificate, plane, (0, 0))
    story = tell_node_story(certificate, 12, states, (0, 0), plane.allocation[0, 0])
    assert story.label == "not sampled yet"
    assert "nothing is claimed" in story.verdict
    assert ("villager 11", "blue") in story.neighbours
    assert ("villager 13", "not sampled yet") in story.neighbours


def test_published_holm_levels_are_no_certificate():
    certificate = toy_certificate(replace(SETTINGS, correction="paper-holm"))
    plane = compute_plane(certificate, "all", boxes=3)
    assert "NOT a certificate" in claim_html(certificate, plane, (0, 0), "all")
    assert "<dd>none</dd>" in facts_html(certificate, plane, (0, 0))


def test_the_drawing_holds_every_colouring_and_the_attack():
    certificate, plane, point = plane_and_point()
    states = node_states(certificate, plane.budgets(point), plane.allocation[point], "all")
    assert certificate.display.positions is not None
    drawing = build_drawing(certificate, states, plane.allocation[point], certificate.display.positions, 1)
    assert [part.name for part in drawing.colourings] == [
        "certificate",
        "smoothed label",
        "true class",
        "pilot votes",
        "proven bound",
    ]
    assert drawing.clusters is not None
    assert drawing.clusters.layers[0].labels == attack_words(plane.allocation[point])
    assert attack_words(np.array([[1.0, 0.0], [2.0, 0.0]])) == ("+1 −2", "")
    assert len({(style.light, style.pattern) for style in node_styles(tuple("abcdefghijklmnop"))}) == 16


def test_the_layout_is_the_same_whatever_happened_before():
    import random

    edges = toy_certificate().edges
    first = force_layout(edges, NODES)
    random.random()
    assert np.array_equal(first, force_layout(edges[:, ::-1], NODES))
    assert first.shape == (NODES, 2)
    assert np.abs(first).max() == pytest.approx(1)


def test_edited_levels_survive_the_link():
    levels = np.array([[[0.01, 0.02], [0.03, 0.04]], [[0.1, 0.9], [0.8, 0.2]]])
    assert np.allclose(parse_levels(write_levels(levels)), levels)
    changed = with_edits(levels, 1, {0: {"to 1": 0.5}})
    assert changed[1, 0, 1] == 0.5
    assert np.array_equal(changed[0], levels[0])
    assert parse_levels("") is None


@pytest.mark.parametrize("typed", ["-3", "abc", "1e9", "", None, "nan", "1"])
def test_what_is_no_probability_is_refused_with_a_sentence(typed: object):
    with pytest.raises(SettingsError, match=r"cluster 0 to 1 must be a probability in \[0, 1\)"):
        with_edits(np.full((2, 2, 2), 0.1), 1, {0: {"to 1": typed}})


@pytest.mark.parametrize("text", ["x", "0.1|0.1|0.1", "0.1,0.2|0.1,0.2", "0.1;0.2,0.3|0.1", "1" * 20_001])
def test_malformed_levels_are_refused(text: str):
    with pytest.raises(SettingsError, match="edited noise levels"):
        parse_levels(text)


@pytest.mark.parametrize("value", [None, -0.1, 1.0, float("nan")])
def test_a_level_that_is_no_probability_is_refused(value):
    with pytest.raises(SettingsError, match="cluster 0 to 1"):
        with_edits(np.zeros((2, 2, 2)), 0, {0: {"to 1": value}})


def test_controls_ask_for_the_settings_they_were_given():
    assert request_from({**DEFAULTS, **values_of(SETTINGS, 3)}).settings == SETTINGS
    assert request_from(DEFAULTS).settings == GraphSettings(scores="votes")


def test_alpha_is_read_off_the_same_counts_and_noise_is_not():
    certificate = toy_certificate()
    assert choose_settings(certificate, replace(SETTINGS, alpha=0.1)).alpha == 0.1
    assert choose_settings(certificate, replace(SETTINGS, alpha=0.1, clusters=3)) == SETTINGS
    assert choose_settings(certificate, replace(SETTINGS, correction="mixture")) == SETTINGS


def test_the_table_has_one_row_per_pair():
    certificate, plane, _ = plane_and_point()
    weaker = compute_relaxations(certificate, "all", all_budgets(plane))
    rows = list(csv.DictReader(io.StringIO(plane_csv(plane, weaker))))
    assert len(rows) == plane.proven.size
    assert [int(row["proven"]) for row in rows] == plane.proven.ravel().tolist()
    assert rows[1]["deletions"] == str(plane.deletions[1])


@pytest.mark.parametrize(
    "changes",
    [
        {"alpha": 0.05},
        {"flip_to_zero": (0.1234567891, 2 / 3), "falloff": 0.25},
        {"levels": (((0.1, 1 / 3),) * 2, ((0.7, 0.123456789),) * 2)},
        {"partition": tuple(range(NODES)), "scores": "soft", "margins": True, "bins": 64},
        {"scores": "votes", "orders": (2.0, float("inf")), "correction": "count-level", "tolerated": 3},
    ],
)
def test_the_command_and_its_files_ask_for_the_same_settings(changes, tmp_path, monkeypatch):
    settings = replace(SETTINGS, **changes)
    for name, content in command_files(settings).items():
        (tmp_path / name).write_text(content)
    monkeypatch.chdir(tmp_path)
    words = shlex.split(graph_command(replace(toy_certificate(), settings=settings)))
    assert words[:5] == ["python", "-m", "lrscore", "certify", "graph"]
    parser = argparse.ArgumentParser()
    add_options(parser)
    options = parser.parse_args(words[5:])
    assert options.source == "village"
    assert replace(graph_settings(options), batch_size=None) == settings


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("notes.txt", b"", "expected a file ending in"),
        ("graph.npz", b"no archive", "can not be used"),
        ("graph.graphml", b"<not xml", "can not be used"),
        ("large.npz", bytes(25 * 2**20 + 1), "at most 25 MB"),
    ],
)
def test_unusable_uploads_are_one_sentence(name: str, content: bytes, words: str):
    with pytest.raises(GraphUploadError, match=words):
        read_graph_upload(content, name)


def test_graphs_and_models_on_offer_are_those_that_the_registry_loads(monkeypatch: pytest.MonkeyPatch):
    from models.graphs.download import DOWNLOADS
    from models.graphs.registry import available_graphs, available_models
    from ui.graphs.sources import model_inputs
    from ui.library.bundled_graphs import graph_titles

    monkeypatch.delenv("LRS_DATA_ROOT", raising=False)
    assert set(graph_titles()) == set(available_graphs()) - set(DOWNLOADS)
    assert set(model_inputs()) == set(available_models())
