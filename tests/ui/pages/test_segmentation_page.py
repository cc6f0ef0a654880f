"""The segmentation page, driven without a browser."""

from __future__ import annotations

import re
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lrscore.files import load_certificate
from models.scenes.gallery import GALLERY
from tests.ui import page_support
from tests.ui.page_support import ROOT, TIMEOUT, checked, html, proven
from tests.ui.toy import toy_beginning, toy_certificate
from ui.certification.options import CORRECTION_WORDS
from ui.images.curves import compute_curves
from ui.images.request import PRESETS
from ui.style.words import share

open_page = partial(page_support.open_page, "segmentation", **page_support.COPIES)


def certified(page: AppTest) -> str:
    found = re.search(r'data-testid="certified-share">(.*?)<', html(page))
    assert found, "no certified number on the page"
    return found[1]


def test_the_first_screen_is_certified(gallery: Path):
    page = open_page()
    curves = compute_curves(load_certificate(gallery / f"{GALLERY[0].name}.nc"), "correct")
    index = curves.index(page.slider(key="image_eps").value)
    assert certified(page) == share(int(curves.envelope[index]), curves.outputs)
    for fact in ("confidence", "samples per region", "correction", "ceiling", "gap"):
        assert f">{fact}</span></dt>" in html(page)


def test_the_budget_changes_the_number_and_is_monotone(gallery: Path):
    page = open_page()
    counts = []
    for epsilon in (0.0, 0.05, 0.1, 0.15, 0.3):
        checked(page.slider(key="image_eps").set_value(epsilon).run())
        counts.append(proven(page))
    assert counts == sorted(counts, reverse=True)
    assert len(set(counts)) > 3
    assert counts[-1] == 0


def test_a_link_restores_budget_count_and_pictures(gallery: Path):
    page = open_page(eps="0.1", count="all pixels", panels=["Certified radius"], rows="2", cols="3")
    assert page.slider(key="image_eps").value == pytest.approx(0.1)
    assert "pixels keep their label" in html(page)
    assert page.slider(key="image_rows").value == 2
    assert page.pills(key="image_panels").value == ["radius"]


@pytest.mark.parametrize(
    "bad",
    [
        {"eps": "nan"},
        {"eps": "-5"},
        {"rows": "99"},
        {"scene": "nowhere"},
        {"samples": "x"},
        {"job": "../../etc"},
    ],
)
def test_a_broken_link_falls_back_to_defaults(gallery: Path, bad: dict[str, str]):
    assert proven(open_page(**bad)) > 0


@pytest.mark.parametrize("epsilon", ["0.153", "0.1537", "0.9"])
def test_a_chosen_budget_is_never_moved(gallery: Path, epsilon: str):
    page = open_page(eps=epsilon, count="all pixels")
    certificate = load_certificate(gallery / f"{GALLERY[0].name}.nc")
    for preset in (None, "nearsighted", "localized"):
        if preset is not None:
            checked(page.pills(key="image_preset").set_value(preset).run())
        assert page.slider(key="image_eps").value == float(epsilon)
        assert f"≤ {epsilon}" in html(page)
        assert proven(page) == certificate.collective(np.array([float(epsilon) ** 2])).certified[0]


def test_the_first_results_of_a_run_leave_the_budget_where_it_is(gallery: Path):
    stored = gallery / f"{GALLERY[0].name}.nc"
    page = open_page(eps="0.2", rows="2", cols="3")
    largest = page.slider(key="image_eps").max
    toy_beginning().save(stored)
    checked(page.run())
    assert "regions so far" in html(page)
    assert page.slider(key="image_eps").value == 0.2
    assert proven(page) == 0
    assert page.slider(key="image_eps").max >= 0.9 * largest


def test_without_a_choice_the_budget_is_one_at_which_something_is_certified(gallery: Path):
    toy_certificate(samples=32).save(gallery / f"{GALLERY[0].name}.nc")
    page = open_page(count="all pixels")
    assert proven(page) > 0
    assert page.slider(key="image_eps").value > 0


def test_all_that_differs_is_named_correction_pilot_and_seed_too(gallery: Path):
    page = open_page(rows="2", cols="3", samples="128", pilot="64", correction=CORRECTION_WORDS["mixture"])
    for word in ("pilot samples", "correction"):
        assert word in page.info[0].value
    page = open_page(rows="4", cols="3", samples="128", pilot="16")
    for word in ("grid", "pilot samples", "correction"):
        assert word in page.info[0].value
    assert "seed" not in page.info[0].value
    checked(page.number_input(key="image_seed").set_value(5).run())
    assert "seed" in page.info[0].value


def test_more_than_was_asked_for_is_an_answer_and_named_as_what_it_is(gallery: Path):
    """The bundled certificate has Bonferroni, the controls stand at anytime: it answers, and the page says how."""
    page = open_page(rows="2", cols="3", samples="128", pilot="16")
    assert not page.info
    assert re.search(r"other settings than the controls show \(pilot samples, correction\)", html(page))


