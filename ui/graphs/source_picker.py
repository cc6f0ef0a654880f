"""Choose what is certified: a graph at hand or an uploaded one, and the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from lrscore.errors import InputError, told
from lrscore.graphs.certificate import GraphCertificate
from ui.graphs.on_screen import stored_certificate
from ui.graphs.opened import UPLOAD, adopt_controls, adopt_opened, forget_opened, graph_of
from ui.graphs.own_models import model_words, plain_name
from ui.graphs.request import DEFAULTS
from ui.graphs.sources import (
    GraphSource,
    fitting_models,
    graph_title,
    known_graph,
    source_of_certificate,
    source_of_name,
)
from ui.graphs.upload import EXTENSIONS, MAX_MEGABYTES, read_graph_upload
from ui.library.bundled_graphs import graph_titles, stored_file
from ui.library.entries import Entry
from ui.links import Page, adopt_found, adopt_unchosen
from ui.running.aside import read_content
from ui.style.chrome import quiet
from ui.style.words import counted
from ui.widgets.linked import linked
from ui.widgets.uploader import Uploader

MODEL = "graph_model"
"""Key of the control that chooses the network."""
_UPLOADED = "uploaded_graph"


@dataclass(frozen=True, eq=False)
class GraphPick:
    """What is chosen.

    Args:
        title: for people.
        source: the graph; None if an upload is asked for and none is there yet, or its file can not be used.
        model: name of the network, None if none fits.
        file: the certificate to show unless there is a newer run: the opened one, or the one stored with the graph.
        problem: why there is no source, or None.
    """

    title: str
    source: GraphSource | None = None
    model: str | None = None
    file: Path | None = None
    problem: str | None = None

    @property
    def source_name(self) -> str | None:
        """Name of the graph at hand; None for another one."""
        return known_graph(self.source) if self.source is not None else None


def draw_graph_picker(entry: Entry | None, ran: GraphCertificate | None) -> GraphPick:
    """Draw the controls, and the uploader if it is asked for.

    Args:
        entry: the file of the library that is open, or None.
        ran: what the last run made; its graph can be certified again even if the uploaded file is gone.
    """
    if _UPLOADED in st.session_state:
        _adopt_settings(st.session_state.pop(_UPLOADED), adopt_unchosen)
    opened = stored_certificate(entry.path).certificate if entry is not None else None
    if entry is not None and opened is not None:
        adopt_opened(entry, opened)
    titles = graph_titles() | {UPLOAD: "Your own graph …"}
    chosen = linked(
        st.selectbox,
        "Graph",
        list(titles),
        key="graph_name",
        format_func=titles.__getitem__,
        on_change=_choose_graph,
        filter_mode=None,
    )
    if opened is not None and graph_of(opened) != chosen:  # the link contradicts itself: the graph counts
        forget_opened()
        entry = opened = None
    if chosen == UPLOAD:
        return _pick_unnamed(entry, ran or opened)
    file = entry.path if entry is not None else stored_file(chosen)
    certificate = opened or (stored_certificate(file).certificate if file is not None else None)
    try:
        source = source_of_name(chosen, certificate)
    except InputError as error:
        return GraphPick(titles[chosen], file=file, problem=f"The graph can not be used: {told(error)}.")
    _draw_size(source)
    return GraphPick(titles[chosen], source, _draw_models(source, certificate), file)


def _pick_unnamed(entry: Entry | None, certificate: GraphCertificate | None) -> GraphPick:
    """The uploaded graph, or the one that the certificate on screen is about."""
    key = "graph_file"
    uploader: Uploader[GraphSource] = Uploader(
        key,
        lambda content, name: read_content(read_graph_upload, content, name, uploader.give_up),
        lambda: _take_upload(st.session_state[f"{key}_kept"]),
    )
    hint = f"Binary attributes, and labels if they are known. {', '.join(EXTENSIONS)}."
    uploaded = uploader.draw("Graph file", megabytes=MAX_MEGABYTES, hint=hint)
    file = entry.path if entry is not None else None
    source = uploaded if certificate is None else source_of_certificate(certificate)
    if source is not None:
        if uploaded is not None and uploaded.argument == source.argument:
            source = uploaded  # the same graph, with all that the file told
        quiet(f"{source.argument}:")
        _draw_size(source)
        return GraphPick(source.title, source, _draw_models(source, certificate), file)
    title = "your graph" if certificate is None else graph_title(certificate, "your graph")
    return GraphPick(title, file=file)


def _choose_graph() -> None:
    """Callback: the controls stand at what is stored with the new graph; without that at their defaults."""
    forget_opened()
    _adopt_settings(st.session_state["graph_name"])


def _adopt_settings(name: str, adopt: Callable[[Page, Mapping[str, Any]], None] = adopt_found) -> None:
    """Settings that fit a graph: those of another one may take hours on it.

    Args:
        adopt: sets the controls.
    """
    file = stored_file(name)
    certificate = stored_certificate(file).certificate if file is not None else None
    if certificate is not None:
        adopt_controls(certificate, adopt)
    else:
        adopt("graph", DEFAULTS)


def _take_upload(source: GraphSource) -> None:
    """Another graph was uploaded; its settings, but for those that somebody chose, are adopted in the next run, before
    the controls are drawn."""
    forget_opened()
    st.session_state[_UPLOADED] = known_graph(source) or ""


def _draw_models(source: GraphSource | None, certificate: GraphCertificate | None = None) -> str | None:
    """The choice among the networks that fit; the stored certificate's own comes first."""
    if source is None:
        return None
    names = list(fitting_models(source))
    if not names:
        st.warning(
            f"No model here reads {counted(source.shape[1], 'attribute')} per node. Train a small one below, or "
            "bring a checkpoint.",
            icon=":material/model_training:",
        )
        return None
    made_with = certificate.provenance.get("model") if certificate is not None else None
    names.sort(key=lambda name: plain_name(name) != made_with)
    return linked(st.selectbox, "Model", names, key=MODEL, format_func=model_words, filter_mode=None)


def _draw_size(source: GraphSource) -> None:
    edges = source.edges.shape[1] // 2
    quiet(
        f"{counted(source.shape[0], 'node')}, {counted(edges, 'edge')}, "
        f"{counted(source.shape[1], 'binary attribute')}."
    )
