"""The graph tables as a study: what shares copies, what lies in the folder, and the table against its certificates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import graph_results
from benchmarks.graph_document import marks
from benchmarks.graph_results import BUDGETS, Effort, tables_of
from benchmarks.graph_study import KINDS, VOTES
from lrscore.catalogue import find_catalogue
from lrscore.files import load_certificate
from lrscore.study.checking import check_study
from lrscore.study.items import items_of
from lrscore.study.store import Store


@pytest.fixture
def village(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables of the bundled graph, with few samples."""
    monkeypatch.setattr(graph_results, "GRAPHS", ("village",))
    monkeypatch.setattr(graph_results, "NETWORKS", ("appnp",))
    monkeypatch.setattr(graph_results, "EFFORTS", {"village": Effort(300, 200)})
    monkeypatch.setattr(graph_results, "PILOT", 20)


def test_what_is_read_of_one_noise_is_one_run(village: None, tmp_path: Path):
    items = items_of(tables_of("village", "appnp", tmp_path).study, find_catalogue(), "models.catalogue")
    by_noise: dict[str, set[str]] = {}
    for item in items:
        by_noise.setdefault(item.setting.name.rsplit(", ", 1)[0], set()).add(item.drawn)
    assert len(items) == 3 * (len(KINDS) + 2)
    assert [len(drawn) for drawn in by_noise.values()] == [1] * 6
    assert len(set.union(*by_noise.values())) == 6


def test_tables_say_what_the_certificates_say(
    village: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    strong = [one for one in graph_results.noises(200) if one.name == "strong"]
    monkeypatch.setattr(graph_results, "noises", lambda samples: strong)
    document = tmp_path / "graphs.md"
    document.write_text("\n".join(("before", *marks("tables"), "after")))
    arguments = ["--runs", str(tmp_path / "runs"), "--out", str(document), "--only", "village-appnp"]
    graph_results.main([*arguments, "--workers", "0"])
    assert "5 certificates made, 0 were there" in capsys.readouterr().out
    study = tables_of("village", "appnp", tmp_path / "runs")
    tests = study.data.test_mask.numpy()
    lines = [line.split(" | ") for line in document.read_text().splitlines() if line.startswith("| ")]
    told = {
        line[0].removeprefix("| "): [float(cell.strip(" |")) for cell in line[1:]]
        for line in lines
        if "%" not in line[0] and "---" not in line[0]
    }
    assert len(told) == 3 * 7 + 2
    for kind in KINDS:
        certificate = study["strong", kind].certificate
        right = tests & (certificate.labels == study.data.y.numpy())
        for method in ("naive", "paper", "envelope", "exact"):
            counts = certificate.collective(BUDGETS, method, targets=right).certified
            np.testing.assert_allclose(
                told[f"localized, {kind}, {method}"], 100 * counts / tests.sum(), atol=0.051
            )
    assert max(told[f"localized, {VOTES}, exact"]) > 0
    assert not [one for one in check_study(Store(study.folder), workers=0) if one.sentence]
    assert all(load_certificate(path).provenance["title"] == "village" for path in study.folder.glob("*.nc"))
    before = document.read_text()
    graph_results.main([*arguments, "--workers", "0"])  # nothing is sampled again
    assert "0 certificates made, 5 were there" in capsys.readouterr().out
    assert document.read_text() == before
