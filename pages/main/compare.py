"""Methods and settings side by side, on one picture or on a set of them."""

import streamlit as st

from ui.compare.chooser import draw_chooser, linked_problems
from ui.compare.reading import header_memory, read_scores
from ui.compare.results import draw_results, draw_stage_results
from ui.compare.rival_panel import draw_rivals, draw_search
from ui.compare.sets import gather
from ui.components.presenter import compact
from ui.components.tour import draw_page_tour
from ui.library.entries import list_entries
from ui.library.opened import runs_folder
from ui.links import read_old_link
from ui.style.chrome import heading
from ui.widgets.copy_link import copy_link_button

read_old_link("compare")
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
    with st.container(gap=None):
        heading("Methods side by side", "Compare")
    with st.container(horizontal=True, width="content"):
        draw_page_tour("compare")
        copy_link_button()

entries = list_entries(runs_folder())
offer = gather(entries, header_memory())
if offer.unread:
    st.progress(1 - offer.unread / len(entries), text=f"Reading the library: {offer.unread:,} to go")
    st.rerun()
for problem in linked_problems(offer):
    st.error(problem, icon=":material/broken_image:")
with st.container(key="stage_off"):
    entrants = draw_chooser(offer)
if offer.graphs:
    st.caption(f"Certificates of graphs ({offer.graphs:,}) are compared on the graph page.")

if entrants:
    if not compact():
        draw_rivals(offer, entrants)
    read = read_scores(entrants)
    if read.scores:
        if compact():
            draw_stage_results(read.scores)
        else:
            draw_search(read.scores, read.searchable, read.count)
            draw_results(read.scores)
elif offer.singles:
    st.info("Choose at least one certificate.", icon=":material/compare:")
else:
    st.info("There is nothing to compare yet. Certify a scene first.", icon=":material/compare:")
