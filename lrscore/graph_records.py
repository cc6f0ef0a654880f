"""Graph certificates as records: what is written, and how the certificate is derived from it again."""

from __future__ import annotations

import json

import numpy as np

from lrscore.collective import CollectiveCertificate
from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.display import GraphDisplay
from lrscore.graphs.settings import GraphSettings
from lrscore.image_records import named_curves
from lrscore.records import Record, compact

_PAIR = ("group", "cluster")
_DIMENSIONS = {
    "edges": ("end", "edge"),
    "clusters": ("node",),
    "labels": ("node",),
    "pilot_scores": ("node", "class"),
    "trials": ("cluster",),
    "probabilities": ("node",),
    "thresholds": ("node",),
    "groups": ("node",),
    "ranks": ("cluster", "other_cluster"),
    "noise_levels": ("kind", "cluster", "other_cluster"),
    "weights": ("kind", *_PAIR),
    "reference": ("node",),
    "positions": ("node", "axis"),
    "ones": ("end", "one"),
    "training": ("node",),
}


def graph_record(certificate: GraphCertificate) -> Record:
    """Everything the file holds; with the default envelope curve if the certificate carries none."""
    curves = certificate.curves or (certificate.collective(certificate.default_budgets()),)
    arrays = {
        "edges": compact(certificate.edges),
        "clusters": compact(certificate.clusters),
        "labels": compact(certificate.labels),
        "pilot_scores": certificate.pilot_scores,
        "pilot": compact(certificate.pilot),
        "counts": compact(certificate.counts),
        "trials": certificate.trials,
        "probabilities": certificate.probabilities,
        "thresholds": certificate.thresholds,
        "groups": compact(certificate.groups),
        "ranks": certificate.ranks,
        "noise_levels": certificate.noise_levels,
        "weights": np.stack(certificate.weights),
    }
    if certificate.reference is not None:
        arrays["reference"] = certificate.reference.astype(np.int16)
    texts = {
        "guarantee": certificate.guarantee(),
        "settings": json.dumps(certificate.settings.to_dict()),
        "plan": json.dumps(certificate.plan.to_dict()),
        "class_names": json.dumps(list(certificate.class_names)),
        "provenance": json.dumps(dict(certificate.provenance)),
    }
    display = certificate.display
    optional = {"positions": display.positions, "ones": display.ones, "training": display.training}
    arrays |= {name: _stored(values) for name, values in optional.items() if values is not None}
    texts |= {
        "title": display.title,
        "node_names": json.dumps(list(display.node_names)),
        "attribute_names": json.dumps(list(display.attribute_names)),
    }
    return Record("graph", texts, arrays, _DIMENSIONS, named_curves(curves))


def graph_from_record(record: Record) -> GraphCertificate:
    """The certificate that the counts of a record give; its derived arrays are not trusted.

    Raises:
        LrscoreError, KeyError, ...: whatever a malformed record provokes; `records.reading` turns it into a sentence.
    """
    whole = {
        name: record.arrays[name].astype(np.int64)
        for name in ("edges", "clusters", "labels", "pilot", "counts", "trials")
    }
    reference = record.arrays.get("reference")
    certificate = GraphCertificate(
        settings=GraphSettings(**json.loads(record.texts["settings"])),
        pilot_scores=record.arrays["pilot_scores"].astype(np.float32),
        **whole,
        reference=None if reference is None else reference.astype(np.int64),
        class_names=tuple(json.loads(record.texts["class_names"])),
        provenance=json.loads(record.texts["provenance"]),
        display=_display(record),
        curves=tuple(CollectiveCertificate.from_arrays(curve) for curve in record.curves.values()),
    )
    certificate.check_counts()
    return certificate


def _display(record: Record) -> GraphDisplay:
    positions, ones, training = (record.arrays.get(name) for name in ("positions", "ones", "training"))
    return GraphDisplay(
        title=record.texts["title"],
        positions=None if positions is None else positions.astype(np.float32),
        ones=None if ones is None else ones.astype(np.int64),
        node_names=tuple(json.loads(record.texts["node_names"])),
        attribute_names=tuple(json.loads(record.texts["attribute_names"])),
        training=None if training is None else training.astype(bool),
    )


def _stored(values: np.ndarray) -> np.ndarray:
    if values.dtype == bool:
        return values.astype(np.uint8)
    return compact(values) if np.issubdtype(values.dtype, np.integer) else values
