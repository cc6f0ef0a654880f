"""Find the certificate that the graph page shows, and how far it answers what the controls ask for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from jobs import JobSnapshot
from lrscore.errors import CertificateFileError, told
from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.settings import GraphSettings
from lrscore.statistics import SEQUENTIAL
from ui.certification.on_screen import Origin, differing
from ui.graphs.own_models import plain_name
from ui.graphs.request import GraphRequest
from ui.library.bundled_graphs import graph_preset_file, stored_file
from ui.library.certificates import file_key, read_certificate
from ui.library.opened import lost_run, run_file

GRAPH_JOB = "graph_job"
"""Name of the graph job's id in the link and in the session."""

_FROM_COUNTS = ("alpha", "correction", "tolerated", "bound")


@dataclass(frozen=True, eq=False)
class FoundGraph:
    """A certificate before the controls have their say and its file, or the sentence why there is none."""

    certificate: GraphCertificate | None = None
    key: str = ""
    origin: Origin = "bundled"
    problem: str | None = None
    file: Path | None = None


@dataclass(frozen=True, eq=False)
class ShownGraph:
    """The certificate on screen.

    Args:
        certificate: what every number on screen comes from.
        key: stands for its counts in caches.
        origin: where it comes from.
        asked: settings the controls ask for that it does not have, in words; empty if it answers them all.
    """

    certificate: GraphCertificate
    key: str
    origin: Origin
    asked: tuple[str, ...]


def stored_certificate(path: Path, origin: Origin = "bundled") -> FoundGraph:
    """The graph certificate in a file."""
    try:
        certificate = read_certificate(path)
    except CertificateFileError as error:
        return FoundGraph(problem=f"The stored certificate can not be used: {told(error)}")
    if not isinstance(certificate, GraphCertificate):
        return FoundGraph(
            problem=f"The stored certificate can not be used: {path.name} is not one of a graph"
        )
    return FoundGraph(certificate, file_key(path), origin, file=path)


def answered(stored: FoundGraph, graph: str | None, request: GraphRequest | None) -> FoundGraph:
    """The certificate stored for what the controls ask for, where the graph's own one does not answer it.

    Args:
        stored: the graph's own, or what was opened from the library, which stays.
        graph: name of the graph at hand, or None.
    """
    own = stored.certificate
    if request is None or own is None or graph is None or stored.file != stored_file(graph):
        return stored
    if not differing(choose_settings(own, request.settings), request.settings):
        return stored
    for path in sorted(graph_preset_file(graph, "any").parent.glob(f"{graph}-*.nc")):
        other = stored_certificate(path)
        if other.certificate is None or other.certificate.provenance.get("seed") != str(request.seed):
            continue
        if not differing(choose_settings(other.certificate, request.settings), request.settings):
            return other
    return stored


def lost_graph_run(job: JobSnapshot | None) -> str | None:
    """What became of the run that the link names, where this server does not know it any more and it can not go on; a
    part of it that is left is put in its place first."""
    identity = st.session_state.get(GRAPH_JOB)
    lost = lost_run(identity) if job is None and identity else None
    return lost.sentence if lost is not None and lost.standing is None else None


def find_run(job: JobSnapshot | None) -> FoundGraph | None:
    """What the page's run has made so far, or its file; None if there is neither."""
    if job is not None and job.latest is not None:
        key, file = f"{job.identity}:{job.published}", run_file(job.identity)
        if job.result is None:
            return FoundGraph(job.latest, key, "partial")
        return FoundGraph(job.latest, key, "run", file=file)
    identity = st.session_state.get(GRAPH_JOB)
    if job is None and identity and run_file(identity).is_file():
        return stored_certificate(run_file(identity), "run")
    return None


def show_graph(found: FoundGraph, request: GraphRequest | None, model: str | None) -> ShownGraph | None:
    """The certificate under the confidence settings that the controls ask for, as far as its counts allow.

    Without a valid request (the controls contradict each other) it is shown under its own settings.
    """
    if found.certificate is None:
        return None
    certificate, own = found.certificate, found.certificate.settings
    requested = request.settings if request is not None else own
    settings = choose_settings(certificate, requested)
    if settings != own:
        certificate = _reconsidered(found.key, settings, certificate)
    asked = differing(settings, requested)
    if model is not None and certificate.provenance.get("model") != plain_name(model):
        asked = ("model", *asked)
    seed = certificate.provenance.get("seed", "")
    if asked and request is not None and seed.isdecimal() and int(seed) != request.seed:
        asked = (*asked, "seed")
    return ShownGraph(certificate, found.key, found.origin, asked)


def choose_settings(certificate: GraphCertificate, requested: GraphSettings) -> GraphSettings:
    """The settings to show a certificate under: as requested where its counts allow it, else its own.

    Alpha, correction and the kind of bound are read off the same counts, provided that the number of samples was
    fixed beforehand: a run that was stopped early keeps the correction that allowed it to stop. What differs from the
    plan that was made before sampling is an exploration and named in `explored`.
    """
    own = certificate.settings
    complete = int(certificate.trials.min()) == own.samples
    same_sampling = not differing(own, requested, ignore=(*_FROM_COUNTS, "orders"))
    fixed_size = own.correction not in SEQUENTIAL and requested.correction not in SEQUENTIAL
    if complete and same_sampling and fixed_size:
        orders = replace(own, orders=requested.orders)  # all of them hold together: choosing costs nothing
        return orders.reconsidered(**{name: getattr(requested, name) for name in _FROM_COUNTS})
    return own


@st.cache_resource(max_entries=24, show_spinner=False)
def _reconsidered(key: str, settings: GraphSettings, _certificate: GraphCertificate) -> GraphCertificate:
    return replace(_certificate, settings=settings, curves=())
