"""A notebook runs as exported, cell by cell, and prints the number that was on screen."""

from __future__ import annotations

import io
from contextlib import redirect_stdout

import matplotlib as mpl
import nbformat
import pytest

from tests.ui.graphs.toy_certificate import toy_certificate as graph_certificate
from tests.ui.toy import toy_certificate
from ui.graphs.export import ExportedGraph
from ui.graphs.plane import compute_plane, compute_relaxations
from ui.graphs.plots import cut_chart
from ui.graphs.states import node_states
from ui.images.curves import compute_curves, parting_budget
from ui.images.export import Exported
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
