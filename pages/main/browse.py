"""The library: every stored certificate, to find, open, compare, download and delete."""

import streamlit as st

from ui.browse.cards import PAGE_SIZE, SORTS, Filter, arrange, draw_card, draw_undo, read_all
from ui.browse.shelf_panel import draw_shelf
from ui.browse.summary import KIND_WORDS
from ui.components.presenter import compact
from ui.graphs.opened import open_afresh
from ui.library.entries import SHELF_WORDS, list_entries
from ui.library.opened import runs_folder
from ui.links import read_old_link
from ui.style.chrome import heading
from ui.widgets.linked import linked

_ON_STAGE = 4

read_old_link("browse")
heading(
    "Library of certificates",
    "Browse",
    "Bundled certificates and your own finished runs. Files that can not be read are listed as broken.",
)
entries = list_entries(runs_folder())
open_afresh()
with st.container(horizontal=True, vertical_alignment="bottom", key="stage_off"):
    words = linked(st.text_input, "Find", key="browse_find", placeholder="scene, graph, noise …", width=260)
    shelves = linked(
        st.pills,
        "Shelf",
        [shelf for shelf in SHELF_WORDS if any(entry.shelf == shelf for entry in entries)],
        format_func=SHELF_WORDS.__getitem__,
        selection_mode="multi",
        key="browse_shelf",
    )
    kinds = linked(
        st.pills,
        "Kind",
        list(KIND_WORDS),
        format_func=KIND_WORDS.__getitem__,
        selection_mode="multi",
        key="browse_kind",
    )
    order = linked(st.selectbox, "Sort by", list(SORTS), key="browse_sort", width=220, filter_mode=None)
draw_undo()
if not compact():
    draw_shelf()

unread = read_all(entries)
shown = arrange(entries, Filter(words or "", tuple(shelves), tuple(kinds)), order)
if not shown:
    st.info(
        "No certificate fits. Finished runs of the segmentation and graph pages appear here.",
        icon=":material/search_off:",
    )
pages = max(1, -(-len(shown) // PAGE_SIZE))
place = st.container()
page = st.pagination(pages, key="page") if pages > 1 else 1
with place:
    size = _ON_STAGE if compact() else PAGE_SIZE
    visible = shown[(page - 1) * PAGE_SIZE :][:size]
    for start in range(0, len(visible), 4):
        for column, entry in zip(st.columns(4), visible[start : start + 4], strict=False):
            with column:
                draw_card(entry)
st.caption(f"{len(shown):,} of {len(entries):,} certificates")
if unread:
    st.rerun()
