"""The compare page, driven without a browser: single certificates, sets, no references, rivals, links, pins."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from jobs import JobState
from models.scenes.gallery import GALLERY
from tests.ui import page_support
from tests.ui.toy import toy_certificate
from ui.compare.sets import PREFIX, read_header
from ui.library.entries import Entry
from ui.running.machine_resources import job_manager

open_page = partial(page_support.open_page, "compare")
FIRST = f"bundled:{GALLERY[0].name}"


@pytest.fixture
def own_runs(gallery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An isotropic and a localized run of the bundled picture, one of another picture, and a broken file."""
    for module in ("ui.library.opened", "ui.running.page_job"):
        monkeypatch.setattr(f"{module}.owner_token", lambda: "me")
    folder = tmp_path / "library" / "me"
    folder.mkdir(parents=True)
    toy_certificate(grid=(1, 1), samples=256).save(folder / "isotropic.nc")
    toy_certificate(size=36).save(folder / "small.nc")
    (folder / "broken.nc").write_bytes(b"nonsense")
    return folder


def rows(page: AppTest) -> list[str]:
    return page.dataframe[0].value["row"].tolist()


def words(page: AppTest) -> str:
    parts = [element.value for element in (*page.caption, *page.info, *page.error, *page.success)]
    return "\n".join([*parts, *(element.proto.body for element in page.get("html"))])


def test_a_first_visit_compares_what_there_is_of_the_first_picture(own_runs: Path):
    page = open_page()
    assert page.multiselect[0].value == [FIRST, "own:isotropic"]
    assert rows(page) == ["A · localized, envelope", "B · isotropic, adaptive radii"]
    assert page.query_params["compare_pick"] == [f"{FIRST}~envelope", "own:isotropic~radii"]
    assert "Unequal cost: from 288 to 960 forward passes" in words(page)
    assert "at least 98 %" in words(page)
    table = page.dataframe[0].value
    assert (table["mean IoU (%)"] > 50).all()
    assert page.selectbox(key="compare_first").value == "A"
    assert page.selectbox(key="compare_second").value == "B"
    assert "grid" in page.table[0].value.iloc[:, 0].tolist()


def test_a_link_chooses_certificates_ways_to_count_and_the_pair(own_runs: Path):
    picks = [f"{FIRST}~naive~envelope", "own:isotropic~radii~segcertify-0.75", "own:small"]
    page = open_page(pick=picks, first="B, SegCertify τ = 0.75", budget="0.05")
    assert rows(page) == [
        "A · localized, naive",
        "A · localized, envelope",
        "B · isotropic, adaptive radii",
        "B · isotropic, SegCertify τ = 0.75",
        "C · localized, envelope",
    ]
    assert page.selectbox(key="compare_first").value == "B, SegCertify τ = 0.75"
    assert "certified at ε = 0.05 (%)" in page.dataframe[0].value.columns
    assert "no picture in common" in words(page)
    page.slider(key="compare_budget").set_value(0.1).run()
    assert not page.exception
    assert "certified at ε = 0.1 (%)" in page.dataframe[0].value.columns


def test_a_set_is_compared_over_the_pictures_that_all_have(own_runs: Path):
    toy_certificate(grid=(1, 1), samples=256, size=36).save(own_runs / "isotropic-small.nc")
    toy_certificate(size=48).save(own_runs / "third.nc")
    page = open_page()
    page.segmented_control(key="compare_over").set_value("set").run()
    assert not page.exception
    assert all(value.startswith(PREFIX) for value in page.multiselect[0].value)
    assert "Over the 2 pictures that all chosen sets have" in words(page)
    assert page.dataframe[0].value["pictures"].tolist() == [2, 2]
    assert "99 % each" in page.dataframe[0].value["confidence"].tolist()
    assert len(page.selectbox(key="compare_picture").options) == 2
    again = open_page(pick=page.query_params["compare_pick"])
    assert again.segmented_control(key="compare_over").value == "set"
    assert rows(again) == rows(page)


