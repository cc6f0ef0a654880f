"""Graph certificates on the shelves: numbers, picture, the graph read back out of a file."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lrscore.graphs.certificate import UNKNOWN
from lrscore.graphs.input import GraphInput
from lrscore.graphs.settings import GraphSettings
from tests.ui.graphs.test_graph_page_controls import open_page
from tests.ui.graphs.toy_certificate import NODES, SETTINGS, WIDTH, toy_certificate
from tests.ui.page_support import checked, html, proven
from tests.ui.pages.test_library_pages import open_page as open_inside_shell
from ui.browse.graph_summary import BUDGET, graph_numbers
from ui.components.graph_view.drawing import PLAIN
from ui.graphs.counting import candidates, targets
from ui.graphs.sources import source_of_certificate
from ui.graphs.thumbnail import graph_picture
from ui.graphs.words import settings_line
from ui.style.palette import CERTIFIED, STATES, WRONG, parse_colour


@pytest.fixture
def own_runs(graph_gallery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of this browser's runs with one certificate of one cluster, and no bundled scenes."""
    monkeypatch.setattr("ui.library.opened.owner_token", lambda: "me")
    monkeypatch.setenv("LRS_GALLERY", str(tmp_path / "none"))
    folder = tmp_path / "library" / "me"
    folder.mkdir(parents=True)
    toy_certificate(replace(SETTINGS, samples=400, flip_to_zero=(0.2, 0.5))).save(folder / "mine.nc")
    return folder


def test_numbers_are_the_envelopes_at_the_cards_budget():
    certificate = toy_certificate()
    found = graph_numbers(certificate, "file")
    counted = targets(certificate, "unseen")
    expected = certificate.collective(np.array([BUDGET], dtype=float), "envelope", counted)
    assert found.certified == expected.certified[0]
    assert found.outputs == candidates(certificate, "unseen").sum()
    assert found.title == "Village (invented)"
    assert (
        settings_line(certificate)
        == "2 clusters · adds 0.02 to 0.1, deletes 0.3 to 0.7 · votes · 1,000 samples · bonferroni"
    )
    deletions = np.arange(1, certificate.largest_budgets()[1] + 1)
    curve = certificate.collective(
        np.stack([0 * deletions, deletions], axis=1).astype(float), "envelope", counted
    )
    assert found.deletions == pytest.approx(curve.certified.sum() / found.outputs)


def test_the_picture_paints_states_and_leaves_others_grey():
    positions = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 1.0]])
    numbers = np.array([STATES.index(CERTIFIED), STATES.index(WRONG), 255])
    picture = graph_picture(positions, np.array([[0, 1], [1, 2]]), numbers, STATES, size=(300, 200))
    assert picture.shape == (200, 300, 3)
    colours = {tuple(colour) for colour in picture.reshape(-1, 3).tolist()}
    assert {parse_colour(CERTIFIED.light), parse_colour(WRONG.light), parse_colour(PLAIN[0])} <= colours


@pytest.mark.parametrize("named", [True, False])
def test_a_graph_is_read_back_out_of_its_certificate(named: bool):
    certificate = toy_certificate()
    if not named:  # as of an upload without names: the model says how wide the attributes are
        display = replace(certificate.display, attribute_names=(), node_names=(), positions=None)
        certificate = replace(certificate, display=display, reference=None)
    source = source_of_certificate(certificate)
    assert source is not None
    assert source.shape == (NODES, WIDTH)
    data = source.load()
    given = GraphInput.read(data)
    assert np.array_equal(given.edges, np.unique(certificate.edges, axis=1))
    assert np.array_equal(np.stack([given.rows, given.columns]), certificate.display.ones)
    assert data.pos.shape == (NODES, 2)
    assert named or (data.y.numpy() == UNKNOWN).all()


def test_without_attributes_or_width_there_is_no_graph_to_run():
    certificate = toy_certificate()
    assert source_of_certificate(toy_certificate(named=False)) is None
    display = replace(certificate.display, attribute_names=())
    unknown = replace(certificate, display=display, provenance={"model": "somebody's"})
    assert source_of_certificate(unknown) is None


def test_browse_shows_graphs_and_filters_by_kind(own_runs: Path):
    page = open_inside_shell("browse")
    text = html(page)
    assert text.count("Village (invented)</b>") == 2
    assert "certified at 1 addition and 1 deletion" in text
    assert "states of the nodes" in text
    assert "400 samples" in text
    pills = {group.label: group for group in page.button_group}
    pills["Kind"].set_value(["image"]).run()
    assert "0 of 2 certificates" in page.caption[-1].value
    page = open_inside_shell("browse", find="400 samples")
    page.button(key="delete_own:mine").click().run()
    assert not (own_runs / "mine.nc").exists()
    page.button(key="undo").click().run()
    assert (own_runs / "mine.nc").exists()


