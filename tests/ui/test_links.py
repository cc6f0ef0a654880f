"""Links of earlier versions: every old name is known, and one link of each kind opens what it opened then."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from models.scenes.gallery import GALLERY
from tests.ui.page_support import ROOT, TIMEOUT, checked, html
from tests.ui.toy import toy_certificate
from ui.certification.options import CORRECTION_WORDS
from ui.graphs.counting import COUNT_WORDS
from ui.images.noise.matrix_text import encode_levels
from ui.links import named, old_names


def follow_old_link(page: str, **parameters: str | list[str]) -> AppTest:
    opened = AppTest.from_file(ROOT / "pages" / "main" / f"{page}.py", default_timeout=TIMEOUT)
    for name, value in parameters.items():
        opened.query_params[name] = value
    checked(opened.run())
    assert not set(parameters) & set(opened.query_params), "the address goes on with the new names"
    return opened


def test_old_picture_links(gallery: Path):
    old = {"scene": GALLERY[1].title, "rows": "2", "levels": ["0.2", "0.4"], "samples": "64", "pilot": "16"}
    page = follow_old_link(
        "segmentation", **old, seed="7", alpha="0.05", correction="Bonferroni", level_tool="Propose levels"
    )
    assert page.selectbox(key="image_scene").value == GALLERY[1].name
    assert page.slider(key="image_levels").value == (0.2, 0.4)
    assert page.select_slider(key="image_samples").value == 64
    assert page.number_input(key="image_seed").value == 7
    assert page.selectbox(key="image_correction").value == "bonferroni"
    assert any(button.key == "propose_levels" for button in page.button)


def test_old_links_to_a_budget_and_a_file(gallery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    page = follow_old_link("segmentation", eps="0.1", count="all pixels", panels=["Certified radius"])
    assert page.slider(key="image_eps").value == pytest.approx(0.1)
    assert page.pills(key="image_panels").value == ["radius"]
    assert "pixels keep their label" in html(page)
    monkeypatch.setattr("ui.library.opened.owner_token", lambda: "me")
    (tmp_path / "library" / "me").mkdir(parents=True)
    toy_certificate(samples=64).save(tmp_path / "library" / "me" / "mine.nc")
    assert "32 pilot + 64" in html(follow_old_link("segmentation", stored="own:mine"))
    assert "32 pilot + 64" in html(follow_old_link("segmentation", open="own:mine"))


def test_old_graph_links(graph_gallery: Path):
    page = follow_old_link(
        "graph",
        clusters="3",
        copies="500",
        pilots="50",
        confidence="0.05",
        start="4",
        counted=COUNT_WORDS["all"],
    )
    assert page.slider(key="graph_clusters").value == 3
    assert page.select_slider(key="graph_samples").value == 500
    assert page.select_slider(key="graph_pilot").value == 50
    assert page.select_slider(key="graph_alpha").value == 0.05
    assert page.number_input(key="graph_seed").value == 4
    assert "nodes keep their label" in html(page)
    page = follow_old_link(
        "graph", family=CORRECTION_WORDS["paper-holm"], stored="bundled:village", deletions="1"
    )
    assert "NOT a certificate" in html(page)
    assert page.slider(key="graph_deletions").value == 1


def test_old_comparisons(gallery: Path):
    first = f"bundled:{GALLERY[0].name}"
    page = follow_old_link("compare", pick=[f"{first}~naive~envelope"], budget="0.05")
    assert page.dataframe[0].value["row"].tolist() == ["A · localized, naive", "A · localized, envelope"]
    assert page.slider(key="compare_budget").value == pytest.approx(0.05)
    assert follow_old_link("compare", a=first).multiselect[0].value == [first]
    assert follow_old_link("compare", a=first, b="own:gone").multiselect[0].value == [first]


def test_old_lessons():
    page = follow_old_link("learn", step="2", near="0.2", notes="true")
    assert page.session_state["learn_step"] == 2
    assert "0.2" in page.query_params["learn_near"]  # the charts of before are a second layer


def test_new_names_are_distinct_and_win():
    for page in ("image", "graph", "compare", "browse", "learn"):
        names = old_names(page)
        assert len(set(names.values())) == len(names)
        assert all(new.startswith(f"{page}_") for new in names.values())


def test_a_new_name_in_a_link_wins_over_an_old_one(gallery: Path):
    page = AppTest.from_file(ROOT / "pages" / "main" / "segmentation.py", default_timeout=TIMEOUT)
    page.query_params["rows"], page.query_params["image_rows"] = "2", "4"
    assert checked(page.run()).slider(key="image_rows").value == 4


def test_every_control_in_a_link_has_its_pages_word():
    """Keys that are texts; constants are checked where they are made."""
    words = ("image_", "graph_", "compare_", "browse_", "learn_", "studies_")
    found = 0
    for folder in ("ui", "pages"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    options = {option.arg: option.value for option in node.keywords}
                    key = options.get("key")
                    linked = isinstance(node.func, ast.Name) and node.func.id == "linked"
                    if linked and isinstance(key, ast.Constant):
                        found += 1
                        assert key.value.startswith(words), f"{file.name}: {key.value}"
    assert found > 30


def _reading(page: str) -> None:
    import streamlit as st

    from ui.links import read_old_link

    read_old_link(page)
    st.write("read")


@pytest.mark.parametrize("page", ["image", "graph", "compare", "browse", "learn"])
def test_every_old_name_is_read(page: str):
    opened = AppTest.from_function(_reading, args=(page,), default_timeout=TIMEOUT)
    names = old_names(page)
    for old in names:
        opened.query_params[old] = [f"{old}-1", f"{old}-2"]
    opened.query_params["else"] = "stays"
    checked(opened.run())
    expected = {new: [f"{old}-1", f"{old}-2"] for old, new in names.items()}
    assert opened.query_params == {**expected, "else": "stays"}


@pytest.mark.parametrize("page", ["image", "graph"])
def test_only_fields_of_whole_numbers_lose_an_infinite_value(page: str):
    """Python reads "0016E5_07959", a frame of CamVid, as 16 * 10^507959; a file may be called 1e999."""
    opened = AppTest.from_function(_reading, args=(page,), default_timeout=TIMEOUT)
    texts = {"else": "1e999", f"{page}_search": "0016E5_08", f"{page}_picture": "0016E5_07959"}
    fields = [named(page, name) for name in ("seed", "tolerated")]
    for name, value in {**texts, **dict.fromkeys(fields, "1e999")}.items():
        opened.query_params[name] = value
    checked(opened.run())
    assert opened.query_params == texts


def test_an_old_job_matrix_pin_and_node_are_found(gallery: Path, graph_gallery: Path):
    page = follow_old_link(
        "segmentation", views="false", rows="1", cols="1", matrix=encode_levels(np.array([[0.25]]))
    )
    assert "edited by hand" in " ".join(caption.value for caption in page.caption)
    assert page.query_params["image_matrix"]
    page = follow_old_link("segmentation", job="nobody")
    assert page.query_params["image_job"] == "nobody"
    page = follow_old_link("graph", node="3", pinned="own:gone", graphjob="nobody")
    assert "villager 3" in html(page)
    assert "own:gone is not here" in page.warning[0].value
