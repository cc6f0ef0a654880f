"""Parts of a graph certificate's file: what is written of labels and display, and what is read."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from lrscore.collective import CollectiveCertificate
from lrscore.errors import InputError
from lrscore.graphs.display import GraphDisplay
from lrscore.graphs.settings import GraphSettings
from lrscore.plain_text import one_line
from lrscore.records import Record, compact
from lrscore.stored_choice import stored_choice
from lrscore.stored_texts import stored_names, stored_provenance, stored_settings
from lrscore.targeted import TARGETED, targeted_curves

_WHOLE = ("edges", "clusters", "labels", "pilot", "counts", "trials")


def label_arrays(reference: np.ndarray | None, unsmoothed: np.ndarray | None) -> dict[str, np.ndarray]:
    """True classes, -1 = unknown, and the labels without noise, as far as they are known."""
    arrays = {}
    if reference is not None:
        arrays["reference"] = reference.astype(np.min_scalar_type(-1 - int(reference.max(initial=0))))
    if unsmoothed is not None:
        arrays["unsmoothed"] = compact(unsmoothed)
    return arrays


def display_arrays(display: GraphDisplay) -> dict[str, np.ndarray]:
    """The arrays of what a page draws."""
    optional = {"positions": display.positions, "ones": display.ones, "training": display.training}
    return {name: _stored(values) for name, values in optional.items() if values is not None}


def display_texts(display: GraphDisplay) -> dict[str, str]:
    """The texts of what a page draws."""
    return {
        "title": display.title,
        "node_names": json.dumps(list(display.node_names)),
        "attribute_names": json.dumps(list(display.attribute_names)),
    }


def stored_fields(record: Record) -> dict[str, Any]:
    """Fields of `GraphCertificate` that a record gives; derived arrays are not read.

    Raises:
        LrscoreError, KeyError, ...: whatever a malformed record provokes.
    """
    settings = GraphSettings(**stored_settings(record.texts))
    reference, unsmoothed = record.arrays.get("reference"), record.arrays.get("unsmoothed")
    return {
        **{name: record.arrays[name].astype(np.int64) for name in _WHOLE},
        "settings": settings,
        "pilot_scores": record.arrays["pilot_scores"].astype(np.float32),
        "reference": None if reference is None else reference.astype(np.int64),
        "class_names": stored_names(record.texts, "class_names"),
        "provenance": stored_provenance(record.texts),
        "display": _display(record),
        "curves": tuple(
            CollectiveCertificate.from_arrays(curve)
            for name, curve in record.curves.items()
            if not name.startswith(TARGETED)
        ),
        "unsmoothed": None if unsmoothed is None else unsmoothed.astype(np.int64),
        "targeted": targeted_curves(record.curves),
        "chosen": stored_choice(record, expected=settings.pilot_decides),
    }


def stored_weights(record: Record, *, flips_edges: bool) -> np.ndarray:
    """(K, G, P) all weights of a file, as `GraphCertificate.weights` has them.

    Raises:
        InputError: weights of edges where none are flipped or the other way round, or of another number of kinds.
    """
    weights, edges = record.arrays["weights"], record.arrays.get("edge_weights")
    if (edges is not None) != flips_edges:
        raise InputError("weights of edges belong to flips of edges")
    if edges is None:
        return weights
    if not len(weights) == len(edges) == 2:
        raise InputError(f"weights of two kinds were expected, got {len(weights)} and {len(edges)}")
    places = edges.shape[2] - weights.shape[2]
    return np.concatenate([np.pad(weights, ((0, 0), (0, 0), (0, max(places, 0)))), edges])


def _display(record: Record) -> GraphDisplay:
    positions, ones, training = (record.arrays.get(name) for name in ("positions", "ones", "training"))
    display = GraphDisplay(
        title=one_line(record.texts["title"]),
        positions=None if positions is None else positions.astype(np.float32),
        ones=None if ones is None else ones.astype(np.int64),
        node_names=stored_names(record.texts, "node_names"),
        attribute_names=stored_names(record.texts, "attribute_names"),
        training=None if training is None else training.astype(bool),
    )
    display.check(record.arrays["labels"].size)
    return display


def _stored(values: np.ndarray) -> np.ndarray:
    if values.dtype == bool:
        return values.astype(np.uint8)
    return compact(values) if np.issubdtype(values.dtype, np.integer) else values