def test_a_stored_file_opens_with_its_own_settings(own_runs: Path):
    page = open_page(stored="own:mine")
    assert "50 pilot + 400" in html(page)
    assert page.slider(key="graph_to_zero").value == (0.2, 0.5)
    assert not page.info, "the controls ask for what the file answers"
    checked(page.slider(key="graph_clusters").set_value(3).run())
    assert "clusters" in page.info[0].value
    again = open_page(stored="own:mine", clusters="3")
    assert again.slider(key="graph_clusters").value == 3, "the rest of the link wins"


def test_a_file_that_is_gone_is_said_and_the_page_stays_certified(own_runs: Path):
    page = open_page(stored="own:gone")
    assert "own:gone is not here" in page.error[0].value
    assert proven(page) > 0


def test_another_graph_leaves_the_opened_file(own_runs: Path, monkeypatch: pytest.MonkeyPatch):
    page = open_page(stored="own:mine")
    checked(page.selectbox(key="graph_name").select("upload").run())
    assert "graph_stored" not in page.query_params
    assert not re.findall("lrs-claim", html(page))
    checked(page.selectbox(key="graph_name").select("village").run())
    assert "50 pilot + 1,000" in html(page)
    assert page.slider(key="graph_to_zero").value == (0.3, 0.7), "the controls follow the stored certificate"
    assert not page.info


@pytest.mark.parametrize("known", ["", "village"])
def test_an_upload_leaves_what_was_chosen(own_runs: Path, known: str):
    """Whether the file is a graph at hand, whose settings are adopted, or nobody's."""
    page = open_page(name="Your own graph …", clusters="7", samples="200")
    uploaded(page, known)
    assert page.slider(key="graph_clusters").value == 7
    assert page.select_slider(key="graph_samples").value == 200
    adopted = (0.3, 0.7) if known else GraphSettings().flip_to_zero
    assert page.slider(key="graph_to_zero").value == adopted
    page.query_params["graph_to_zero"] = ["0.1", "0.4"]  # as the browser writes it
    checked(page.slider(key="graph_to_zero").set_value((0.1, 0.4)).run())
    uploaded(page, known)
    assert page.slider(key="graph_to_zero").value == (0.1, 0.4)
    assert page.slider(key="graph_clusters").value == 7


def test_what_came_with_another_upload_is_nobodys_choice(own_runs: Path):
    page = open_page(name="Your own graph …", seed="3")
    uploaded(page, "village")
    assert page.slider(key="graph_to_zero").value == (0.3, 0.7)
    assert page.select_slider(key="graph_pilot").value == 50
    uploaded(page, "")
    assert page.slider(key="graph_to_zero").value == GraphSettings().flip_to_zero
    assert page.select_slider(key="graph_pilot").value == GraphSettings().pilot_samples
    assert page.number_input(key="graph_seed").value == 3


def uploaded(page: AppTest, known: str) -> None:
    """What the uploader leaves when a file has been read: the name of the graph that it equals, or nothing."""
    page.session_state["uploaded_graph"] = known
    checked(page.run())


def test_pinning_compares_and_unpinning_ends_it(own_runs: Path):
    page = open_page()
    checked(page.button(key="pin").click().run())
    assert page.query_params["graph_pinned"] == "bundled:village"
    page = open_page(stored="own:mine", pinned="bundled:village")
    table = page.table[0].value
    assert "noise levels" in table.iloc[:, 0].tolist()
    assert "pinned: proven" in page.get("plotly_chart")[1].proto.spec
    assert len(page.get("plotly_chart")) == 3
    checked(page.button(key="unpin_other").click().run())
    assert "graph_pinned" not in page.query_params
    assert not page.table


def test_another_graphs_certificate_is_not_compared(own_runs: Path):
    other = toy_certificate()
    edges = other.edges.copy()
    edges[:, 0] = 0, 12
    replace(other, edges=edges).save(own_runs / "other.nc")
    page = open_page(pinned="own:other")
    assert "another graph" in page.warning[0].value
    assert not page.table
    gone = open_page(pinned="own:gone")
    assert "not here" in gone.warning[0].value


def test_the_segmentation_page_says_that_a_graphs_file_belongs_elsewhere(own_runs: Path):
    page = open_inside_shell("segmentation", stored="own:mine")
    assert "open it on the page Graph" in page.error[0].value
