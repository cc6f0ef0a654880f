"""What branch and bound has proven is stored with the certificate; nothing else passes for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lrscore.collective import certify_collectively
from lrscore.errors import CertificateError
from lrscore.files import load_certificate
from lrscore.records import read_record, write_record
from lrscore.verify import verify_file
from tests.ui.toy import toy_certificate
from ui.images.branch_and_bound.work import search, spread_budgets, stored_points, strongest, with_proofs
from ui.images.curves import compute_curves, parting_budget


@pytest.fixture(scope="module")
def proven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of a certificate with a search of all pixels and one of the correct ones."""
    certificate = toy_certificate()
    index = spread_budgets(compute_curves(certificate, "correct"), 3)[0]
    points = {
        count: search(certificate, compute_curves(certificate, count), count, index, seconds=1.0)
        for count in ("all", "correct")
    }
    path = tmp_path_factory.mktemp("proven") / "a.nc"
    with_proofs(certificate, [points["all"]], [points["correct"]]).save(path)
    return path


def test_searches_are_stored_with_the_certificate_and_verify(proven: Path):
    assert len(verify_file(proven)) == len(verify_file(_plain(proven))) + 2
    loaded = load_certificate(proven)
    assert [curve.method for curve in loaded.curves] == ["envelope", "exact"]
    assert [curve.method for curve in loaded.correct_curves] == ["exact"]
    correct = loaded.correct().ravel()
    naive = certify_collectively(
        loaded.weights, loaded.thresholds, loaded.groups, loaded.correct_curves[0].budgets, targets=correct
    )
    assert naive.certified <= loaded.correct_curves[0].certified <= correct.sum()


def _plain(proven: Path) -> Path:
    """A file of the same certificate without searches."""
    toy_certificate().save(proven.with_name("plain.nc"))
    return proven.with_name("plain.nc")


FORGERIES = {
    "one more pixel": lambda arrays: {"certified": arrays["certified"] + 1},
    "a larger budget": lambda arrays: {"budgets": arrays["budgets"] * 1.3},
    "a lower ceiling": lambda arrays: {"ceiling": arrays["ceiling"] - 1},
    "other dual vectors": lambda arrays: {"proof_multipliers": arrays["proof_multipliers"] * 0},
    "caps": lambda arrays: {"proof_caps": np.zeros_like(arrays["proof_caps"])},
}


@pytest.mark.parametrize("forgery", FORGERIES)
@pytest.mark.parametrize("kind", ["correct-0-exact", "1-exact"])
def test_forged_searches_are_refused(proven: Path, tmp_path: Path, forgery: str, kind: str):
    record = read_record(proven)
    arrays = record.curves[kind]
    forged = replace(record, curves={**record.curves, kind: {**arrays, **FORGERIES[forgery](arrays)}})
    write_record(forged, tmp_path / "forged.nc")
    with pytest.raises(CertificateError):
        verify_file(tmp_path / "forged.nc")


def test_a_count_of_all_pixels_does_not_pass_for_one_of_correct_pixels(proven: Path, tmp_path: Path):
    """Nor the other way round, nor with another reference: what counts follows from the file."""
    record = read_record(proven)
    swapped = {**record.curves, "correct-0-exact": record.curves["1-exact"]}
    turned = {**record.curves, "1-exact": record.curves["correct-0-exact"]}
    wrong = {**record.arrays, "reference": (record.arrays["reference"] + 1) % 11}
    for name, changes in {
        "swapped": {"curves": swapped},
        "turned": {"curves": turned},
        "wrong": {"arrays": wrong},
    }.items():
        write_record(replace(record, **changes), tmp_path / f"{name}.nc")
        with pytest.raises(CertificateError, match="curve"):
            verify_file(tmp_path / f"{name}.nc")


def test_another_reference_or_other_settings_drop_the_searches(proven: Path):
    loaded = load_certificate(proven)
    assert loaded.with_reference(np.zeros(loaded.shape)).correct_curves == ()
    assert with_proofs(loaded, [], []) is loaded


def test_stored_proofs_count_at_their_budget_or_the_next_smaller_one():
    certificate = toy_certificate()
    curves = compute_curves(certificate, "correct")
    index = curves.index(parting_budget(curves))
    point = search(certificate, curves, "correct", index)
    stored = with_proofs(certificate, (), (point,))
    [read] = stored_points(stored, curves, "correct")
    assert (read.index, read.certified, read.ceiling) == (index, point.certified, point.ceiling)
    assert stored_points(stored, curves, "all") == [], "another count, another proof"
    additive = certificate.noise.budget(float(curves.epsilons[index]) + 1e-4)
    between = certificate.collective(np.array([additive]), "exact", certificate.correct())
    moved = replace(certificate, correct_curves=(between,))
    [lower] = stored_points(moved, curves, "correct")
    assert lower.index == index
    assert lower.ceiling == curves.ceiling[index], "a ceiling holds at larger budgets only"
    weaker = replace(point, certified=point.certified - 5, ceiling=point.ceiling - 1)
    [best] = strongest([weaker, point])
    assert (best.certified, best.ceiling) == (point.certified, point.ceiling - 1)
