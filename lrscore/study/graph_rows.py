"""The table's row of a graph: everything that is worth adding up, from its certificate alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from lrscore.collective import CollectiveCertificate, Limits
from lrscore.errors import SettingsError
from lrscore.graphs.certificate import UNKNOWN, GraphCertificate
from lrscore.study.items import Item
from lrscore.study.rows import DONE, GAIN, column_of, heading_row, told_row

TESTS = "test"
"""Name of the mask of test nodes in a certificate file."""


def graph_row(
    item: Item, certificate: GraphCertificate, tests: np.ndarray | None = None
) -> tuple[dict[str, Any], CollectiveCertificate | None]:
    """The row, and the collective certificate to keep as proof: that of the last method.

    Certified accuracy is counted on the known nodes of the test split, or on all known nodes where there is no split.

    Args:
        tests: (n,) bool.
    """
    study = item.study
    farthest = "exact" if "exact" in study.methods else "envelope"
    budgets = (
        np.array(study.budgets, dtype=np.float64) if study.budgets else certificate.default_budgets(farthest)
    )
    kinds = certificate.budget_kinds
    if budgets.shape[1] > len(kinds):
        raise SettingsError("budgets of edges need settings that flip edges")
    whole = np.pad(budgets, ((0, 0), (0, len(kinds) - budgets.shape[1]))).astype(int)
    row = heading_row(item) | told_row(certificate)
    row |= {
        "status": DONE,
        "noise": "flips",
    }
    row |= {column_of(kind): column.tolist() for kind, column in zip(kinds, whole.T, strict=True)}
    right = None
    if certificate.reference is not None:
        counted = certificate.reference != UNKNOWN
        counted = counted if tests is None else counted & tests
        right = certificate.correct() & counted
        row["labelled"] = int(counted.sum())
        row["correct"] = int((right & ~certificate.abstained).sum())
        row["tested"] = tests is not None
    limits, proof = Limits(node_limit=study.boxes), None
    for method in study.methods:
        proof = certificate.collective(budgets, method, limits=limits)
        row[f"certified_{method}"] = proof.certified.tolist()
        if right is not None:
            row[f"certified_correct_{method}"] = certificate.collective(
                budgets, method, right, limits=limits
            ).certified.tolist()
        if certificate.settings.hierarchy:
            row[f"{GAIN}{method}"] = (
                _within(certificate, tests).information_gain(budgets, method, limits=limits).tolist()
            )
    return row, proof


def _within(certificate: GraphCertificate, tests: np.ndarray | None) -> GraphCertificate:
    """The certificate with the classes of those nodes alone."""
    if tests is None or certificate.reference is None:
        return certificate
    return replace(certificate, reference=np.where(tests, certificate.reference, UNKNOWN))
