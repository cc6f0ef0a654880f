"""Get a network for a graph: train a small one here, or bring a checkpoint."""

from __future__ import annotations

from functools import partial

import streamlit as st

from jobs import JobSnapshot
from lrscore.graphs.settings import GraphSettings
from ui.graphs.own_models import OWN, card_of, free_path, keep_checkpoint
from ui.graphs.source_picker import MODEL, GraphPick
from ui.graphs.sources import graph_pacemaker
from ui.graphs.training import KINDS, Training, trainable, training_work
from ui.running.page_job import PageJob, Planned, device_name
from ui.style.words import duration
from ui.widgets.uploader import Uploader

_ADOPTED = "adopted_training"
_WANTED = "wanted_graph_model"


def _trained_text(job: JobSnapshot) -> str:
    return f"Trained in {duration(job.elapsed)}: {job.result} is chosen now. Press Run to certify with it."


TRAINING = PageJob("graph_training", unit="training steps", done=_trained_text)
"""The job that trains a network; its id is in the link."""


def draw_model_panel(pick: GraphPick, settings: GraphSettings | None) -> None:
    """Card of the chosen network, training and upload; open where the graph has no network yet.

    Args:
        settings: what the controls ask for: a network is trained under their noise.
    """
    if pick.source is None:
        return
    job = TRAINING.current()
    if pick.model is not None and (card := card_of(pick.model)):
        with st.expander("About this model", icon=":material/description:"):
            st.markdown(card.partition("\n")[2])  # its title is the model's name, which the picker shows
    if job is not None:
        TRAINING.draw(job)
    with st.expander("Another model", icon=":material/model_training:", expanded=pick.model is None):
        _draw_training(pick, settings, job)
        _draw_upload(pick.source.shape[1])


def adopt_new_model() -> None:
    """Choose what has just been trained or brought, once, before the picker is drawn."""
    brought = st.session_state.pop(_WANTED, None)
    if brought is not None:
        st.session_state[MODEL] = brought
    job = TRAINING.current()
    if job is None or job.result is None or st.session_state.get(_ADOPTED) == job.identity:
        return
    st.session_state[_ADOPTED] = job.identity
    st.session_state[MODEL] = OWN + job.result


def _draw_training(pick: GraphPick, settings: GraphSettings | None, job: JobSnapshot | None) -> None:
    assert pick.source is not None
    if pick.model is None and (problem := trainable(pick.source)):
        st.info(problem, icon=":material/label_off:")
        return
    kind = st.segmented_control(
        "Train a small model on this graph",
        KINDS,
        default=KINDS[0],
        required=True,
        format_func=str.upper,
        key="graph_training_kind",
        help="Under the noise that the controls below ask for. It learns from a few labelled nodes of each class; all "
        "others are kept to score it.",
    )
    planned = None
    if settings is not None:
        training = Training(pick.source, str(kind), settings, free_path(f"{pick.source.title}-{kind}"))
        entries = max(1, round(pick.source.cost(max(settings.flip_to_one))))
        seconds = graph_pacemaker().seconds(device_name(), entries, training.passes)
        planned = Planned(training.title, training_work(training), seconds)
    TRAINING.draw_button(planned, job, "Train", key="train")


def _draw_upload(inputs: int) -> None:
    key = "graph_checkpoint"

    def accepted() -> None:
        st.session_state[_WANTED] = st.session_state[f"{key}_kept"]

    Uploader(key, partial(keep_checkpoint, inputs=inputs), accepted).draw(
        "Use my checkpoint",
        megabytes=100,
        hint="FILE.safetensors, as `python -m models.graphs.train` writes it. Tensors only: nothing in it is executed.",
    )
