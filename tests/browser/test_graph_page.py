"""The graph page in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import scipy.sparse as sp
from playwright.sync_api import Browser, Page, expect

from benchmarks.dashboard.browser import ROOT, Server, open_page, streamlit_server, wait_ready
from tests.ui.graphs.toy_certificate import SETTINGS, WIDTH, toy_certificate

pytestmark = pytest.mark.browser
NUMBER = "[data-testid=certified-share]"
PATIENCE = 90_000


@pytest.fixture(scope="module")
def graph_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The village's certificate in the gallery, another one of the same graph in the folder for everybody."""
    folder = tmp_path_factory.mktemp("graphs")
    for name in ("gallery", "shared", "scenes"):
        (folder / name).mkdir()
    toy_certificate().save(folder / "gallery" / "village.nc")
    other = replace(SETTINGS, flip_to_zero=(0.2, 0.5), samples=400)
    toy_certificate(other).save(folder / "shared" / "theirs.nc")
    return {
        "LRS_GRAPH_GALLERY": str(folder / "gallery"),
        "LRS_CERTIFICATES": str(folder / "shared"),
        "LRS_GALLERY": str(folder / "scenes"),
        "LRS_LIBRARY": str(folder / "library"),
        "LRS_DATA_ROOT": "",
    }


@pytest.fixture(scope="module")
def graphs(graph_environment: dict[str, str]) -> Iterator[Server]:
    """A running dashboard, shared by the tests of this file."""
    with streamlit_server(Path(ROOT) / "app.py", env=graph_environment) as server:
        yield server


def certified(page: Page) -> str:
    """The number on screen, once it is there."""
    expect(page.locator(NUMBER)).to_be_visible(timeout=PATIENCE)
    wait_ready(page)
    return page.inner_text(NUMBER)


def test_a_cold_link_to_a_stored_file_opens_it_with_its_settings(
    browser: Browser, graph_environment: dict[str, str]
):
    with (
        streamlit_server(Path(ROOT) / "app.py", env=graph_environment) as server,
        open_page(
            browser, f"{server.url}/graph?graph_stored=folder:theirs&graph_deletions=1&graph_additions=0"
        ) as (
            page,
            problems,
        ),
    ):
        certified(page)
        assert page.title() == "Graph"
        assert "deletes at most 1 attribute" in page.inner_text(".lrs-claim")
        expect(page.locator(".lrs-facts").first).to_contain_text("50 pilot + 400")
        assert page.get_by_text("The controls ask for other settings").count() == 0
        assert problems == []


def test_the_number_follows_the_budget_and_a_node_tells_its_story(browser: Browser, graphs: Server):
    with open_page(browser, f"{graphs.url}/graph?graph_deletions=1&graph_additions=0") as (page, problems):
        number = certified(page)
        page.locator(".st-key-graph_deletions input[type=range]").first.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        expect(page.locator(NUMBER)).not_to_have_text(number, timeout=PATIENCE)
        page.wait_for_url(re.compile(r"deletions=3"), timeout=PATIENCE)
        wait_ready(page)
        page.get_by_placeholder("find node").fill("villager 7")
        page.keyboard.press("Enter")
        story = page.locator(".st-key-node_story")
        expect(story).to_contain_text("villager 7", timeout=PATIENCE)
        for words in ("pilot votes", "proven bound", "threshold", "withstands alone", "2 neighbours"):
            expect(story).to_contain_text(words)
        page.wait_for_url(re.compile(r"node=7"), timeout=PATIENCE)
        page.reload()
        expect(page.locator(".st-key-node_story")).to_contain_text("villager 7", timeout=PATIENCE)
        assert problems == []


def test_presets_set_the_controls_and_lead_back(browser: Browser, graphs: Server):
    with open_page(browser, f"{graphs.url}/graph") as (page, problems):
        certified(page)
        page.get_by_role("radio", name="Isotropic").click(timeout=PATIENCE)
        expect(page.get_by_text("The controls ask for other settings")).to_be_visible(timeout=PATIENCE)
        page.wait_for_url(re.compile(r"clusters=1"), timeout=PATIENCE)
        page.get_by_role("radio", name="Localized").click(timeout=PATIENCE)
        expect(page.get_by_text("The controls ask for other settings")).to_have_count(0, timeout=PATIENCE)
        assert problems == []


