"""The claim behind the number on the graph page, and the facts without which it means nothing."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from lrscore.graphs.certificate import GraphCertificate
from ui.certification.claim import claim_piece, common_facts
from ui.graphs.counting import Count
from ui.graphs.plane import Plane, Point
from ui.style.templates import render
from ui.style.words import counted, fewest_samples, share

_COUNTED = {
    "all": "nodes keep their label",
    "correct": "nodes of known class stay correct",
    "unseen": "nodes the model was not trained on stay correct",
}


def changes(additions: int, deletions: int, edges_added: int = 0, edges_deleted: int = 0) -> str:
    """The adversary's budget in words."""
    words = f"adds at most {additions:,} and deletes at most {counted(deletions, 'attribute')}"
    if edges_added or edges_deleted:
        words += f", and adds at most {edges_added:,} and deletes at most {counted(edges_deleted, 'edge')}"
    return words


def edges_stay(units: tuple[int, ...]) -> str:
    """What is said of the edges where the budgets have none."""
    return "" if any(units[2:]) else " Edges stay as they are."


def axis_name(count: Count) -> str:
    """Name of the certified share."""
    return "certified ratio" if count == "all" else "certified accuracy"


def claim_html(certificate: GraphCertificate, plane: Plane, point: Point, count: Count) -> Markup:
    """The certified share at one pair of budgets, in large type, and what it claims."""
    units = plane.units(point)
    return claim_piece(
        certificate,
        int(plane.proven[point]),
        plane.outputs,
        f"{_COUNTED[count]}, whatever an adversary does who {changes(*units)} in the whole graph.{edges_stay(units)}",
    )


def facts_html(certificate: GraphCertificate, plane: Plane, point: Point) -> Markup:
    """Confidence, samples, correction, ceiling, gap and abstentions: always on screen."""
    ceiling = int(plane.ceiling[point])
    gap = counted(ceiling - int(plane.proven[point]), "node")
    return render("facts", facts=common_facts(certificate, "cluster", share(ceiling, plane.outputs), gap))


def settings_line(certificate: GraphCertificate) -> str:
    """Clusters, noise, scores, samples and correction in a line."""
    settings = certificate.settings
    added, deleted = (
        f"{levels.min():.3g}" if np.ptp(levels) == 0 else f"{levels.min():.3g} to {levels.max():.3g}"
        for levels in certificate.noise_levels
    )
    parts = [
        counted(certificate.trials.size, "cluster"),
        f"adds {added}, deletes {deleted}{', flips edges' if certificate.edge_noise is not None else ''}",
        "margins" if settings.margins else settings.scores,
        counted(fewest_samples(certificate.trials), "sample"),
        settings.correction,
    ]
    return " · ".join(parts)
