"""The frame around every page: page settings, navigation, style. Streamlit runs this script, `app.py` serves it.

It lies apart from the folder `pages/` on purpose: with that folder beside the script, Streamlit takes the first
request of a fresh server for its older kind of multi-page app and answers a deep link with "Page not found".
"""

import streamlit as st

from ui.components.presenter import adopt_link, draw_presenter, embedded, on_stage
from ui.running.presence import draw_presence
from ui.site_map import ABOUT, BROWSE, COMPARE, GRAPH, LEARN, OVERVIEW, SEGMENTATION, STUDIES
from ui.style.chrome import ICON, embedded_style, presenter_style, tell_unheard, use_style
from ui.widgets.linked import heed_page, unheard

st.set_page_config(page_icon=ICON, layout="wide", initial_sidebar_state="auto")
page = st.navigation(
    [
        st.Page(OVERVIEW, title="Overview", icon=":material/home:", default=True),
        st.Page(SEGMENTATION, title="Segmentation", icon=":material/image:"),
        st.Page(BROWSE, title="Browse", icon=":material/grid_view:"),
        st.Page(COMPARE, title="Compare", icon=":material/compare:"),
        st.Page(STUDIES, title="Studies", icon=":material/table_chart:"),
        st.Page(GRAPH, title="Graph", icon=":material/hub:"),
        st.Page(LEARN, title="Learn", icon=":material/school:"),
        st.Page(ABOUT, title="About and limits", icon=":material/gavel:"),
    ],
    position="top",
)
use_style()
adopt_link()
framed = embedded()
if framed:
    embedded_style()
elif on_stage():
    presenter_style()
draw_presence(page.title)
above = st.container()
heed_page(page.title)
try:
    page.run()
finally:  # a page may stop early
    with above:
        tell_unheard(unheard())
if not framed:
    draw_presenter(page.title)
