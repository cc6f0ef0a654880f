"""Image certificates as records: what is written, and how the certificate is derived from it again."""

from __future__ import annotations

import json

import numpy as np

from lrscore.collective import CollectiveCertificate
from lrscore.images.certificate import ImageCertificate
from lrscore.images.settings import ImageSettings
from lrscore.records import Record, compact

CORRECT = "correct-"
"""How the names of curves begin that count correct pixels only."""

_PIXEL, _PAIR = ("y", "x"), ("group", "region")
_DIMENSIONS = {
    "image": ("channel", *_PIXEL),
    "labels": _PIXEL,
    "pilot_votes": (*_PIXEL, "class"),
    "agreements": _PIXEL,
    "trials": ("group",),
    "probabilities": _PIXEL,
    "thresholds": _PIXEL,
    "groups": _PIXEL,
    "noise_levels": _PAIR,
    "weights": _PAIR,
    "reference": _PIXEL,
}


def image_record(certificate: ImageCertificate) -> Record:
    """Everything the file holds; with the default envelope curve if the certificate carries none."""
    curves = certificate.curves or (certificate.collective(certificate.default_budgets()),)
    arrays = {
        "image": _compact_image(certificate.image),
        "labels": compact(certificate.labels),
        "pilot_votes": compact(certificate.pilot_votes),
        "agreements": compact(certificate.agreements),
        "trials": certificate.trials,
        "probabilities": certificate.probabilities,
        "thresholds": certificate.thresholds.reshape(certificate.shape),
        "groups": compact(certificate.groups.reshape(certificate.shape)),
        "noise_levels": certificate.noise_levels,
        "weights": certificate.weights,
    }
    if certificate.reference is not None:
        arrays["reference"] = compact(certificate.reference)
    texts = {
        "guarantee": certificate.guarantee(),
        "settings": json.dumps(certificate.settings.to_dict()),
        "plan": json.dumps(certificate.plan.to_dict()),
        "look": json.dumps(certificate.look),
        "class_names": json.dumps(list(certificate.class_names)),
        "provenance": json.dumps(dict(certificate.provenance)),
    }
    named = named_curves(curves) | {
        f"{CORRECT}{name}": curve for name, curve in named_curves(certificate.correct_curves).items()
    }
    return Record("image", texts, arrays, _DIMENSIONS, named)


def image_from_record(record: Record) -> ImageCertificate:
    """The certificate that the counts of a record give; its derived arrays are not trusted.

    Raises:
        LrscoreError, KeyError, ...: whatever a malformed record provokes; `records.reading` turns it into a sentence.
    """
    whole = {
        name: record.arrays[name].astype(np.int64)
        for name in ("labels", "pilot_votes", "agreements", "trials")
    }
    image, reference = record.arrays["image"], record.arrays.get("reference")
    certificate = ImageCertificate(
        settings=ImageSettings(**json.loads(record.texts["settings"])),
        image=image.astype(np.float32) / np.float32(255) if image.dtype == np.uint8 else image,
        **whole,
        reference=None if reference is None else reference.astype(np.int64),
        class_names=tuple(json.loads(record.texts["class_names"])),
        provenance=json.loads(record.texts["provenance"]),
        curves=_curves(record, correct=False),
        correct_curves=_curves(record, correct=True),
    )
    certificate.check_counts()
    return certificate


def named_curves(curves: tuple[CollectiveCertificate, ...]) -> dict[str, dict[str, np.ndarray]]:
    """Arrays of collective certificates under names that say number and method."""
    return {f"{number}-{curve.method}": curve.to_arrays() for number, curve in enumerate(curves)}


def _curves(record: Record, *, correct: bool) -> tuple[CollectiveCertificate, ...]:
    return tuple(
        CollectiveCertificate.from_arrays(curve)
        for name, curve in record.curves.items()
        if name.startswith(CORRECT) == correct
    )


def _compact_image(image: np.ndarray) -> np.ndarray:
    """8-bit values if the image lies exactly on that lattice, else the image itself."""
    lattice = np.rint(image * 255).astype(np.uint8)
    exact = np.array_equal(lattice.astype(np.float32) / np.float32(255), image)
    return lattice if exact else image
