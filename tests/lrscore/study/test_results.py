"""Verify, table, export: what a study says is what its certificates say, and what is changed is found."""

from __future__ import annotations

import csv
import io
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from lrscore.cli.main import main
from lrscore.files import load_certificate
from lrscore.graphs.settings import GraphSettings
from lrscore.metrics import mean_iou
from lrscore.study.api import run_study
from lrscore.study.checking import check_study
from lrscore.study.comparing import TEST, compare, curves_of
from lrscore.study.exporting import csv_text, latex_text, markdown_text
from lrscore.study.settings import Setting
from lrscore.study.store import Store
from lrscore.study.summary import bootstrap_interval, pooled_mean_iou, summarize
from lrscore.study.table import read_table, write_table
from tests.lrscore.study.toy_catalogue import NAME
from tests.lrscore.study.toys import graph_study, toy_study


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished")
    run_study(toy_study(3), folder, workers=0, catalogue=NAME)
    return folder


@pytest.fixture
def copy(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "copy"))


def test_a_whole_study_verifies(finished: Path, capsys):
    assert main(["study", "verify", str(finished), "--workers", "2"]) == 0
    assert "9 of 9 certificates verify" in capsys.readouterr().out


def test_graphs_verify_as_well(tmp_path: Path):
    run_study(graph_study(data=("ring",)), tmp_path / "s", workers=0)
    assert [one.sentence for one in check_study(Store(tmp_path / "s"), workers=0)] == [""] * 3


def test_flips_of_edges_are_sampled_counted_and_verified(tmp_path: Path):
    """The workers flip what the certificate weighs: with other samplers the shares of the ring would be 1."""
    settings = GraphSettings(
        clusters=3,
        flip_to_one=(0.0, 0.0),
        flip_to_zero=(0.0, 0.0),
        flip_edges=((0.3, 0.4), (0.4, 0.5)),
        scores="votes",
        samples=60,
        pilot_samples=20,
        batch_size=10,
        alpha=0.1,
    )
    budgets = ((0, 0, 0, 0), (0, 0, 1, 0), (1, 0, 0, 0))
    study = graph_study(data=("ring",), settings=(Setting("edges", settings, "degrees"),), budgets=budgets)
    run_study(study, tmp_path / "s", workers=0)
    assert [one.sentence for one in check_study(Store(tmp_path / "s"), workers=0)] == [""]
    row = read_table(tmp_path / "s" / "table.parquet")[0]
    assert row["edge_additions"] == [0, 1, 0]
    assert row["additions"] == [0, 0, 1]
    assert row["certified_envelope"][2] == 0  # attributes were not flipped
    certificate = load_certificate(next((tmp_path / "s").glob("*.nc")))
    assert (certificate.counts[:, 1] < 60).any()
    without = replace(settings, flip_edges=None)
    study = graph_study(data=("ring",), settings=(Setting("edges", without, "degrees"),), budgets=budgets)
    run_study(study, tmp_path / "t", workers=0)
    assert "need settings that flip edges" in read_table(tmp_path / "t" / "table.parquet")[0]["sentence"]


@pytest.mark.parametrize(
    "column", ["certified_envelope", "certified_correct_naive", "hit", "abstained", "radius_naive"]
)
def test_a_number_changed_in_the_table_is_found(copy: Path, column: str, capsys):
    rows = read_table(copy / "table.parquet")
    value = rows[4][column]
    rows[4][column] = [one + 1 for one in value] if isinstance(value, list) else value + 1
    write_table(rows, copy / "table.parquet")
    assert main(["study", "verify", str(copy), "--workers", "0"]) == 1
    assert f"the table's {column} is not what the certificate says" in capsys.readouterr().out


def test_missing_foreign_and_changed_files_are_found(copy: Path):
    first, second, third, *_ = sorted(copy.glob("*.nc"))
    first.unlink()
    second.write_bytes(third.read_bytes())
    (copy / "stray.nc").write_bytes(b"nothing")
    found = {one.name: one for one in check_study(Store(copy), workers=0) if one.sentence}
    assert found.keys() == {first.name, second.name, "stray.nc"}
    assert "missing" in found[first.name].sentence
    assert found[second.name].refuted
    assert not found["stray.nc"].refuted


def test_a_row_that_points_out_of_the_folder_is_not_followed(copy: Path):
    rows = read_table(copy / "table.parquet")
    outside = copy.parent / "outside.nc"
    shutil.move(copy / rows[0]["certificate"], outside)
    rows[0]["certificate"] = "../outside.nc"
    write_table(rows, copy / "table.parquet")
    assert next(one for one in check_study(Store(copy), workers=0) if one.name == "outside.nc").sentence


