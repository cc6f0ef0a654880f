"""Certify the segmentation of a street scene."""

from dataclasses import replace

import streamlit as st

from lrscore.errors import SettingsError, told
from ui.components.presenter import compact
from ui.components.tour import draw_page_tour
from ui.images.compact import draw_compact_view
from ui.images.controls import draw_controls
from ui.images.noise.editor import draw_edit_notice, with_edits
from ui.images.noise.locality_panel import draw_measured_offer
from ui.images.noise.tools import draw_level_tools
from ui.images.on_screen import answered, find_certificate, remark, show
from ui.images.opened import adopt_opened
from ui.images.request import Request
from ui.images.run_button import RUN, draw_run_button, rest_of
from ui.images.source_picker import draw_source_picker
from ui.images.sources import picture_of
from ui.images.view import draw_budget_view
from ui.library.bundled import title_of
from ui.library.going_on import draw_going_on
from ui.library.opened import current_entry, kicker_of
from ui.library.pins import draw_pin
from ui.links import read_old_link
from ui.style.chrome import figure, heading, quiet
from ui.style.pictures import colour_picture, data_uri
from ui.widgets.copy_link import copy_link_button

read_old_link("image")
adopt_opened()
job = RUN.current()
request: Request | None = None
with st.sidebar:
    pick = draw_source_picker()
    source = pick.source()
    run_place = st.container()
    try:
        drawn, size = draw_controls(), None if source is None else source.image.shape[1:]
        request = replace(drawn, settings=with_edits(drawn.settings, size))
    except SettingsError as error:
        st.error(told(error), icon=":material/tune:")
    draw_edit_notice()

found = answered(find_certificate(pick, job), pick, request)
shown = show(found, request)
title = pick.title
if found.certificate is not None and found.origin != "bundled":
    title = title_of(found.certificate.provenance.get("title") or pick.title)
    source = picture_of(found.certificate, source)
with run_place:
    draw_measured_offer(source, request)
    draw_run_button(source, request, job)

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
    with st.container(gap=None):
        heading(title, kicker_of("Segmentation of a street scene", current_entry()))
    with st.container(horizontal=True, width="content"):
        draw_page_tour("image")
        copy_link_button()
        if shown is not None:
            draw_pin(found.key, job)

if job is not None:
    RUN.draw(job)
draw_going_on(RUN, job, rest_of)
if found.problem is not None:
    st.error(found.problem, icon=":material/broken_image:")
if shown is not None and shown.asked and (job is None or job.state.finished):
    st.info(
        f"The controls ask for other settings ({', '.join(shown.asked)}): press Run to certify them. "
        "On screen is what has been certified.",
        icon=":material/tune:",
    )

if shown is not None and remark(shown):
    quiet(remark(shown))

if shown is not None and compact():
    draw_compact_view(shown)
elif shown is not None:
    draw_budget_view(shown, request.settings if request is not None else shown.certificate.settings, title)
elif source is not None:
    left, right = st.columns([3, 2], gap="large")
    with left:
        figure(
            data_uri(colour_picture(source.image)), alt=f"{pick.title}, not certified yet", title=pick.title
        )
    with right:
        if job is not None and not job.state.finished:
            st.header("The first result is on its way", anchor=False)
            st.markdown("As soon as enough has been sampled, what is proven appears here.")
        else:
            st.header("Nothing is certified here yet", anchor=False)
            st.markdown(
                "Press **Run** to sample the smoothed model around this picture; the first result follows here."
            )
else:
    st.info("Upload a photo on the left, or pick one of the scenes.", icon=":material/upload:")

if source is not None and request is not None and not compact():
    draw_level_tools(source, request)
