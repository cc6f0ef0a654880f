"""Certify the node classification of an attributed graph."""

import streamlit as st

from lrscore.errors import SettingsError, told
from ui.components.presenter import compact
from ui.components.tour import draw_page_tour
from ui.graphs.compact import draw_compact_graph
from ui.graphs.controls import draw_controls
from ui.graphs.model_panel import adopt_new_model, draw_model_panel
from ui.graphs.on_screen import FoundGraph, answered, find_run, lost_graph_run, show_graph, stored_certificate
from ui.graphs.opened import STORED, missing_file, opened_entry
from ui.graphs.pin_panel import draw_pin_button, find_pinned
from ui.graphs.planning import RUN, draw_graph_run_button, presets_for, ranks_for, rest_of
from ui.graphs.request import GraphRequest, values_of
from ui.graphs.source_picker import draw_graph_picker
from ui.graphs.unproven import draw_unproven
from ui.graphs.view import draw_graph_view
from ui.library.going_on import draw_going_on
from ui.library.opened import kicker_of
from ui.links import read_old_link
from ui.style.chrome import heading
from ui.widgets.copy_link import copy_link_button

read_old_link("graph")
entry = opened_entry()
job = RUN.current()
lost = lost_graph_run(job)
ran = find_run(job)
request: GraphRequest | None = None
adopt_new_model()
with st.sidebar:
    pick = draw_graph_picker(entry, ran.certificate if ran is not None else None)
    run_place, model_place = st.container(), st.container()
    stored = stored_certificate(pick.file) if pick.file is not None else FoundGraph()
    offered = values_of(stored.certificate.settings) if stored.certificate is not None else {}
    try:
        presets = presets_for(pick)
        request = draw_controls(offered, presets, lambda settings: ranks_for(pick.source, settings))
    except SettingsError as error:
        st.error(told(error), icon=":material/tune:")

found = ran or answered(stored, pick.source_name, request)
shown = show_graph(found, request, pick.model)
pinned = find_pinned(shown.certificate, found) if shown is not None else None
with run_place:
    draw_graph_run_button(pick, request, job)
with model_place:
    draw_model_panel(pick, request.settings if request is not None else None)

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
    with st.container(gap=None):
        heading(pick.title, kicker_of("Node classification of an attributed graph", entry))
    with st.container(horizontal=True, width="content"):
        draw_page_tour("graph")
        copy_link_button()
        if shown is not None:
            draw_pin_button(found)

if job is not None:
    RUN.draw(job)
draw_going_on(RUN, job, rest_of)
for problem in (pick.problem, found.problem, missing_file(STORED), lost):
    if problem is not None:
        st.error(problem, icon=":material/broken_image:")
if shown is not None and shown.asked and (job is None or job.state.finished):
    st.info(
        f"The controls ask for other settings ({', '.join(shown.asked)}): press Run to certify them. "
        "On screen is what has been certified.",
        icon=":material/tune:",
    )

if shown is not None and compact():
    draw_compact_graph(shown)
elif shown is not None:
    draw_graph_view(shown, pick, pinned)
else:
    draw_unproven(pick, under_way=job is not None and not job.state.finished)
