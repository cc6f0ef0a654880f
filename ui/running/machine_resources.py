"""What all sessions of the server share: the queue, the models, the pace."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from jobs import JobManager
from ui.running.machine import ModelShelf, Pacemaker

READER = "reader"
"""The queue of works that read files and sample nothing: they wait for no run."""


@st.cache_resource(max_entries=1, show_spinner=False)
def job_manager() -> JobManager:
    """The one queue of this server, with a worker for every GPU, or one for the CPU, and one that reads files."""
    return JobManager((*(_gpus() or ("cpu",)), READER))


def _gpus() -> tuple[str, ...]:
    """Names of the GPUs. torch takes seconds to import and is only asked where there is a device file of one."""
    if not (any(Path("/dev").glob("nvidia[0-9]*")) or Path("/dev/dxg").exists()):
        return ()
    import torch

    return tuple(f"cuda:{number}" for number in range(torch.cuda.device_count()))


@st.cache_resource(max_entries=1, show_spinner=False)
def model_shelf() -> ModelShelf:
    """The models that are loaded."""
    return ModelShelf()


@st.cache_resource(max_entries=1, show_spinner=False)
def pacemaker() -> Pacemaker:
    """What is known about this machine's speed."""
    return Pacemaker()
