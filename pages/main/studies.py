"""Studies: many pictures under many settings as one result, live while they run."""

import streamlit as st

from ui.components.presenter import compact
from ui.studies.live import NAME, draw_new, draw_status
from ui.studies.panels import choose_method, draw_results
from ui.studies.shelf import results_of, studies_folder, study_names
from ui.studies.stage import draw_stage
from ui.style.chrome import heading
from ui.widgets.copy_link import copy_link_button

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
    with st.container(gap=None):
        heading("Many certificates at once", "Studies")
    with st.container(horizontal=True, width="content"):
        copy_link_button()

names = study_names()
if compact() and not names:
    st.caption("There is no study yet.")
    st.stop()
if not compact():
    draw_new()
if not names:
    st.info(f"There is no study yet in the folder {studies_folder().name}.", icon=":material/table_chart:")
    st.stop()
if NAME not in st.session_state and NAME in st.query_params:
    st.session_state[NAME] = st.query_params[NAME]
if st.session_state.get(NAME) not in (None, *names):
    st.warning("The study that the link names is not here.", icon=":material/search_off:")
    st.session_state.pop(NAME)
with st.container(key="stage_off"):
    name = st.selectbox("Study", names, key=NAME, filter_mode=None)
if st.query_params.get(NAME) != name:  # not bound: the default is the newest study, another one tomorrow
    st.query_params[NAME] = name
results = results_of(name)
if results.problem:
    st.error(results.problem, icon=":material/broken_image:")
    st.stop()
if compact():
    if results.methods:
        with st.container(key="stage_method"):
            method = choose_method(results)
        draw_stage(results, method)
    st.stop()
draw_status(results)
if results.methods:
    draw_results(results)
elif results.rows:
    st.dataframe(results.frame, hide_index=True)
