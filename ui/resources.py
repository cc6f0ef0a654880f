"""What all sessions of the server share, and what is remembered for a while. Every memory has a bound."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import streamlit as st

from jobs import JobManager
from lrscore.certificates import ImageCertificate
from lrscore.files import load_certificate
from lrscore.settings import ImageSettings
from ui.curves import CurveSet, compute_curves
from ui.runs import ModelShelf, Pacemaker
from ui.sharpen import SharpStore, sharpened
from ui.states import Count
from ui.summary import SummaryMemory

LIBRARY_VARIABLE = "LRS_LIBRARY"
"""Environment variable: folder that keeps the certificates of finished runs."""


@st.cache_resource(max_entries=1, show_spinner=False)
def job_manager() -> JobManager:
    """The one queue of this server, with a worker for every GPU, or one for the CPU."""
    return JobManager(_gpus() or ("cpu",))


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


def library_folder() -> Path:
    """Where finished runs are kept: `library/` beside the pages unless LRS_LIBRARY says otherwise."""
    default = Path(__file__).resolve().parents[1] / "library"
    return Path(os.environ.get(LIBRARY_VARIABLE) or default)


def read_certificate(path: Path) -> ImageCertificate:
    """A certificate file, read once per version of the file.

    Raises:
        CertificateFileError: missing or unreadable.
    """
    stamp = path.stat().st_mtime_ns if path.is_file() else 0
    return _read_certificate(str(path), stamp)


def file_key(path: Path) -> str:
    """Cache key of a certificate file's present content."""
    return f"{path}@{path.stat().st_mtime_ns if path.is_file() else 0}"


@st.cache_resource(max_entries=24, show_spinner=False)
def _read_certificate(path: str, stamp: int) -> ImageCertificate:
    return load_certificate(path)


@st.cache_resource(max_entries=24, show_spinner=False)
def reconsidered(key: str, settings: ImageSettings, _certificate: ImageCertificate) -> ImageCertificate:
    """The same counts under other confidence settings; `key` stands for the certificate."""
    return replace(_certificate, settings=settings, curves=(), correct_curves=())


@st.cache_resource(max_entries=64, show_spinner="Computing the curves of this certificate …")
def curves_of(key: str, settings: ImageSettings, count: Count, _certificate: ImageCertificate) -> CurveSet:
    """The curves of a certificate; `key` and `settings` stand for it."""
    return compute_curves(_certificate, count)


@st.cache_resource(max_entries=1, show_spinner=False)
def sharp_store() -> SharpStore:
    """What branch and bound has found, for all certificates on screen lately."""
    return SharpStore()


def best_curves(key: str, count: Count, certificate: ImageCertificate) -> CurveSet:
    """The curves with everything that has been proven so far."""
    curves = curves_of(key, certificate.settings, count, certificate)
    return sharpened(curves, sharp_store().found((key, certificate.settings, count)))


@st.cache_resource(max_entries=1, show_spinner=False)
def summary_memory() -> SummaryMemory:
    """What the library's cards say, for every file that has been read."""
    return SummaryMemory()
