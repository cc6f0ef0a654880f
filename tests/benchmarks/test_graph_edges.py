"""The table of edges under attack: equal samples in every row, sampled once, counts in order."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.graph_edges import BUDGETS, ROWS, Row, lines_of, main, sampled
from models.graphs.registry import load_graph, load_graph_model


def test_every_row_draws_as_many_noisy_graphs():
    for row in ROWS:
        settings = row.settings(8000)
        assert row.clusters * settings.samples == 8000
        assert 0.09 < settings.pilot_samples / settings.samples <= 0.1


def test_a_row_is_sampled_once_and_counts_fall_with_the_budget(tmp_path, monkeypatch):
    graph, model = load_graph("village"), load_graph_model("village-gcn").eval()
    row, path = Row(2, 0.6, 0.9), tmp_path / "row.nc"
    certificate = sampled(row.settings(240), graph, model, 0, path)
    monkeypatch.setattr("benchmarks.graph_edges.certify_graph", lambda *_, **__: pytest.fail("sampled again"))
    again = sampled(row.settings(240), graph, model, 0, path)
    assert np.array_equal(again.counts, certificate.counts)
    tests = np.ones(certificate.nodes, dtype=bool)
    lines = lines_of(row.name, [certificate], tests, 10)
    assert len(lines) == 2
    each, together = (np.array([float(cell) for cell in line.split(" | ")[4:-1]]) for line in lines)
    assert len(each) == len(BUDGETS) - 1
    assert (together >= each).all()
    assert (np.diff(together[:3]) <= 0).all()


def test_the_command_prints_a_table(tmp_path, capsys):
    main(["village", "--copies", "60", "--boxes", "3", "--runs", str(tmp_path), "--rows", "0", "4"])
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("| village, village-gcn | counted |")
    rows = [line for line in told if line.startswith(("| 5 cl", "| one n"))]
    assert {line.count("|") for line in rows} == {told[0].count("|")}
    main(["village", "--copies", "60", "--runs", str(tmp_path), "--rows", "0", "--only-sample"])
    assert capsys.readouterr().out == ""


def test_several_runs_are_told_as_a_mean_with_its_range(tmp_path, capsys):
    main(
        ["village", "--copies", "60", "--boxes", "3", "--runs", str(tmp_path), "--rows", "0", "--seeds", "3"]
    )
    told = capsys.readouterr().out
    assert len(list(tmp_path.glob("*.nc"))) == 3
    cell = told.splitlines()[-1].split(" | ")[2]
    mean, low, high = (
        float(part) for part in cell.replace("(", "").replace(")", "").replace("–", " ").split()
    )
    assert low < mean < high