def test_the_summary_adds_up_over_pictures(finished: Path):
    from lrscore.files import load_certificate

    rows = Store(finished).rows
    own = [row for row in rows if row["setting"] == "near"]
    certificates = [load_certificate(finished / row["certificate"]) for row in own]
    stacked = [
        np.stack([getattr(one, name) for one in certificates])
        for name in ("labels", "reference", "abstained")
    ]
    assert pooled_mean_iou(own, "envelope") == mean_iou(stacked[0], stacked[1], 2, stacked[2])
    summary = {(one.setting, one.method): one for one in summarize(rows)}["near", "envelope"]
    assert summary.pictures == 3
    assert summary.alphas == pytest.approx(0.3)
    assert summary.radius == np.mean([row["radius_envelope"] for row in own])
    assert summary.accuracy == np.mean((stacked[0] == stacked[1]) & ~stacked[2])


def test_bootstrap_intervals_cover_a_mean_as_often_as_they_say():
    generator = np.random.default_rng(1)
    hits = 0
    for _ in range(200):
        low, high = bootstrap_interval(generator.exponential(size=40))
        hits += low <= 1.0 <= high
    assert 0.86 <= hits / 200 <= 0.98  # percentile intervals of skewed data fall a little short of 95 %
    assert bootstrap_interval(np.array([1.0])) is None


def test_the_paired_test_is_the_named_one_and_level_under_no_difference():
    from scipy.stats import wilcoxon

    generator = np.random.default_rng(2)
    rejected = 0
    for _ in range(200):
        radii = generator.random((12, 2))
        rows = [
            {
                "picture": str(place),
                "setting": f"s{side}",
                "seed": 0,
                "status": "done",
                "radius_naive": radii[place, side],
            }
            for place in range(12)
            for side in range(2)
        ]
        found = compare(rows, ("s0", "naive"), ("s1", "naive"))
        assert found.p_value == wilcoxon(radii[:, 1] - radii[:, 0]).pvalue
        rejected += found.p_value < 0.05
    assert rejected <= 20
    assert found.larger == (radii[:, 1] > radii[:, 0]).sum()
    assert TEST.startswith("Wilcoxon")
    assert TEST in found.sentence()


def test_curves_on_different_grids_are_never_overstated():
    common = {"setting": "s", "status": "done", "outputs": 10, "labelled": 0}
    rows = [
        common | {"budgets": [0.0, 1.0, 2.0], "certified_naive": [10, 6, 2]},
        common | {"budgets": [0.0, 1.5], "certified_naive": [9, 5]},
    ]
    curves = curves_of(rows, "s", "naive")
    np.testing.assert_array_equal(curves.budgets, [0, 1, 1.5, 2])
    np.testing.assert_allclose(curves.shares, [[1, 0.6, 0.2, 0.2], [0.9, 0.5, 0.5, 0]])


def test_exports_can_be_read_by_others(finished: Path, tmp_path: Path):
    for name in ("rows.csv", "rows.parquet", "summary.md", "summary.tex"):
        assert main(["study", "export", str(finished), str(tmp_path / name)]) == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "rows.csv").read_text())))
    assert len(rows) == pq.read_table(tmp_path / "rows.parquet").num_rows == 9
    assert rows[0]["status"] == "done"
    markdown = (tmp_path / "summary.md").read_text()
    assert "each with its own alpha" in markdown
    latex = (tmp_path / "summary.tex").read_text()
    assert latex.count(r"\\") == 7  # three settings by two methods, and the heading
    assert all(rule in latex for rule in (r"\toprule", r"\midrule", r"\bottomrule"))
    assert main(["study", "export", str(finished), str(tmp_path / "rows.xlsx")]) == 2


def test_names_do_no_harm_in_exports():
    row = {
        "picture": "=1+1",
        "setting": "a_b & 50 % | c",
        "seed": 0,
        "status": "failed",
        "sentence": "x",
        "key": "k",
    }
    assert "'=1+1" in csv_text([row])
    assert r"a\_b \& 50 \% | c" in latex_text([row])
    assert "c |" in markdown_text([row])
    assert "% | c" not in markdown_text([row])


def test_table_status_and_rows_are_printed(finished: Path, capsys):
    assert main(["study", "table", str(finished)]) == 0
    assert main(["study", "table", str(finished), "--rows"]) == 0
    assert main(["study", "status", str(finished)]) == 0
    out = capsys.readouterr().out
    assert "9 of 9 done, 0 failed" in out
    assert "each with its own alpha" in out


def test_a_folder_without_a_study_is_one_sentence(tmp_path: Path, capsys):
    for step in ("status", "resume", "verify", "table"):
        assert main(["study", step, str(tmp_path)]) == 2
    (tmp_path / "table.parquet").write_bytes(b"nothing")
    assert main(["study", "status", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 5
