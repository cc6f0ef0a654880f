"""Certify the node classification of an attributed graph."""

import streamlit as st

from lrscore.errors import SettingsError
from ui.chrome import heading
from ui.copy_link import copy_link_button
from ui.graphs.controls import draw_controls
from ui.graphs.export import draw_graph_export
from ui.graphs.planning import draw_graph_run_button, ranks_for
from ui.graphs.request import GraphRequest, values_of
from ui.graphs.source_picker import draw_graph_picker
from ui.graphs.stage import GRAPH_JOB, find_graph_certificate, show_graph, stored_certificate
from ui.graphs.unproven import draw_unproven
from ui.graphs.view import draw_graph_view
from ui.job_panel import draw_job
from ui.stage import current_job

job = current_job(GRAPH_JOB)
request: GraphRequest | None = None
with st.sidebar:
    pick = draw_graph_picker()
    run_place = st.container()
    stored = stored_certificate(pick.file).certificate if pick.file is not None else None
    offered = values_of(stored.settings) if stored is not None else {}
    try:
        request = draw_controls(offered, lambda settings: ranks_for(pick.source, settings))
    except SettingsError as error:
        st.error(str(error), icon=":material/tune:")

found = find_graph_certificate(pick.file, job)
shown = show_graph(found, request.settings, pick.model) if request is not None else None
with run_place:
    draw_graph_run_button(pick, request, job)

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
    with st.container(gap=None):
        heading(pick.title, "Node classification of an attributed graph")
    with st.container(horizontal=True, width="content"):
        copy_link_button()
        if shown is not None:
            draw_graph_export(shown)

if job is not None:
    draw_job(job)
for problem in (pick.problem, found.problem):
    if problem is not None:
        st.error(problem, icon=":material/broken_image:")
if shown is not None and shown.asked and (job is None or job.state.finished):
    st.info(
        f"The controls ask for other settings ({', '.join(shown.asked)}): press Run to certify them. "
        "On screen is what has been certified.",
        icon=":material/tune:",
    )

if shown is not None:
    draw_graph_view(shown)
else:
    draw_unproven(pick)
