"""What every row of the table begins with, whatever it is about and however it ended."""

from __future__ import annotations

from typing import Any

from lrscore.certificate import Certificate
from lrscore.study.items import Item

DONE, FAILED = "done", "failed"
CERTIFIED, CORRECT, RADIUS = "certified_", "certified_correct_", "radius_"
GAIN, GAIN_AREA = "gain_", "gain_radius_"
"""Of coarse labels: certified information gain over the budgets, and the area under it."""


def heading_row(item: Item) -> dict[str, Any]:
    """Which item a row is about."""
    return {
        "key": item.key,
        "picture": item.picture,
        "setting": item.setting.name,
        "seed": item.seed,
        "kind": item.setting.kind,
        "model": item.setting.model,
        "model_digest": item.model_digest,
        "picture_digest": item.fingerprint,
        "sentence": "",
        "certificate": "",
        "certificate_digest": "",
    }


def told_row(certificate: Certificate) -> dict[str, Any]:
    """What every certificate tells: how it was made, and how many outputs abstain and agree; nothing is labelled."""
    told, outputs, agreement = certificate.provenance, int(certificate.labels.size), certificate.agreement
    return {
        "device": told.get("device", ""),
        "versions": told.get("versions", ""),
        "alpha": float(certificate.settings.alpha),
        "explored": certificate.settings.explored_in_words or None,
        "outputs": outputs,
        "abstained": int(certificate.abstained.sum()),
        "agreeing": None if agreement is None else round(agreement * outputs),
        "labelled": 0,
        "seconds": float(told.get("seconds", "nan")),
        "passes": int(told.get("passes", 0)),
    }


def failed_row(item: Item, sentence: str) -> dict[str, Any]:
    """The row of an item that failed, with why."""
    return heading_row(item) | {"status": FAILED, "sentence": sentence}


def column_of(kind: str) -> str:
    """The table's column of budgets of a kind."""
    return kind.replace(" ", "_")


def methods_of(row: dict[str, Any]) -> list[str]:
    """The methods that a row counts with, in their order."""
    return [
        name.removeprefix(RADIUS)
        for name, value in row.items()
        if name.startswith(RADIUS) and value is not None
    ]
