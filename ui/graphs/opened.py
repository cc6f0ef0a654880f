"""Files of the library that the graph page has open: the one on screen, and the pinned one it is compared with.

Both stand in the link and in the session. A file that a link opens brings the controls to its own settings, once; what
else the link says about controls wins over that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import streamlit as st

from lrscore.graphs.certificate import GraphCertificate
from ui.graphs.on_screen import GRAPH_JOB
from ui.graphs.override import write_levels
from ui.graphs.own_models import OWN, own_models
from ui.graphs.request import DEFAULTS, values_of
from ui.graphs.sources import model_inputs, width_of
from ui.library.bundled_graphs import graph_titles
from ui.library.entries import Entry, find_entry
from ui.library.opened import linked_entry, missing_words, runs_folder
from ui.links import Page, adopt_found, adopt_values

STORED = "graph_stored"
"""Name of the file on screen in link and session."""
PINNED = "graph_pinned"
"""The same for the pinned file."""
UPLOAD = "upload"
"""Value of the control "Graph" that stands for a graph that is not at hand by name."""

_ADOPTED = "adopted_graph"


def opened_entry() -> Entry | None:
    """The file that the link or the session names. A link that names a file and no run is not about the last run."""
    if STORED in st.query_params and GRAPH_JOB not in st.query_params:
        st.session_state.pop(GRAPH_JOB, None)
    return linked_entry(STORED)


def pinned_entry() -> Entry | None:
    """The file that the certificate on screen is compared with."""
    return linked_entry(PINNED)


def missing_file(name: str) -> str | None:
    """What the link asks for and is not here, in a sentence; None if nothing is missing."""
    identity = st.session_state.get(name)
    if not identity or find_entry(identity, runs_folder()) is not None:
        return None
    return missing_words(identity)


def open_afresh() -> None:
    """From now on a link to the file that is open already brings the controls back to its settings, too."""
    st.session_state.pop(_ADOPTED, None)


def pin(identity: str) -> None:
    """Compare with that file from now on."""
    st.session_state[PINNED] = identity
    st.query_params[PINNED] = identity


def unpin() -> None:
    """Compare no more."""
    _forget(PINNED)


def forget_opened() -> None:
    """Another graph or model is chosen: neither the last run nor the opened file is the answer any more."""
    st.session_state.pop(GRAPH_JOB, None)
    st.query_params.pop(GRAPH_JOB, None)
    _forget(STORED)


def adopt_opened(entry: Entry, certificate: GraphCertificate) -> None:
    """Bring the controls to the settings of a file that a link has just opened; later calls change nothing."""
    if st.session_state.get(_ADOPTED) == entry.identity:
        return
    st.session_state[_ADOPTED] = entry.identity
    if STORED in st.query_params:
        adopt_values("graph", {"name": graph_of(certificate)})
        adopt_controls(certificate)


def adopt_controls(
    certificate: GraphCertificate, adopt: Callable[[Page, Mapping[str, Any]], None] = adopt_found
) -> None:
    """Bring the controls to the settings, seed and model of a certificate.

    Args:
        adopt: sets them: `adopt_found`, or `adopt_unchosen`, which leaves chosen ones.
    """
    settings, provenance = certificate.settings, certificate.provenance
    seed = provenance.get("seed", "")
    levels = "" if settings.levels is None else write_levels(certificate.noise_levels)
    edges = "" if settings.edge_levels is None else write_levels(np.array(settings.edge_levels))
    values = values_of(settings, int(seed) if seed.isdecimal() else 0)
    adopt("graph", {**DEFAULTS, **values, "levels": levels, "edge_levels": edges})
    model = provenance.get("model", "")
    fitting = model_inputs() | {own.name: own.inputs for own in own_models()}
    for name in (model, OWN + model):
        if fitting.get(name) is not None and fitting[name] == width_of(certificate):
            adopt("graph", {"model": name})
            break


def graph_of(certificate: GraphCertificate) -> str:
    """Value of the control "Graph" for a certificate: the name of its graph, if that is at hand."""
    name = certificate.provenance.get("title", "")
    return name if name in graph_titles() else UPLOAD


def _forget(name: str) -> None:
    st.session_state.pop(name, None)
    st.query_params.pop(name, None)
