"""Coarse labels in studies: one task a picture, information gain in rows and summary, old digests stay."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lrscore import GraphSettings, ImageSettings, certify_graph
from lrscore.catalogue import find_catalogue
from lrscore.files import load_certificate
from lrscore.study.api import run_study
from lrscore.study.checking import check_study
from lrscore.study.exporting import markdown_text
from lrscore.study.items import items_of
from lrscore.study.settings import Setting
from lrscore.study.shards import stream_of
from lrscore.study.store import Store
from lrscore.study.summary import summarize
from tests.lrscore.study.toy_catalogue import NAME, Quarters, load_graph
from tests.lrscore.study.toys import graph_study, toy_study

VALUES = {"grid": (1, 2), "level_min": 0.2, "level_max": 0.2, "samples": 400, "pilot_samples": 100}


def test_a_study_tells_the_information_gain(tmp_path: Path):
    coarse, flat = ImageSettings(**VALUES, hierarchy=True, runner_up=True), ImageSettings(**VALUES)
    settings = (Setting("coarse", coarse, "trees"), Setting("flat", flat, "trees"))
    study = toy_study(2, settings=settings, methods=("envelope",))
    assert run_study(study, tmp_path, workers=0, catalogue=NAME).failed == 0
    store = Store(tmp_path)
    assert [one.sentence for one in check_study(store, workers=0)] == [""] * 4
    for row in store.rows:
        certificate = load_certificate(tmp_path / row["certificate"])
        if row["setting"] == "flat":
            assert "gain_envelope" not in row
            continue
        assert certificate.coarse.any()
        budgets = certificate.noise.budget(np.array(row["budgets"]))
        np.testing.assert_array_equal(row["gain_envelope"], certificate.information_gain(budgets))
        assert row["gain_radius_envelope"] < row["radius_envelope"]
    told = {one.setting: one for one in summarize(store.rows)}
    assert told["flat"].gain == told["flat"].radius
    assert told["coarse"].gain < told["coarse"].radius
    assert f"{told['coarse'].gain:.4f}" in markdown_text(store.rows)


def test_graphs_have_coarse_labels_and_rivals_in_studies(tmp_path: Path):
    values = {"clusters": 3, "samples": 300, "pilot_samples": 60, "scores": "votes", "alpha": 0.1}
    values |= {"flip_to_one": (0.2, 0.2), "flip_to_zero": (0.3, 0.3)}
    both = GraphSettings(**values, hierarchy=True, runner_up=True)
    settings = (
        Setting("coarse", both, "quarters"),
        Setting("rivals", GraphSettings(**values, runner_up=True), "quarters"),
    )
    study = graph_study(data=("ring",), settings=settings, methods=("envelope",))
    assert run_study(study, tmp_path, workers=0, catalogue=NAME).failed == 0
    items = {item.setting.name: item for item in items_of(study, find_catalogue(NAME), NAME)}
    store = Store(tmp_path)
    assert [one.sentence for one in check_study(store, workers=0)] == [""] * 2
    graph = load_graph("ring")
    for row in store.rows:
        certificate, item = load_certificate(tmp_path / row["certificate"]), items[row["setting"]]
        alone = certify_graph(
            Quarters(), graph, item.setting.values, generator=stream_of(item, None, "cpu")
        ).with_reference(np.asarray(graph.y))
        for name in ("labels", "counts", "pilot", "thresholds", "clusters"):
            np.testing.assert_array_equal(getattr(certificate, name), getattr(alone, name))
        assert certificate.settings == item.setting.values
        assert row["passes"] == 3 * 360
        tests = graph.test_mask
        right = alone.correct() & tests
        budgets = np.array(study.budgets, dtype=np.float64)
        told = alone.collective(budgets, "envelope", right).certified
        np.testing.assert_array_equal(row["certified_correct_envelope"], told)
        if row["setting"] == "coarse":
            assert certificate.coarse[right].any()
            gains = alone.label_gains * right * ~alone.abstained
            assert row["gain_envelope"][0] == pytest.approx(gains.sum() / tests.sum())
    more = replace(study, methods=("naive", "envelope"))  # counted from the files
    assert run_study(more, tmp_path, workers=0, catalogue=NAME).done == 2
    assert Store(tmp_path).told()["copies"] == 0


def test_settings_that_are_off_leave_digests_as_they_were():
    off, on = Setting("a", ImageSettings(), "toy"), Setting("a", ImageSettings(hierarchy=True), "toy")
    assert not {"hierarchy", "runner_up"} & set(off.to_dict())
    assert on.to_dict()["hierarchy"] is True
    assert off.cut
    assert not on.cut
    assert on.sampling != off.sampling


def test_methods_without_information_gain_are_not_given_the_radius_for_it():
    row = {
        "picture": "p",
        "setting": "a",
        "status": "done",
        "radius_envelope": 0.5,
        "gain_radius_envelope": 0.4,
        "alpha": 0.01,
    }
    row |= {"radius_segcertify:0.75": 0.6, "abstained": 0, "outputs": 1, "passes": 1, "seconds": 1.0}
    found = {one.method: one.gain for one in summarize([row])}
    assert found == {"envelope": 0.4, "segcertify:0.75": None}
