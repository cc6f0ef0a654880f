"""From the controls of the graph page to a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from jobs import JobSnapshot
from lrscore.errors import InputError, SettingsError
from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.settings import GraphSettings
from lrscore.standing import Standing
from ui.certification.cheaper import Cheaper, draw_cheaper
from ui.certification.claim import warn_if_hopeless
from ui.certification.options import Preset
from ui.graphs.controls import COPIES
from ui.graphs.on_screen import GRAPH_JOB, stored_certificate
from ui.graphs.opened import UPLOAD, graph_of
from ui.graphs.own_models import model_reference, plain_name
from ui.graphs.presets import graph_presets
from ui.graphs.request import GraphRequest, values_of
from ui.graphs.runs import GraphRun, graph_work
from ui.graphs.source_picker import GraphPick
from ui.graphs.sources import (
    GraphSource,
    cluster_ranks,
    fitting_models,
    graph_pacemaker,
    graph_shelf,
    known_graph,
    source_of_certificate,
    source_of_name,
)
from ui.library.bundled_graphs import graph_titles, stored_file
from ui.library.going_on import share_left
from ui.library.opened import runs_folder
from ui.running.job_words import certified_text, kept_text
from ui.running.page_job import PageJob, Planned, device_name
from ui.style.words import counted

RUN = PageJob(GRAPH_JOB, done=certified_text, kept=kept_text)
_FEWER_CLUSTERS = (5, 2)
_FEWEST, _PILOT = 200, 50


def ranks_for(source: GraphSource | None, settings: GraphSettings) -> np.ndarray | None:
    """(J, J) ranks of the clusters that settings make of a graph; None without a graph.

    Raises:
        SettingsError: more clusters than nodes, or edited levels for another number of clusters.
    """
    if source is None:
        return None
    ranks = cluster_ranks(source.key, settings.partition, settings.clusters, source.shape[0], source.edges)
    settings.noises(ranks)
    return ranks


def presets_for(pick: GraphPick) -> tuple[Preset, ...]:
    """The presets; "Localized" is what is stored with the chosen graph, if there is something."""
    name = known_graph(pick.source) or "" if pick.source is not None else ""
    file = stored_file(name) if name in graph_titles() else None
    certificate = stored_certificate(file).certificate if file is not None else None
    return graph_presets(values_of(certificate.settings) if certificate is not None else {})


def plan_run(pick: GraphPick, request: GraphRequest | None) -> Planned | None:
    """The run that graph, model and controls ask for; None if one of them is missing."""
    run = _run(pick, request.settings, request.seed) if request is not None else None
    return (
        Planned(run.title, graph_work(run, graph_shelf(), graph_pacemaker()), _seconds(run)) if run else None
    )


def draw_graph_run_button(pick: GraphPick, request: GraphRequest | None, job: JobSnapshot | None) -> None:
    """The Run button with an estimate, and a cheaper run for a long one."""
    planned = plan_run(pick, request)
    RUN.draw_button(planned, job, "Run", key="run")
    if planned is not None and request is not None:
        draw_cheaper("graph", planned.seconds, cheaper_runs(pick, request.settings))
        if pick.source is not None:
            warn_if_hopeless(request.settings, pick.source.shape[0], "nodes")


def rest_of(standing: Standing) -> Planned:
    """The rest of a run that was cut off.

    Raises:
        InputError: its graph or its model is not here any more.
    """
    certificate = standing.certificate
    assert isinstance(certificate, GraphCertificate)
    name = graph_of(certificate)
    source = source_of_certificate(certificate) if name == UPLOAD else source_of_name(name, certificate)
    if source is None:
        raise InputError("its graph is not kept whole: upload it and run it again")
    recorded = certificate.provenance.get("model", "")
    model = next((one for one in fitting_models(source) if plain_name(one) == recorded), None)
    if model is None:
        raise InputError(f"its model {recorded} is not on offer any more")
    seed, clusters = int(certificate.provenance["seed"]), certificate.trials.size
    run = GraphRun(
        source, certificate.settings, seed, model_reference(model), clusters, runs_folder(), standing
    )
    work = graph_work(run, graph_shelf(), graph_pacemaker())
    return Planned(run.title, work, _seconds(run) * share_left(standing))


def cheaper_runs(pick: GraphPick, settings: GraphSettings) -> Iterator[Cheaper]:
    """Runs with fewer copies, then with fewer clusters, too; the dearest first."""
    clusters = [settings.clusters]
    if settings.levels is None:
        clusters += [fewer for fewer in _FEWER_CLUSTERS if fewer < settings.clusters]
    for number in clusters:
        for samples in sorted((n for n in COPIES if _FEWEST <= n <= settings.samples), reverse=True):
            pilot = min(settings.pilot_samples, _PILOT)
            less = replace(settings, clusters=number, samples=samples, pilot_samples=pilot)
            run = _run(pick, less, 0)
            if run is not None:
                words = f"{counted(number, 'cluster')}, {counted(samples, 'sample')}"
                yield Cheaper(words, {"clusters": number, "samples": samples, "pilot": pilot}, _seconds(run))


def _run(pick: GraphPick, settings: GraphSettings, seed: int) -> GraphRun | None:
    if pick.source is None or pick.model is None:
        return None
    try:
        ranks = ranks_for(pick.source, settings)
    except SettingsError:  # said beside the controls
        return None
    assert ranks is not None
    return GraphRun(pick.source, settings, seed, model_reference(pick.model), len(ranks), runs_folder())


def _seconds(run: GraphRun) -> float:
    return graph_pacemaker().seconds(device_name(), run.entries, run.passes)