def write_graphs(folder: Path) -> dict[str, Path]:
    """Two good files and four bad ones."""
    ring = nx.cycle_graph(30)
    for node in ring:
        ring.nodes[node].update({"likes tea": node % 2, "label": "odd" if node % 2 else "even"})
    files = {
        name: folder / name
        for name in ("ring.graphml", "wide.npz", "notes.graphml", "notes.npz", "notes.txt")
    }
    nx.write_graphml(ring, files["ring.graphml"])
    adjacency = sp.csr_matrix(nx.to_scipy_sparse_array(ring, dtype=float))
    attributes = sp.random(30, WIDTH, density=0.1, format="csr", random_state=0)
    attributes.data[:] = 1
    parts = {}
    for name, matrix in (("adj_matrix", adjacency), ("attr_matrix", attributes)):
        parts |= {f"{name}.{part}": getattr(matrix, part) for part in ("data", "indices", "indptr", "shape")}
    np.savez(files["wide.npz"], labels=np.arange(30) % 2, **parts)
    for name in ("notes.graphml", "notes.npz", "notes.txt"):
        files[name].write_text("this is no graph")
    pickled = folder / "pickled.npz"
    np.savez(
        pickled, **{**parts, "adj_matrix.data": np.array([{"a": 1}], dtype=object)}, labels=np.arange(30) % 2
    )
    return files | {"pickled.npz": pickled}


def test_uploads_good_and_bad(browser: Browser, graphs: Server, tmp_path: Path):
    files = write_graphs(tmp_path)
    chosen = "graph_additions=3&graph_deletions=2&graph_clusters=7&graph_samples=200"
    address = f"{graphs.url}/graph?graph_name=Your+own+graph+%E2%80%A6&{chosen}"
    with open_page(browser, address) as (page, problems):
        expect(page.get_by_text("Upload a graph on the left")).to_be_visible(timeout=PATIENCE)
        drop = "[data-testid=stFileUploader] input"
        page.set_input_files(drop, files["ring.graphml"])
        expect(page.get_by_text("30 nodes, 30 edges, 1 binary attribute")).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_text("No model here reads 1 attribute per node")).to_be_visible(timeout=PATIENCE)
        page.set_input_files(drop, files["wide.npz"])
        expect(page.get_by_text(f"30 nodes, 30 edges, {WIDTH} binary attributes")).to_be_visible(
            timeout=PATIENCE
        )
        run = page.locator(".st-key-run button")
        expect(run).to_be_enabled(timeout=PATIENCE)
        for bad in ("notes.graphml", "notes.npz", "notes.txt", "pickled.npz"):
            page.set_input_files(drop, files[bad])
            expect(page.get_by_text(f"{bad} can not be used")).to_be_visible(timeout=PATIENCE)
            expect(page.get_by_text("wide.npz:")).to_be_visible(timeout=PATIENCE)
            expect(run).to_be_enabled(timeout=PATIENCE)
        assert all(part in page.url for part in chosen.split("&")), "an upload moves nothing that was chosen"
        expect(page.get_by_role("slider", name="Clusters")).to_have_value("7")
        assert problems == []


def test_browse_opens_and_pins_a_graphs_file(browser: Browser, graphs: Server):
    with open_page(browser, f"{graphs.url}/browse?browse_kind=Graphs") as (page, problems):
        card = page.locator(".st-key-card_folder_theirs")
        expect(card).to_contain_text("certified at 1 addition and 1 deletion", timeout=PATIENCE)
        card.get_by_role("link", name="Open").click(timeout=PATIENCE)
        certified(page)
        page.wait_for_url(re.compile(r"/graph\?.*stored=folder"), timeout=PATIENCE)
        expect(page.locator(".lrs-facts").first).to_contain_text("50 pilot + 400", timeout=PATIENCE)
        page.get_by_role("link", name="Browse").click(timeout=PATIENCE)
        card = page.locator(".st-key-card_bundled_village")
        expect(card).to_contain_text("certified at", timeout=PATIENCE)
        card.get_by_role("link", name="Compare").click(timeout=PATIENCE)
        panel = page.locator(".st-key-pinned_panel")
        expect(panel).to_contain_text("noise levels", timeout=PATIENCE)
        page.wait_for_url(re.compile(r"pinned=bundled"), timeout=PATIENCE)
        page.reload()
        expect(panel).to_contain_text("noise levels", timeout=PATIENCE)
        page.locator("select[aria-label=Colour]").select_option("compared with the pinned one")
        expect(page.get_by_text("stands in both").first).to_be_visible(timeout=PATIENCE)
        assert problems == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_fits_a_phone(browser: Browser, graphs: Server, dark: bool):
    link = f"{graphs.url}/graph?graph_pinned=folder:theirs"
    with open_page(browser, link, viewport=(390, 844), dark=dark) as (page, problems):
        certified(page)
        expect(page.locator(".st-key-pinned_panel table")).to_be_visible(timeout=PATIENCE)
        wait_ready(page)
        page.wait_for_function(
            "document.querySelector('[data-testid=stMain]').scrollWidth <= 390", timeout=PATIENCE
        )  # plots and canvases take their width a moment after they appear
        assert problems == []


