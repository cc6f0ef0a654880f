"""Which nodes a certified number counts, and what it is a share of."""

from __future__ import annotations

from typing import Literal

import numpy as np

from lrscore.graphs.certificate import UNKNOWN, GraphCertificate

Count = Literal["unseen", "correct", "all"]
"""Correctly labelled nodes that the model was not trained on; correctly labelled nodes; all nodes."""

COUNT_WORDS: dict[Count, str] = {
    "unseen": "correct, not trained on",
    "correct": "correct nodes",
    "all": "all nodes",
}


def possible_counts(certificate: GraphCertificate) -> tuple[Count, ...]:
    """What can be counted: without true classes only all nodes, without known training nodes not the unseen."""
    if certificate.reference is None or not (certificate.reference != UNKNOWN).any():
        return ("all",)
    if certificate.display.training is None or not _unseen(certificate).any():
        return ("correct", "all")
    return ("unseen", "correct", "all")


def candidates(certificate: GraphCertificate, count: Count) -> np.ndarray:
    """(n,) bool, the nodes that the share is a share of: all, those with a known class, or the unseen among them."""
    if count == "all":
        return np.ones(certificate.nodes, dtype=bool)
    assert certificate.reference is not None
    return _unseen(certificate) if count == "unseen" else certificate.reference != UNKNOWN


def targets(certificate: GraphCertificate, count: Count) -> np.ndarray:
    """(n,) bool, the nodes that are counted if they keep their label: all candidates, or the correct ones."""
    chosen = candidates(certificate, count)
    return chosen if count == "all" else chosen & certificate.correct()


def _unseen(certificate: GraphCertificate) -> np.ndarray:
    assert certificate.reference is not None
    training = certificate.display.training
    known = certificate.reference != UNKNOWN
    return known if training is None else known & ~training
