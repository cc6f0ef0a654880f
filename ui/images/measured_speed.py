"""What the arithmetics of the chosen model cost on this machine: measured when asked, told, and used for estimates."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from lrscore.errors import InputError, told
from models.dressing import parted
from ui.running.machine import WORKING_SIZE
from ui.running.machine_resources import pacemaker
from ui.running.page_job import device_name

_SAID = "image_measured_speed"


def draw_measurement(load: str, dressing: str) -> None:
    """A button that measures, and what it found for this model.

    Args:
        load: name of the model.
        dressing: what is put around it, as its name says it; its arithmetic does not matter.
    """
    name = _in_any_arithmetic(load + dressing)
    if st.button(
        "Measure the arithmetics here",
        key="image_measure",
        type="tertiary",
        icon=":material/speed:",
        help="Some passes in each, on a bundled scene: copies a second, and how many labels stay the same. The choice "
        "stays yours; the estimate beside Run follows.",
    ):
        try:
            with st.spinner("Measuring"):
                st.session_state[_SAID] = name, measure(name)
        except InputError as error:
            st.session_state[_SAID] = name, told(error)
    said = st.session_state.get(_SAID)
    if said is not None and said[0] == name:
        st.caption(said[1])


def measure(name: str) -> str:
    """A sentence with the rates of every arithmetic of that model; estimates of runs follow them.

    Raises:
        InputError: no such model, or one that can not take a picture of the working size.
    """
    import torch

    from models.arithmetic import measure_model
    from models.precision import PRECISIONS

    base, worn = parted(name)
    measured = measure_model(base, worn, WORKING_SIZE, torch.device(device_name()))
    height, width = WORKING_SIZE
    for precision, rate in measured.rates.items():
        dressed = replace(worn, precision=precision if precision in PRECISIONS else None)
        pacemaker().note(device_name() + dressed.suffix, height * width, round(1000 * rate), 1000.0)
    best = (
        f"{measured.chosen} is the fastest that keeps the labels"
        if measured.chosen
        else ("Nothing is clearly faster than the model as it is")
    )
    return f"{best}: {measured.rates_in_words}, {width}x{height} pixels."


def _in_any_arithmetic(name: str) -> str:
    try:
        base, worn = parted(name)
    except InputError:
        return name
    return base + replace(worn, precision=None).suffix
