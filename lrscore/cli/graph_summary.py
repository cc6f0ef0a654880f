"""What the command line says about a graph certificate."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from rich.console import Console
from rich.table import Table

from lrscore.cli.choice import print_choice
from lrscore.cli.promise import print_agreement
from lrscore.cli.tables import plain_console, print_targets
from lrscore.graphs.certificate import UNKNOWN, GraphCertificate
from lrscore.graphs.known_labels import beyond_model

_STEPS = 6


def print_graph_summary(certificate: GraphCertificate) -> None:
    """Settings, guarantee and a table of certified counts over additions and deletions."""
    console, settings = plain_console(), certificate.settings
    to_one, to_zero = certificate.noise_levels
    flips = f"flips to one {_span(to_one)}, to zero {_span(to_zero)}{_edges_in_words(certificate)}"
    console.print(
        f"{certificate.nodes} nodes, {certificate.clusters.max() + 1} clusters, {flips}, "
        f"{settings.pilot_samples} + {int(certificate.trials.max())} samples per cluster, "
        f"{settings.scores} scores, {int(certificate.abstained.sum())} of {certificate.nodes} nodes abstain",
        highlight=False,
        soft_wrap=True,
    )
    if certificate.short_of_plan:
        words = certificate.how_far("cluster")
        console.print(f"sampling was stopped early: {words}", highlight=False, soft_wrap=True)
    print_choice(certificate, console)
    print_reference_score(certificate, console)
    print_agreement(certificate)
    console.print(certificate.guarantee(), highlight=False, soft_wrap=True)
    method = _method(certificate)
    attributes, edges = certificate.largest_budgets(method), certificate.largest_edge_budgets(method)
    if certificate.edge_noise is None or (certificate.noise_levels > 0).any():
        console.print(plane_table(certificate, attributes, 0, "attribute"))
    if certificate.edge_noise is not None:
        console.print(plane_table(certificate, edges, 2, "edge"))
    if certificate.chosen is not None and certificate.chosen.tree is not None:
        console.print(gain_table(certificate, attributes, 0, "attribute"))
        if certificate.edge_noise is not None:
            console.print(gain_table(certificate, edges, 2, "edge"))
    print_targets(certificate)


def print_reference_score(certificate: GraphCertificate, console: Console) -> None:
    """Accuracy of the smoothed prediction, where the truth is known."""
    if certificate.reference is None or not (certificate.reference != UNKNOWN).any():
        return
    if words := beyond_model(certificate.reference, certificate.pilot_scores.shape[1]):
        console.print(f"WARNING: {words}", highlight=False, soft_wrap=True)
    known = certificate.reference != UNKNOWN
    right = certificate.correct() & ~certificate.unclassed
    wrong = "abstentions and groups of classes" if certificate.coarse.any() else "abstentions"
    console.print(
        f"smoothed prediction: accuracy {right[known].mean():.3f} of all labelled nodes ({wrong} wrong)"
    )
    if certificate.unsmoothed is not None:
        alone = (certificate.unsmoothed == certificate.reference)[known].mean()
        console.print(f"unsmoothed prediction: accuracy {alone:.3f} of all labelled nodes")


def plane_table(certificate: GraphCertificate, largest: tuple[int, int], column: int, what: str) -> Table:
    """Certified nodes by the stored method, over additions (rows) and deletions (columns) of attributes or edges.

    Args:
        largest: additions and deletions that the table goes to.
        column: of the additions in budgets; the deletions follow.
        what: is added and deleted, in the singular.
    """
    method = _method(certificate)
    title = f"nodes certified ({method}) against every set of {what} additions and deletions"
    return _plane(
        certificate,
        title,
        lambda budgets: certificate.collective(budgets, method).certified,
        "{:.0f}",
        largest,
        column,
    )


def gain_table(certificate: GraphCertificate, largest: tuple[int, int], column: int, what: str) -> Table:
    """Certified information gain, over the same budgets; see `plane_table`."""
    method = _method(certificate)
    title = (
        f"certified information gain ({method}) over {what} additions and deletions: a group of classes counts for "
        "less than a class"
    )
    return _plane(
        certificate,
        title,
        lambda budgets: certificate.information_gain(budgets, method),
        "{:.3f}",
        largest,
        column,
    )


def _method(certificate: GraphCertificate) -> str:
    return certificate.curves[0].method if certificate.curves else "envelope"


def _plane(
    certificate: GraphCertificate,
    title: str,
    counted: Callable[[np.ndarray], np.ndarray],
    form: str,
    largest: tuple[int, int],
    column: int,
) -> Table:
    additions, deletions = (_steps(most) for most in largest)
    budgets = np.zeros((additions.size * deletions.size, len(certificate.budget_kinds)))
    budgets[:, column : column + 2] = [(a, d) for a in additions for d in deletions]
    values = counted(budgets).reshape(additions.size, deletions.size)
    table = Table(title=title)
    table.add_column("additions", justify="right")
    for count in deletions:
        table.add_column(f"{count:.0f} deletions", justify="right")
    for row, count in enumerate(additions):
        table.add_row(f"{count:.0f}", *(form.format(value) for value in values[row]))
    return table


def _edges_in_words(certificate: GraphCertificate) -> str:
    if (noise := certificate.edge_noise) is None:
        return ""
    return f", edges new {_span(noise.to_one)}, lost {_span(noise.to_zero)}"


def _steps(largest: int) -> np.ndarray:
    return np.unique(np.linspace(0, largest, _STEPS).round())


def _span(levels: np.ndarray) -> str:
    low, high = levels.min(), levels.max()
    return f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"
