"""A notebook runs as exported, cell by cell, and prints the number that was on screen."""

from __future__ import annotations

import io
from contextlib import redirect_stdout

import matplotlib as mpl
import nbformat
import pytest

from lrscore.images.baselines import segcertify
from lrscore.study.comparing import compare
from lrscore.study.exporting import markdown_text
from tests.ui.compare.test_scores import entrant
from tests.ui.graphs.toy_certificate import toy_certificate as graph_certificate
from tests.ui.studies.made_up import write_study
from tests.ui.toy import toy_certificate
from ui.certification.export import certificate_bytes
from ui.compare.notebook import Included, comparison_notebook
from ui.compare.outcomes import outcome_of
from ui.compare.scores import score
from ui.graphs.export import ExportedGraph
from ui.graphs.plane import compute_plane, compute_relaxations
from ui.graphs.plots import cut_chart
from ui.graphs.states import node_states
from ui.images.curves import compute_curves, parting_budget
from ui.images.export import Exported
from ui.studies.notebook import study_notebook
from ui.studies.shelf import results_of
from ui.style.theme import LIGHT


def run(text: str) -> str:
    """What the notebook prints."""
    mpl.use("agg")
    made = nbformat.reads(text, as_version=4)
    nbformat.validate(made)
    printed, names = io.StringIO(), {}
    with redirect_stdout(printed):
        for cell in made.cells:
            if cell.cell_type == "code":
                exec(compile(cell.source, "cell", "exec"), names)
    return printed.getvalue()


@pytest.mark.parametrize("count", ["all", "correct"])
def test_a_picture(count):
    certificate = toy_certificate()
    curves = compute_curves(certificate, count)
    index = curves.index(parting_budget(curves))
    screen = Exported(certificate, curves, index, count, LIGHT, "Toy street")
    printed = run(screen.notebook())
    assert f"proven: {int(curves.proven[index]):,} of {curves.outputs:,}" in printed
    assert f"ceiling {int(curves.ceiling[index]):,}" in printed
    assert "With probability at least" in printed
    assert "--grid 2x3" in nbformat.reads(screen.notebook(), as_version=4).cells[0].source


@pytest.mark.parametrize("count", ["all", "correct", "unseen"])
def test_a_graph(count):
    certificate = graph_certificate()
    plane = compute_plane(certificate, count, boxes=100)
    point = plane.index(0, 2)
    states = node_states(certificate, plane.budgets(point), plane.allocation[point], count)
    relaxations = compute_relaxations(certificate, count, plane.budgets_along(point, 1))
    chart = cut_chart(plane, relaxations, point, 1, LIGHT, what="certified ratio")
    assert certificate.display.positions is not None
    screen = ExportedGraph(
        certificate, plane, point, count, states, certificate.display.positions, chart, LIGHT, "Toy"
    )
    printed = run(screen.notebook())
    assert f"proven: {int(plane.proven[point]):,} of {plane.outputs:,}" in printed


def test_a_comparison():
    certificate, isotropic = toy_certificate(), toy_certificate(grid=(1, 1))
    rows = [("A", certificate, "naive"), ("A", certificate, "envelope"), ("B", isotropic, "segcertify-0.75")]
    scores = [
        score(entrant(one, counting, letter), [outcome_of(one, "correct")], referenced=True)
        for letter, one, counting in rows
    ]
    included = [
        Included(letter, letter, certificate_bytes(one), compute_curves(one, "correct"), "command")
        for letter, one in (("A", certificate), ("B", isotropic))
    ]
    epsilon = 0.9 * segcertify(isotropic, 0.75).radius
    assert epsilon > segcertify(isotropic, 0.6).radius, "the notebook's own test has to be the row's"
    text = comparison_notebook(scores, included, epsilon, "correct")
    assert text == comparison_notebook(scores, included, epsilon, "correct"), "the same state, the same file"
    printed = run(text)
    outputs = {one.letter: one.curves.outputs for one in included}
    for one in scores:
        letter = one.entrant.letter
        expected = round(one.at(epsilon) * outputs[letter])
        assert f"{one.entrant.name}: {expected:,} of {outputs[letter]:,}" in printed
    assert scores[-1].at(epsilon) > 0
    assert "Branch and bound is not run again" not in text


def test_a_study(tmp_path, monkeypatch):
    monkeypatch.setenv("LRS_STUDIES", str(tmp_path))
    rows = write_study(tmp_path / "many", 12)
    results = results_of("many")
    assert results.norm == "l2"
    printed = run(study_notebook(results, "envelope", "budget"))
    assert f"{len(rows):,} rows" in printed
    assert markdown_text(rows).strip() in printed
    assert compare(rows, ("near", "envelope"), ("far", "envelope")).sentence() in printed
