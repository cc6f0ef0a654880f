"""Choose what is certified: a graph at hand or an uploaded one, and the model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from lrscore.errors import InputError
from lrscore.graph_certificate import GraphCertificate
from ui.graphs.sources import GraphSource, fitting_models, graph_titles, source_of_name, stored_file
from ui.graphs.stage import GRAPH_JOB, stored_certificate
from ui.graphs.upload import EXTENSIONS, MAX_MEGABYTES, GraphUploadError, read_graph_upload

UPLOAD = "upload"
_KEPT = "uploaded_graph"


@dataclass(frozen=True, eq=False)
class GraphPick:
    """What is chosen.

    Args:
        title: for people.
        source: the graph; None if an upload is asked for and none is there yet, or its file can not be used.
        model: name of the network, None if none fits.
        file: its stored certificate, or None.
        problem: why there is no source, or None.
    """

    title: str
    source: GraphSource | None = None
    model: str | None = None
    file: Path | None = None
    problem: str | None = None


def forget_run() -> None:
    """Callback: another graph or model is chosen, so the run on screen is no longer the answer."""
    st.session_state.pop(GRAPH_JOB, None)
    st.query_params.pop(GRAPH_JOB, None)


def draw_graph_picker() -> GraphPick:
    """Draw the controls, and the uploader if it is asked for."""
    titles = graph_titles() | {UPLOAD: "Your own graph …"}
    chosen = st.selectbox(
        "Graph",
        list(titles),
        key="graph",
        format_func=titles.__getitem__,
        bind="query-params",
        on_change=forget_run,
        filter_mode=None,
    )
    if chosen == UPLOAD:
        source = _draw_uploader()
        title = source.title if source is not None else "your graph"
        return GraphPick(title, source, _draw_models(source))
    file = stored_file(chosen)
    certificate = stored_certificate(file).certificate if file is not None else None
    try:
        source = source_of_name(chosen, certificate)
    except InputError as error:
        return GraphPick(titles[chosen], file=file, problem=f"The graph can not be used: {error}.")
    _draw_size(source)
    return GraphPick(titles[chosen], source, _draw_models(source, certificate), file)


def _draw_models(source: GraphSource | None, certificate: GraphCertificate | None = None) -> str | None:
    """The choice among the networks that fit; the stored certificate's own comes first."""
    if source is None:
        return None
    names = list(fitting_models(source))
    if not names:
        st.warning(
            f"No model here reads {source.shape[1]:,} attributes per node. Train one on this graph: "
            f"`python -m models.graphs.train {source.argument} --out models/graphs/checkpoints/NAME.safetensors`.",
            icon=":material/model_training:",
        )
        return None
    if certificate is not None and certificate.provenance.get("model") in names:
        own = certificate.provenance["model"]
        names.sort(key=lambda name: name != own)
    return st.selectbox(
        "Model",
        names,
        key="network",
        bind="query-params",
        format_func=lambda name: name.rsplit("-", 1)[-1].upper() + f" ({name.rsplit('-', 1)[0]})",
        on_change=forget_run,
        filter_mode=None,
    )


def _draw_size(source: GraphSource) -> None:
    edges = source.edges.shape[1] // 2
    st.html(
        f'<p class="lrs-quiet">{source.shape[0]:,} nodes, {edges:,} edges, {source.shape[1]:,} binary attributes.</p>'
    )


def _draw_uploader() -> GraphSource | None:
    """The uploader; a file that is refused leaves the accepted one in place."""
    file = st.file_uploader(
        "Graph file",
        type=None,
        key="graph_file",
        max_upload_size=MAX_MEGABYTES,
        help=f"Binary attributes, and labels if they are known. {', '.join(EXTENSIONS)}.",
        on_change=forget_run,
    )
    if file is not None:
        try:
            st.session_state[_KEPT] = read_graph_upload(file.getvalue(), file.name)
        except GraphUploadError as error:
            st.error(str(error), icon=":material/broken_image:")
    kept: GraphSource | None = st.session_state.get(_KEPT)
    if kept is not None:
        st.html(f'<p class="lrs-quiet">{kept.argument}:</p>')
        _draw_size(kept)
    return kept
