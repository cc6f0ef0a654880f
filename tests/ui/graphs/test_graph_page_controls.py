"""The graph page, driven without a browser."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import pytest

from lrscore.files import load_certificate
from tests.ui import page_support
from tests.ui.graphs.toy_certificate import toy_certificate
from tests.ui.page_support import TIMEOUT, checked, html, proven
from ui.certification.options import CORRECTION_WORDS
from ui.graphs.counting import COUNT_WORDS
from ui.graphs.plane import compute_plane
from ui.style.words import share

open_page = partial(page_support.open_page, "graph")


def test_the_first_screen_is_certified_without_torch_or_a_run(graph_gallery: Path):
    page = open_page()
    plane = compute_plane(toy_certificate(), "unseen", boxes=3)
    point = plane.index(page.slider(key="graph_additions").value, page.slider(key="graph_deletions").value)
    assert proven(page) == plane.proven[point] > 0
    assert share(int(plane.proven[point]), plane.outputs) in html(page)
    assert not page.error
    assert not page.info
    assert len(page.get("plotly_chart")) == 2
    for name in ("ceiling", "branch and bound", "envelope", "published LP", "naive"):
        assert name in page.get("plotly_chart")[1].proto.spec


def test_budgets_change_the_number_and_never_raise_it(graph_gallery: Path):
    page = open_page(additions="0", deletions="0")
    counts = [proven(page)]
    for deletions in (1, 2, 4):
        counts.append(proven(checked(page.slider(key="graph_deletions").set_value(deletions).run())))
    assert counts == sorted(counts, reverse=True)
    assert len(set(counts)) > 2
    before = proven(page)
    checked(page.slider(key="graph_additions").set_value(1).run())
    assert proven(page) <= before


def test_a_link_restores_budgets_count_cut_and_node(graph_gallery: Path):
    page = open_page(deletions="1", additions="0", count=COUNT_WORDS["all"], cut="additions", node="3")
    assert page.slider(key="graph_deletions").value == 1
    assert "nodes keep their label" in html(page)
    assert "villager 3" in html(page)
    assert "additions (with 1 deletion)" in page.get("plotly_chart")[1].proto.spec


@pytest.mark.parametrize("budgets", [(3, 1), (2, 7), (0, 60)])
def test_chosen_budgets_are_never_moved(graph_gallery: Path, budgets: tuple[int, int]):
    additions, deletions = budgets
    page = open_page(additions=str(additions), deletions=str(deletions), count=COUNT_WORDS["all"])
    for preset in (None, "isotropic", "localized"):
        if preset is not None:
            checked(page.pills(key="graph_preset").set_value(preset).run())
        assert page.slider(key="graph_additions").value == additions
        assert page.slider(key="graph_deletions").value == deletions
        assert f"adds at most {additions} and deletes at most {deletions} attribute" in html(page)


@pytest.mark.parametrize(
    "bad",
    [
        {"deletions": "nan"},
        {"deletions": "99999"},
        {"additions": "-3"},
        {"name": "nowhere"},
        {"clusters": "x"},
        {"node": "4000"},
        {"job": "../../etc"},
    ],
)
def test_a_broken_link_still_opens(graph_gallery: Path, bad: dict[str, str]):
    assert proven(open_page(**bad)) >= 0


def test_alpha_is_answered_from_the_counts_and_other_settings_ask_for_a_run(graph_gallery: Path):
    page = open_page(additions="0", deletions="2")
    before = proven(page)
    checked(page.select_slider(key="graph_alpha").set_value(0.1).run())
    assert proven(page) >= before
    assert ">chosen after looking</span></dt><dd>alpha</dd>" in html(page), (
        "an exploration carries no confidence"
    )
    assert "<dd>90 %</dd>" not in html(page)
    assert not page.info
    checked(page.slider(key="graph_clusters").set_value(3).run())
    assert "clusters" in page.info[0].value
    assert "<dd>99 %</dd>" in html(page), "the certificate on screen keeps its own alpha"


def test_published_holm_levels_are_marked(graph_gallery: Path):
    assert "NOT a certificate" in html(open_page(correction=CORRECTION_WORDS["paper-holm"]))


def test_edited_levels_are_checked_and_ask_for_a_run(graph_gallery: Path):
    page = open_page(levels="0.02,0.1;0.1,0.02|0.3,0.6;0.7,0.3")
    assert "levels" in page.info[0].value
    broken = open_page(levels="0.02|0.3")
    assert "levels must be given for 2 groups" in broken.error[0].value
    checked(broken.button(key="graph_levels_reset").click().run())
    assert not broken.error
    assert proven(broken) > 0


def test_a_broken_certificate_is_reported_and_nothing_breaks(graph_gallery: Path):
    path = graph_gallery / "village.nc"
    path.write_bytes(path.read_bytes()[:5000])
    page = open_page()
    assert "can not be used" in page.error[0].value
    assert not page.button(key="run").disabled


def test_a_run_ends_in_its_own_certificate(graph_gallery: Path, tmp_path: Path):
    page = open_page(clusters="1", pilot="20", samples="50")
    checked(page.button(key="run").click().run())
    deadline = time.monotonic() + TIMEOUT
    while not page.success and time.monotonic() < deadline:
        time.sleep(0.2)
        checked(page.run())
    assert "Certified in" in page.success[0].value
    assert "20 pilot + 50" in html(page)
    (file,) = (tmp_path / "library").rglob("*.nc")
    assert load_certificate(file).settings.samples == 50


def test_a_preset_sets_every_control_and_the_first_one_leads_back(graph_gallery: Path):
    page = open_page()
    preset = page.button_group(key="graph_preset")
    assert preset.value == "localized", "the stored certificate answers it"
    assert open_page(clusters="1").button_group(key="graph_preset").value is None, "the link says otherwise"
    checked(preset.set_value("isotropic").run())
    assert page.slider(key="graph_clusters").value == 1
    assert page.slider(key="graph_to_zero").value == (0.6, 0.6)
    assert "clusters" in page.info[0].value
    assert "classical randomized smoothing" in html(page)
    checked(page.button_group(key="graph_preset").set_value("localized").run())
    assert page.slider(key="graph_clusters").value == 2
    assert not page.info
