"""Find the certificate that the page shows: the run of the link, the stored one, or none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from jobs import JobSnapshot
from lrscore.certificates import ImageCertificate
from lrscore.errors import CertificateFileError
from lrscore.settings import ImageSettings
from ui.library import Entry, find_entry
from ui.owner import owner_token
from ui.resources import file_key, job_manager, library_folder, read_certificate, reconsidered
from ui.runs import model_for
from ui.shown import Origin, Shown, choose_settings, unanswered
from ui.source_picker import Pick

JOB = "job"
"""Name of the job's id in the link and in the session."""
STORED = "stored"
"""The same for a file of the library."""


@dataclass(frozen=True, eq=False)
class Found:
    """A certificate before the controls have their say, or the sentence why there is none."""

    certificate: ImageCertificate | None = None
    key: str = ""
    origin: Origin = "bundled"
    problem: str | None = None


def current_job(name: str = JOB) -> JobSnapshot | None:
    """The run that the link or the session names, if it is this browser's and not forgotten.

    Args:
        name: of the job's id in link and session; every page has its own.
    """
    if name == JOB and STORED in st.query_params and JOB not in st.query_params:
        st.session_state.pop(JOB, None)  # the link asks for a file: the run before is over
    identity = st.query_params.get(name) or st.session_state.get(name)
    if not identity:
        return None
    adopt_job(identity, name)
    return job_manager().snapshot(identity, owner_token())


def current_entry() -> Entry | None:
    """The library's file that the link or the session names."""
    identity = st.query_params.get(STORED) or st.session_state.get(STORED)
    if not identity:
        return None
    st.session_state[STORED] = identity
    if st.query_params.get(STORED) != identity:
        st.query_params[STORED] = identity
    return find_entry(identity, runs_folder())


def adopt_job(identity: str, name: str = JOB) -> None:
    """Keep a job's id in the session (for page changes) and in the link (for reloads)."""
    st.session_state[name] = identity
    if name == JOB:
        st.session_state.pop(STORED, None)
        st.query_params.pop(STORED, None)
    if st.query_params.get(name) != identity:
        st.query_params[name] = identity


def runs_folder() -> Path:
    """Where this browser's finished runs are kept."""
    return library_folder() / owner_token()


def run_file(identity: str) -> Path:
    """The file of a finished run. An id from a link is reduced to harmless characters first."""
    name = "".join(letter for letter in identity if letter.isalnum() or letter in "-_")[:40]
    return runs_folder() / f"{name or 'run'}.nc"


def find_certificate(pick: Pick, job: JobSnapshot | None) -> Found:
    """What the link names first: the run's certificate, its file, a file of the library; else the bundled one."""
    if job is not None and job.latest is not None:
        origin: Origin = "run" if job.result is not None else "partial"
        return Found(job.latest, f"{job.identity}:{job.published}", origin)
    identity = st.session_state.get(JOB)
    if job is None and identity and run_file(identity).is_file():
        return _from_file(run_file(identity), "run")
    entry, missing = current_entry(), st.session_state.get(STORED)
    if entry is not None:
        return _from_file(entry.path, "run")
    found = Found()
    if pick.example is not None and pick.example.file is not None:
        found = _from_file(pick.example.file, "bundled")
    return replace(found, problem=missing_words(missing)) if missing else found


def show(found: Found, requested: ImageSettings | None) -> Shown | None:
    """The certificate under the confidence settings that the controls ask for, as far as its counts allow.

    Without a valid request (the controls contradict each other) it is shown under its own settings.
    """
    if found.certificate is None:
        return None
    asked: tuple[str, ...] = ()
    if requested is not None and found.certificate.provenance.get("model", "") not in (
        "",
        model_for(requested),
    ):
        asked = ("model",)
    requested = requested or found.certificate.settings
    settings = choose_settings(found.certificate, requested)
    certificate = found.certificate
    if settings != certificate.settings:
        certificate = reconsidered(found.key, settings, certificate)
    return Shown(certificate, found.key, found.origin, (*asked, *unanswered(settings, requested)))


def missing_words(identity: str) -> str:
    """A file of the library that a link names is not here, in two sentences."""
    return (
        f"The certificate {identity} is not here: it was deleted, or it is a run of another browser. "
        "Its owner can download the file and pass it on."
    )


def _from_file(path: Path, origin: Origin) -> Found:
    try:
        certificate = read_certificate(path)
    except CertificateFileError as error:
        return Found(problem=f"The stored certificate can not be used: {error}")
    if not isinstance(certificate, ImageCertificate):
        return Found(problem=f"{path.name} is the certificate of a graph: open it on the page Graph")
    return Found(certificate, file_key(path), origin)
