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

from lrscore.catalogue import find_catalogue
from lrscore.cli.main import main
from lrscore.files import load_certificate
from lrscore.graphs.settings import GraphSettings
from lrscore.metrics import mean_iou
from lrscore.study.api import run_study
from lrscore.study.checking import check_study
from lrscore.study.comparing import TEST, compare, curves_of
from lrscore.study.exporting import csv_text, latex_text, markdown_text
from lrscore.study.items import sources_of
from lrscore.study.settings import Setting
from lrscore.study.store import Store
from lrscore.study.summary import (
    CONFIDENCE,
    FEWEST,
    bootstrap_interval,
    pooled_mean_iou,
    summarize,
    withstood,
)
from lrscore.study.table import read_table, write_table
from tests.lrscore.study.toy_catalogue import NAME
from tests.lrscore.study.toys import graph_study, results_of, toy_study


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


@pytest.mark.parametrize(("pictures", "least"), [(FEWEST, 0.92), (10, 0.92), (40, 0.92)])
def test_bootstrap_intervals_cover_a_mean_as_often_as_they_say(pictures: int, least: float):
    """Plain percentiles of six normal values would cover their mean 86 times of 100."""
    generator = np.random.default_rng(1)
    hits = 0
    for _ in range(400):
        low, high = bootstrap_interval(generator.normal(1.0, 0.3, pictures))
        hits += low <= 1.0 <= high
    assert least <= hits / 400 <= 0.98


def test_bootstrap_intervals_of_skewed_values_fall_a_little_short():
    generator = np.random.default_rng(1)
    covered = (bootstrap_interval(generator.exponential(size=40)) for _ in range(200))
    hits = sum(low <= 1.0 <= high for low, high in covered)
    assert 0.88 <= hits / 200 <= 0.98


def test_an_interval_of_many_pictures_is_the_plain_one():
    from scipy.stats import bootstrap

    values = np.random.default_rng(3).random(2000)
    plain = bootstrap(
        (values,), np.mean, method="percentile", rng=np.random.default_rng(4)
    ).confidence_interval
    np.testing.assert_allclose(bootstrap_interval(values), (plain.low, plain.high), atol=1e-3)


def test_too_few_pictures_have_no_interval():
    """Resampled means stay between the values, and the mean of five symmetric ones often does not."""
    assert bootstrap_interval(np.arange(FEWEST - 1.0)) is None
    assert bootstrap_interval(np.arange(float(FEWEST))) is not None
    generator = np.random.default_rng(1)
    values = generator.normal(size=(20_000, FEWEST - 1))
    between = (values.min(axis=1) <= 0) & (values.max(axis=1) >= 0)
    assert between.mean() < CONFIDENCE


def radius_rows(radii: np.ndarray) -> list[dict[str, object]]:
    """Rows of radii (pictures, seeds, settings)."""
    told = {"status": "done", "outputs": 10, "abstained": 0, "passes": 1, "seconds": 1.0, "alpha": 0.01}
    return [
        told | {"picture": f"p{picture}", "seed": seed, "setting": f"s{side}", "radius_naive": radius}
        for (picture, seed, side), radius in np.ndenumerate(radii)
    ]


def test_seeds_are_no_further_pictures():
    """Four seeds say four times the same of a picture: neither interval nor test may take them for more pictures."""
    generator = np.random.default_rng(6)
    radii = generator.random((8, 1, 2)) + 0.1 * np.array([0.0, 1.0])
    once, often = (radius_rows(np.repeat(radii, seeds, axis=1)) for seeds in (1, 4))
    for one, other in zip(summarize(once), summarize(often), strict=True):
        assert (one.pictures, one.interval) == (other.pictures, other.interval)
        assert one.radius == pytest.approx(other.radius)
        assert other.alphas == pytest.approx(4 * one.alphas)  # certificates they are
    first, second = (compare(rows, ("s0", "naive"), ("s1", "naive")) for rows in (once, often))
    assert (first.p_value, first.interval) == (second.p_value, second.interval)
    assert first.sentence() == second.sentence()
    assert (len(first.places), len(second.places)) == (8, 32)


def test_the_level_holds_where_a_picture_has_several_seeds():
    """Settings that differ by what happens to a picture, not by themselves."""
    generator, rejected = np.random.default_rng(7), 0
    for _ in range(200):
        radii = generator.random((10, 1, 2)) + 0.01 * generator.random((10, 3, 2))
        found = compare(radius_rows(radii), ("s0", "naive"), ("s1", "naive"))
        rejected += found.p_value < 0.05
        assert found.interval is not None
    assert rejected <= 20


def test_many_pictures_without_a_difference_do_not_hurt_the_level():
    """Radii of 0 under both settings are the rule where much abstains."""
    generator, rejected = np.random.default_rng(8), 0
    for _ in range(200):
        radii = generator.random((20, 1, 2)) * (generator.random((20, 1, 1)) < 0.4)
        p_value = compare(radius_rows(radii), ("s0", "naive"), ("s1", "naive")).p_value
        rejected += p_value is not None and p_value < 0.05
    assert rejected <= 20


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


