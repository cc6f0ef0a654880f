"""Repeat the certificate of a graph with other seeds, and see mean and range."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from jobs.job import Work
from lrscore.certificate import Certificate
from lrscore.graphs.certificate import GraphCertificate
from ui.certification.repeats import Repeatable, draw_repeats
from ui.graphs.counting import Count
from ui.graphs.memory import BOXES, QUICK
from ui.graphs.on_screen import ShownGraph
from ui.graphs.own_models import model_reference, plain_name
from ui.graphs.plane import Plane, Point, proven_at
from ui.graphs.runs import GraphRun, graph_work
from ui.graphs.source_picker import GraphPick
from ui.graphs.sources import GraphSource, graph_pacemaker, graph_shelf
from ui.graphs.words import changes
from ui.running.machine import ModelShelf, Pacemaker
from ui.running.page_job import PageJob, device_name

REPEAT = PageJob("graph_repeat", unit="noisy graphs", linked=False, quiet=True)
_OTHER = "The graph or the model that this certificate is about is not the one that is chosen."


def repeat_run(
    certificate: GraphCertificate,
    source: GraphSource,
    model: str,
    shelf: ModelShelf,
    pace: Pacemaker,
    seed: int,
) -> tuple[int, Work]:
    """Passes and work of one more run of a certificate's graph under its settings.

    Args:
        model: what the shelf loads.
    """
    run = GraphRun(source, certificate.settings, seed, model, certificate.trials.size)
    return run.passes, graph_work(run, shelf, pace)


def proven_like(shown: GraphCertificate, count: Count, budgets: tuple[int, ...], repeat: Certificate) -> int:
    """The proven count of a repeat at (additions, deletions), or of all four kinds, of the same nodes as on screen."""
    assert isinstance(repeat, GraphCertificate)
    same = replace(repeat, reference=shown.reference, display=shown.display)
    return proven_at(same, count, BOXES[QUICK], budgets)


def about_the_same(certificate: GraphCertificate, source: GraphSource, model: str) -> bool:
    """Whether a graph and a model of the picker are those of the certificate, as far as it tells."""
    known = certificate.provenance.get("model") == plain_name(model)
    return known and certificate.nodes == source.shape[0] and np.array_equal(certificate.edges, source.edges)


def draw_graph_repeats(shown: ShownGraph, pick: GraphPick, plane: Plane, point: Point, count: Count) -> None:
    """The panel below the graph."""
    certificate = shown.certificate
    run: Callable[[int], tuple[int, Work]] | str = _OTHER
    seconds = 0.0
    if (
        pick.source is not None
        and pick.model is not None
        and about_the_same(certificate, pick.source, pick.model)
    ):
        reference = model_reference(pick.model)
        run = partial(repeat_run, certificate, pick.source, reference, graph_shelf(), graph_pacemaker())
        one = GraphRun(pick.source, certificate.settings, 0, reference, certificate.trials.size)
        seconds = graph_pacemaker().seconds(device_name(), one.entries, one.passes)
    budgets = plane.units(point)
    draw_repeats(
        "graph",
        REPEAT,
        Repeatable(
            certificate,
            (shown.key, certificate.settings, "seeds"),
            plane.outputs,
            changes(*budgets),
            "branch and bound",
            partial(proven_like, certificate, count, budgets),
            run,
            seconds,
        ),
    )