def test_without_references_the_page_says_what_it_shows_instead(own_runs: Path):
    bare = replace(toy_certificate(), reference=None)
    bare.save(own_runs / "bare.nc")
    page = open_page(pick=["own:bare", "own:isotropic"])
    assert "1 of 2 certificates have no reference labels" in words(page)
    table = page.dataframe[0].value
    assert "mean IoU (%)" not in table.columns
    one = json.loads(page.get("plotly_chart")[0].proto.spec)
    assert one["layout"]["xaxis"]["title"]["text"].startswith("pixels with a prediction")


def test_a_broken_and_a_foreign_pick_are_sentences(own_runs: Path):
    page = open_page(pick=["own:broken", "own:nobody", FIRST])
    assert any("broken.nc" in error.value for error in page.error)
    assert "1 of the linked certificates is not in this library" in words(page)
    assert page.multiselect[0].value == [FIRST]


def test_graphs_are_left_out_with_a_sentence(own_runs: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("LRS_GRAPH_GALLERY", raising=False)  # the bundled certificates of graphs
    page = open_page()
    assert "are compared on the graph page" in words(page)
    assert len(page.multiselect[0].options) == 3


def test_compare_of_a_card_joins_what_is_pinned(own_runs: Path):
    (own_runs / "pins.json").write_text(json.dumps(["own:isotropic"]))
    page = open_page(card=FIRST)
    assert page.multiselect[0].value == [FIRST, "own:isotropic"]
    assert "compare_card" not in page.query_params
    assert any(option.startswith("📌") for option in page.multiselect[0].options)
    assert open_page().multiselect[0].value == ["own:isotropic"]


def test_a_missing_rival_is_certified_kept_and_chosen(own_runs: Path):
    for name in ("isotropic", "small", "broken"):
        (own_runs / f"{name}.nc").unlink()
    page = open_page()
    page.selectbox(key="rival_kind").select("equal-samples").run()
    assert "160 forward passes a picture" in words(page)
    page.button(key="add_rival").click().run()
    identity = page.query_params["compare_job"]
    manager = job_manager()
    assert manager.wait(identity, 120)
    assert manager.snapshot(identity, "me").state is JobState.DONE, manager.snapshot(identity, "me").error
    page.run()
    assert not page.exception
    assert page.multiselect[0].value == [FIRST, f"own:{identity}-0"]
    assert "B · isotropic, adaptive radii" in rows(page)
    assert "This rival is there already" in words(page)
    stored = own_runs / f"{identity}-0.nc"
    header = read_header(Entry("own", stored, 1))
    assert (header.settings.grid, header.settings.samples, header.picture) == (
        (1, 1),
        128,
        read_header(Entry("own", own_runs.parents[1] / "gallery" / f"{GALLERY[0].name}.nc", 1)).picture,
    )


def test_other_weights_are_refused(own_runs: Path):
    toy = toy_certificate()
    replace(toy, provenance={**toy.provenance, "model_digest": "f" * 64}).save(own_runs / "other.nc")
    page = open_page(pick=["own:other"])
    page.button(key="add_rival").click().run()
    identity = page.query_params["compare_job"]
    assert job_manager().wait(identity, 120)
    page.run()
    assert "has other weights than when other.nc was made" in page.error[0].value


def test_branch_and_bound_lifts_its_row(own_runs: Path):
    page = open_page(pick=[f"{FIRST}~envelope~exact"])
    table = page.dataframe[0].value
    assert "searched 0 of 1" in table["confidence"][1]
    page.button(key="search_sets").click().run()
    assert job_manager().wait(page.query_params["compare_job"], 200)
    page.run()
    radii = page.dataframe[0].value["average certified radius"]
    assert radii[1] >= radii[0]
    assert page.dataframe[0].value["confidence"][1] == "99 %"
    assert not any(button.key == "search_sets" for button in page.button)


def test_downloads_hold_what_is_on_screen(own_runs: Path):
    page = open_page(pick=[FIRST, "own:isotropic~radii~segcertify-0.9"])
    labels = [button.proto.label for button in page.get("download_button")]
    assert {"Table (CSV)", "Curves (CSV)", "Report (HTML, one file)", "Curves (SVG)"} <= set(labels)
    assert np.isfinite(page.dataframe[0].value["average certified radius"]).all()