def test_the_curve_has_four_methods_and_a_mark(gallery: Path):
    page = open_page()
    spec = page.get("plotly_chart")[0].proto.spec
    for name in ("ceiling", "envelope", "published LP", "naive"):
        assert name in spec


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_presets_set_the_controls(gallery: Path, preset):
    page = open_page()
    page.pills(key="image_preset").set_value(preset.name)
    checked(page.run())
    assert page.slider(key="image_levels").value == preset.values["levels"]
    assert page.slider(key="image_rows").value == preset.values["rows"]
    assert page.selectbox(key="image_correction").value == preset.values["correction"]
    assert page.pills(key="image_preset").value == preset.name
    assert "image_job" not in page.query_params, "no preset starts a computation unasked"
    assert not page.get("progress")


def test_the_preset_of_a_link_is_marked_at_once(gallery: Path):
    assert open_page(levels=["0.2", "0.2"]).pills(key="image_preset").value == "isotropic"
    assert open_page(levels=["0.2", "0.3"]).pills(key="image_preset").value is None


def test_alpha_is_answered_from_the_counts_and_other_settings_ask_for_a_run(gallery: Path):
    certificate = load_certificate(gallery / f"{GALLERY[0].name}.nc")
    rows, cols = certificate.settings.grid
    page = open_page(rows=str(rows), cols=str(cols), samples="128", pilot="32", eps="0.1")
    assert not page.info
    before = proven(page)
    checked(page.select_slider(key="image_alpha").set_value(0.1).run())
    assert proven(page) > before
    assert "Exploration, nothing is promised (alpha chosen after the samples were seen)" in html(page)
    assert not page.info
    checked(page.slider(key="image_rows").set_value(4).run())
    assert "grid" in page.info[0].value
    assert "<dd>99 %</dd>" in html(page), "the certificate on screen keeps its own alpha"


def test_published_holm_levels_are_marked(gallery: Path):
    page = open_page(rows="2", cols="3", samples="128", pilot="32", correction=CORRECTION_WORDS["paper-holm"])
    assert "NOT a certificate" in html(page)


def test_a_scene_without_certificate_offers_a_run(gallery: Path):
    page = open_page(scene=GALLERY[1].title)
    assert "Nothing is certified here yet" in page.header[0].value
    assert not page.button(key="run").disabled


def test_a_broken_certificate_file_is_reported_and_nothing_breaks(gallery: Path):
    path = gallery / f"{GALLERY[0].name}.nc"
    path.write_bytes(path.read_bytes()[:5000])
    page = open_page()
    assert "can not be used" in page.error[0].value
    assert not page.button(key="run").disabled


def finished(page: AppTest, word: str) -> AppTest:
    """Rerun the page, as its timer would, until a message holds a word."""
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        checked(page.run())
        if any(word in message.value for message in [*page.success, *page.info]):
            return page
        time.sleep(0.05)
    raise AssertionError(f"never saw {word!r}")


def test_a_run_ends_in_its_own_certificate_and_outlives_the_session(gallery: Path, tmp_path: Path):
    small = {"scene": GALLERY[1].title, "rows": "1", "cols": "1", "pilot": "16", "samples": "64"}
    page = open_page(**small)
    checked(page.button(key="run").click().run())
    job = page.query_params["image_job"]
    finished(page, "Certified in")
    assert "16 pilot + 64" in html(page)
    again = AppTest.from_file(ROOT / "pages" / "main" / "segmentation.py", default_timeout=TIMEOUT)
    again.query_params["image_job"] = job
    again.query_params["image_scene"] = GALLERY[1].title
    checked(again.run())
    assert "Nothing is certified here yet" in again.header[0].value, "another browser does not see the run"
    files = list((tmp_path / "library").rglob("*.nc"))
    assert len(files) == 1
    assert load_certificate(files[0]).settings.samples == 64


def test_a_run_can_be_cancelled_and_that_is_no_error(gallery: Path):
    page = open_page(scene=GALLERY[1].title, samples="8192", eps="0.15")
    checked(page.button(key="run").click().run())
    assert page.button(key="run").disabled
    checked(page.button(key="cancel_image_job").click().run())
    finished(page, "Cancelled after")
    linked = page.query_params["image_eps"]
    assert float(linked if isinstance(linked, str) else linked[0]) == 0.15, "the chosen budget stays"
    assert not page.error
    assert not page.button(key="run").disabled


def test_a_model_that_fails_is_a_sentence_with_an_identifier(gallery: Path, monkeypatch: pytest.MonkeyPatch):
    def broken(self, name, device):
        raise ValueError("weights do not fit")

    monkeypatch.setattr("ui.running.machine.ModelShelf.get", broken)
    page = open_page(scene=GALLERY[1].title)
    checked(page.button(key="run").click().run())
    deadline = time.monotonic() + TIMEOUT
    while not page.error and time.monotonic() < deadline:
        checked(page.run())
    assert "weights do not fit" in page.error[0].value
    assert "error " in "".join(element.value for element in page.error), "the traceback is in the log"
