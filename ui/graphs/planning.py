"""From the controls of the graph page to a run."""

from __future__ import annotations

import numpy as np

from jobs import JobSnapshot
from lrscore.errors import SettingsError
from lrscore.graphs.settings import GraphSettings
from ui.certification.options import Preset
from ui.graphs.on_screen import GRAPH_JOB, stored_certificate
from ui.graphs.presets import graph_presets
from ui.graphs.request import GraphRequest, values_of
from ui.graphs.runs import GraphRun, graph_work
from ui.graphs.source_picker import GraphPick
from ui.graphs.sources import GraphSource, cluster_ranks, graph_pacemaker, graph_shelf
from ui.library.bundled_graphs import graph_titles, stored_file
from ui.library.opened import runs_folder
from ui.running.job_words import certified_text, kept_text
from ui.running.page_job import PageJob, Planned, device_name

RUN = PageJob(GRAPH_JOB, done=certified_text, kept=kept_text)


def ranks_for(source: GraphSource | None, settings: GraphSettings) -> np.ndarray | None:
    """(J, J) ranks of the clusters that settings make of a graph; None without a graph.

    Raises:
        SettingsError: more clusters than nodes, or edited levels for another number of clusters.
    """
    if source is None:
        return None
    ranks = cluster_ranks(source.key, settings.partition, settings.clusters, source.shape[0], source.edges)
    settings.noise(ranks)
    return ranks


def presets_for(pick: GraphPick) -> tuple[Preset, ...]:
    """The presets; "Localized" is what is stored with the chosen graph, if there is something."""
    name = pick.source.argument if pick.source is not None else ""
    file = stored_file(name) if name in graph_titles() else None
    certificate = stored_certificate(file).certificate if file is not None else None
    return graph_presets(values_of(certificate.settings) if certificate is not None else {})


def plan_run(pick: GraphPick, request: GraphRequest | None) -> Planned | None:
    """The run that graph, model and controls ask for; None if one of them is missing."""
    if request is None or pick.source is None or pick.model is None:
        return None
    try:
        ranks = ranks_for(pick.source, request.settings)
    except SettingsError:  # said beside the controls
        return None
    assert ranks is not None
    run = GraphRun(pick.source, request.settings, request.seed, pick.model, len(ranks), runs_folder())
    seconds = graph_pacemaker().seconds(device_name(), run.entries, run.passes)
    return Planned(run.title, graph_work(run, graph_shelf(), graph_pacemaker()), seconds)


def draw_graph_run_button(pick: GraphPick, request: GraphRequest | None, job: JobSnapshot | None) -> None:
    """The Run button with an estimate."""
    RUN.draw_button(plan_run(pick, request), job, "Run", key="run")
