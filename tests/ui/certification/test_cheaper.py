"""Long runs come with a cheaper one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lrscore import ImageSettings
from tests.ui.page_support import checked, open_page
from tests.ui.toy import toy_image
from ui.certification.cheaper import LONG, SHORT, Cheaper, choose_cheaper
from ui.images.run_button import cheaper_runs
from ui.images.sources import Source
from ui.running.machine import Pacemaker


def offers(*seconds: float) -> list[Cheaper]:
    return [Cheaper(f"{number:g}", {}, number) for number in seconds]


@pytest.mark.parametrize(
    ("asked", "offered", "chosen"),
    [
        (LONG, (1.0,), None),
        (LONG + 1, (LONG, SHORT, 5.0), SHORT),
        (3600.0, (3600.0, 1800.0, 900.0), 900.0),
        (300.0, (300.0, 200.0), None),
        (300.0, (), None),
    ],
)
def test_the_best_short_one_is_offered(asked: float, offered: tuple[float, ...], chosen: float | None):
    found = choose_cheaper(asked, offers(*offered))
    assert (found.seconds if found is not None else None) == chosen


def test_cheaper_runs_never_have_more_of_anything():
    settings = ImageSettings(grid=(4, 6), samples=2048, pilot_samples=128)
    source = Source("Toy", "toy", toy_image(), None)
    runs = list(cheaper_runs(source, settings))
    assert runs[0].values["samples"] == 2048
    for run in runs:
        assert run.values["rows"] * run.values["cols"] <= 24
        assert run.values["samples"] <= 2048
        assert run.values["pilot"] <= 32
    edited = replace(settings, levels=tuple(tuple([0.2] * 24) for _ in range(24)))
    assert {(run.values["rows"], run.values["cols"]) for run in cheaper_runs(source, edited)} == {(4, 6)}


def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pacemaker, "seconds", lambda self, device, pixels, passes: passes / 10)


def press_cheaper(page: AppTest) -> None:
    assert page.button(key="cheaper").label.startswith("Cheaper: ")
    checked(page.button(key="cheaper").click().run())
    assert "cheaper" not in [button.key for button in page.button]


def test_one_click_sets_the_controls_of_pictures(gallery: Path, monkeypatch: pytest.MonkeyPatch):
    slow(monkeypatch)
    page = open_page("segmentation", rows="4", cols="6", samples="2048")
    press_cheaper(page)
    assert page.select_slider(key="image_samples").value < 2048


def test_one_click_sets_the_controls_of_graphs(graph_gallery: Path, monkeypatch: pytest.MonkeyPatch):
    slow(monkeypatch)
    page = open_page("graph", clusters="5", samples="10000")
    press_cheaper(page)
    assert page.select_slider(key="graph_samples").value < 10000