def test_a_click_on_the_plane_of_budgets_moves_both_sliders(browser: Browser, graphs: Server):
    with open_page(browser, f"{graphs.url}/graph?graph_deletions=1&graph_additions=0") as (page, problems):
        certified(page)
        plane = page.locator(".st-key-plane_plot .nsewdrag").first
        plane.scroll_into_view_if_needed()
        expect(plane).to_be_visible(timeout=PATIENCE)
        sliders = {
            name: page.locator(f".st-key-graph_{name} input[type=range]").first
            for name in ("additions", "deletions")
        }
        area = plane.bounding_box()
        columns, rows = (int(sliders[name].get_attribute("max")) + 1 for name in ("deletions", "additions"))
        column, row = min(2, columns - 1), min(1, rows - 1)
        page.mouse.click(
            area["x"] + area["width"] * (column + 0.5) / columns,
            area["y"] + area["height"] * (rows - row - 0.5) / rows,
        )
        expect(sliders["deletions"]).to_have_value(str(column), timeout=PATIENCE)
        expect(sliders["additions"]).to_have_value(str(row), timeout=PATIENCE)
        wait_ready(page)
        claim = page.inner_text(".lrs-claim")
        assert f"adds at most {row} and deletes at most {column} attributes" in claim
        assert problems == []


def test_nodes_are_found_by_number_part_of_a_name_and_attribute(browser: Browser, graphs: Server):
    with open_page(browser, f"{graphs.url}/graph?graph_deletions=1&graph_additions=0") as (page, problems):
        certified(page)
        field, story = page.get_by_placeholder("find node"), page.locator(".st-key-node_story")
        field.fill("lager 1")
        expect(page.locator(".matches li")).to_have_count(9, timeout=PATIENCE)  # eight and "and 3 more"
        expect(page.locator(".matches li").last).to_have_text("and 3 more")
        page.get_by_role("button", name="villager 12").click()
        expect(story).to_contain_text("villager 12", timeout=PATIENCE)
        wait_ready(page)
        field.fill("17")
        field.press("Enter")
        expect(story).to_contain_text("villager 17", timeout=PATIENCE)
        wait_ready(page)
        field.fill("HABIT 3")
        expect(page.locator(".matches li").first).to_have_text("villager 0 (habit 3)")
        field.fill("nobody")
        expect(page.get_by_text("nothing found")).to_be_visible()
        field.press("Enter")
        expect(page.get_by_text("nothing found")).to_be_visible()
        expect(story).to_contain_text("villager 17")
        assert problems == []


def test_a_graph_without_a_model_gets_one_on_the_page(browser: Browser, graphs: Server, tmp_path: Path):
    files = write_graphs(tmp_path)
    address = f"{graphs.url}/graph?graph_name=Your+own+graph+%E2%80%A6&graph_additions=3&graph_deletions=2"
    with open_page(browser, address) as (page, problems):
        expect(page.get_by_text("Upload a graph on the left")).to_be_visible(timeout=PATIENCE)
        page.set_input_files("[data-testid=stFileUploader] input", files["ring.graphml"])
        run = page.locator(".st-key-run button")
        train = page.locator(".st-key-train button")
        expect(train).to_be_enabled(timeout=PATIENCE)
        expect(run).to_be_disabled()
        train.click()
        expect(page.get_by_text("is chosen now")).to_be_visible(timeout=PATIENCE)
        expect(run).to_be_enabled(timeout=PATIENCE)
        assert page.get_by_role("combobox", name="Model").input_value() == "ring-appnp (your own)"
        page.get_by_text("About this model").click()
        expect(page.get_by_text("APPNP, 1 attributes")).to_be_visible(timeout=PATIENCE)
        run.click()
        expect(page.locator(NUMBER)).to_have_count(1, timeout=PATIENCE)
        expect(page.get_by_text("Certified in")).to_be_visible(timeout=PATIENCE)
        assert problems == []