def test_what_a_study_does_not_name_any_more_leaves_its_table_and_comes_back(tmp_path: Path, capsys):
    """Rows of settings, seeds and pictures: none counts in the summary, none fails to verify, none is done again."""
    study, folder = toy_study(2, methods=("naive",)), tmp_path / "s"
    run_study(replace(study, seeds=(0, 1)), folder, workers=0)
    less = replace(study, settings=study.settings[:1], limit=1)
    assert run_study(less, folder, workers=0).kept == 1
    (row,) = Store(folder).rows
    assert (row["setting"], row["seed"]) == ("near", 0)
    assert [one.pictures for one in summarize(Store(folder).rows)] == [1]
    capsys.readouterr()
    assert main(["study", "status", str(folder)]) == 0
    assert "1 of 1 done" in capsys.readouterr().out
    assert main(["study", "verify", str(folder), "--workers", "0"]) == 0
    assert run_study(replace(study, seeds=(0, 1)), folder, workers=0).kept == 12
    assert len(Store(folder).rows) == 12


@pytest.mark.parametrize("keep", ["certificates", "table"])
def test_a_study_begun_where_its_data_is_not_found_loses_nothing(tmp_path: Path, keep: str):
    study, folder = toy_study(2, methods=("naive",), keep=keep), tmp_path / "s"
    run_study(study, folder, workers=0)
    before = results_of(folder)
    outcome = run_study(replace(study, data=("broken",)), folder, workers=0)
    assert outcome.failed == outcome.total == 3
    assert run_study(study, folder, workers=0).kept == 6
    assert results_of(folder) == before


def test_the_summary_tells_how_many_changes_nodes_withstand(tmp_path: Path, capsys):
    """Against the slow way: ask the certificate about one more change after the other."""
    most = 4
    budgets = tuple({(0, 0), *((place, 0) for place in range(most)), *((0, place) for place in range(most))})
    study = graph_study(data=("ring",), budgets=budgets, methods=("envelope",))
    run_study(study, tmp_path / "s", workers=0)
    rows = Store(tmp_path / "s").rows
    found = {one.setting: one.withstood for one in summarize(rows)}
    for row in rows:
        certificate = load_certificate(tmp_path / "s" / row["certificate"])
        tested = np.arange(12) % 2 == 0
        for place, kind in enumerate(("additions", "deletions")):
            right = certificate.correct() & tested
            counts = [
                int(certificate.collective(np.eye(2)[[place]] * number, "envelope", right).certified[0])
                for number in range(1, most)
            ]
            assert found[row["setting"]][kind] == pytest.approx(sum(counts) / tested.sum())
    assert any(value > 0 for one in found.values() for value in one.values())
    assert main(["study", "table", str(tmp_path / "s")]) == 0
    out = capsys.readouterr().out
    assert "additions withstood" in out
    assert "Withstood is how many changes" in out
    assert "mean IoU" not in out  # a column that says nothing in any line
    assert "edge" not in out


def test_coarse_budgets_understate_what_is_withstood():
    row = {"outputs": 10, "additions": [0, 4, 0], "deletions": [0, 0, 2], "certified_naive": [10, 5, 8]}
    assert withstood(row, "naive") == {"additions": 2.0, "deletions": 1.6}
    row |= {"labelled": 5, "certified_correct_naive": [5, 1, 5]}
    assert withstood(row, "naive") == {"additions": 0.8, "deletions": 2.0}
    only = {"outputs": 10, "additions": [0, 0], "deletions": [0, 1], "certified_naive": [10, 5]}
    assert withstood(only, "naive") == {"deletions": 0.5}


def test_options_that_a_study_file_says_itself_are_refused(tmp_path: Path, capsys):
    """Read over in silence they would look as if they had been used."""
    (tmp_path / "a.toml").write_text(
        'data = ["toys:1"]\nmodel = "toy"\n[base]\ngrid = [1, 2]\nsamples = 16\n'
    )
    run = ["study", "run", str(tmp_path / "a.toml"), "--workers", "0"]
    for options in (["--samples", "7"], ["--levels", "0.1:0.5"], ["--seed", "3"], ["--methods", "exact"]):
        assert main([*run, *options]) == 2
        assert f"{options[0]} belongs to --data: a.toml says it itself" in capsys.readouterr().err
    assert not (tmp_path / "a").exists()
    assert main([*run, "--limit", "1", "--out", str(tmp_path / "b")]) == 0


def test_hidden_files_and_folders_are_no_pictures(tmp_path: Path):
    for name in ("._one.jpg", ".two.png", "three.JPG"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "four.png").mkdir()
    study = toy_study(1, data=(str(tmp_path),))
    assert sources_of(study, find_catalogue(NAME)) == [str(tmp_path / "three.JPG")]


@pytest.mark.parametrize("name", ["odd [/] name", "a [red]b[/red] :smile:", "[link=file:///x]c"])
def test_names_are_printed_as_they_are(tmp_path: Path, name: str, capsys):
    """What would be markup of a terminal ends no command and hides no letter."""
    setting = replace(toy_study().settings[0], name=name)
    run_study(toy_study(1, settings=(setting,), title=name), tmp_path / "s", workers=0)
    for rows in ([], ["--rows"]):
        assert main(["study", "table", str(tmp_path / "s"), *rows]) == 0
        assert capsys.readouterr().out.count(name) >= 2  # title and lines
