"""Library, comparison, pair and command line tell one average certified radius."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.console import Console

from lrscore.cli.image_summary import curve_table
from lrscore.images.radius import average_radius
from lrscore.metrics import average_certified_radius, certified_ratio
from tests.ui.toy import toy_certificate
from ui.browse.summary import summarise
from ui.compare.outcomes import outcome_of
from ui.compare.pair import Side, number_rows
from ui.images.curves import compute_curves
from ui.library.entries import Entry
from ui.style.words import radius_words


def test_library_comparison_pair_and_command_line_tell_the_same_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):

    certificate = toy_certificate()
    radius = average_radius(certificate).radius
    certificate.save(tmp_path / "toy.nc")
    summary = summarise(Entry("folder", tmp_path / "toy.nc", 1))
    assert summary.reach == radius
    assert summary.reach_words == f"average certified radius {radius_words(radius)} (envelope)"
    outcome = outcome_of(certificate, "correct")

    curves = outcome.curves
    shares = certified_ratio(outcome.counted["envelope"].certified, curves.outputs)
    assert average_certified_radius(curves.epsilons, shares) == radius
    side = Side("A", "toy", certificate, compute_curves(certificate, "correct"), None)
    row = next(row for row in number_rows(side, side, 0.1) if row[0] == "average certified radius")
    assert row[1] == f"{radius_words(radius)} (envelope)"
    console = Console(record=True, width=200)
    console.print(curve_table(certificate))
    told = re.search(
        r"average certified radius ([\d.]+) \(area under the certified accuracy, envelope\)",
        console.export_text(),
    )
    assert told is not None
    assert float(told[1]) == pytest.approx(radius, abs=5e-5)
