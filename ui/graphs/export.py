"""What leaves the graph page: the certificate file, the plane as a table, and the command that makes it again."""

from __future__ import annotations

import csv
import io
from functools import partial
from pathlib import Path

import numpy as np
import streamlit as st

from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.settings import GraphSettings
from ui.certification.export import certificate_bytes, certify_command
from ui.graphs.memory import chosen_count, plane_of
from ui.graphs.on_screen import ShownGraph
from ui.graphs.plane import Plane, Relaxations, compute_relaxations
from ui.widgets.downloads import download

_MATRICES = ("levels_to_one.csv", "levels_to_zero.csv")
_CLUSTERS = "clusters.csv"


def plane_csv(plane: Plane, relaxations: Relaxations) -> str:
    """The plane as comma-separated values: one row per pair of budgets, counts and what they are a share of.

    Args:
        relaxations: of all pairs, additions in the outer order.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["additions", "deletions", "naive", "paper", "envelope", "proven", "ceiling", "outputs"])
    columns = (
        plane.naive.ravel(),
        relaxations.paper,
        relaxations.envelope,
        plane.proven.ravel(),
        plane.ceiling.ravel(),
    )
    for (additions, deletions), *counts in zip(all_budgets(plane), *columns, strict=True):
        writer.writerow([int(additions), int(deletions), *(int(count) for count in counts), plane.outputs])
    return buffer.getvalue()


def all_budgets(plane: Plane) -> np.ndarray:
    """(A * D, 2) every pair of budgets, additions in the outer order."""
    return np.array([(a, d) for a in plane.additions for d in plane.deletions], dtype=np.float64)


def graph_command(certificate: GraphCertificate) -> str:
    """The command line that samples the same certificate again, beside the files of `command_files`."""
    options = _options(certificate.settings)
    return certify_command("graph", certificate.provenance, options, title="GRAPH", model="MODEL")


def command_files(settings: GraphSettings) -> dict[str, str]:
    """The files that the command reads, by name: edited flip probabilities and a given partition as CSV, exactly."""
    files = {}
    if settings.levels is not None:
        for name, matrix in zip(_MATRICES, settings.levels, strict=True):
            files[name] = "".join(",".join(map(str, row)) + "\n" for row in matrix)
    if not isinstance(settings.partition, str):
        files[_CLUSTERS] = "".join(f"{cluster}\n" for cluster in settings.partition)
    return files


def _options(settings: GraphSettings) -> list[tuple[str, ...]]:
    standard = GraphSettings()
    options: list[tuple[str, ...]] = [
        ("--clusters", str(settings.clusters)),
        ("--partition", settings.partition)
        if isinstance(settings.partition, str)
        else ("--partition-file", _CLUSTERS),
        ("--flip-to-one", "{}:{}".format(*settings.flip_to_one)),
        ("--flip-to-zero", "{}:{}".format(*settings.flip_to_zero)),
        ("--pilot-samples", str(settings.pilot_samples)),
        ("--samples", str(settings.samples)),
        ("--alpha", str(settings.alpha)),
        ("--correction", settings.correction),
        ("--scores", settings.scores),
        ("--bound", settings.bound),
    ]
    if settings.levels is not None:
        options.append(("--level-matrix", *_MATRICES))
    if settings.falloff != standard.falloff:
        options.append(("--falloff", str(settings.falloff)))
    if settings.margins:
        options.append(("--margins",))
    if settings.orders != standard.orders:
        options.append(("--orders", ",".join(map(str, settings.orders))))
    if settings.bins != standard.bins:
        options.append(("--bins", str(settings.bins)))
    if settings.tolerated > 1:
        options.append(("--tolerated", str(settings.tolerated)))
    return options


def _table(shown: ShownGraph) -> str:
    count = chosen_count(shown.certificate)
    plane = plane_of(shown, count)
    return plane_csv(plane, compute_relaxations(shown.certificate, count, all_budgets(plane)))


def draw_graph_export(shown: ShownGraph) -> None:
    """A popover with the certificate file, the plane and the command line; files are made when they are asked for."""
    certificate = shown.certificate
    title = certificate.provenance.get("title") or certificate.display.title or "graph"
    stem = Path(title).stem or "graph"
    with st.popover("Export", icon=":material/download:"):
        download(
            "Certificate (netCDF)",
            lambda: certificate_bytes(certificate),
            f"{stem}.nc",
            key="graph_download_certificate",
        )
        download(
            "Counts over all budgets (CSV)", lambda: _table(shown), f"{stem}.csv", key="graph_download_plane"
        )
        files = command_files(certificate.settings)
        for name, content in files.items():
            download(f"{name}, for the command", partial(str, content), name, key=f"graph_download_{name}")
        beside = " beside the files above" if files else ""
        st.caption(f"The same certificate on the command line{beside}:")
        st.code(graph_command(certificate), language="bash", wrap_lines=True)
