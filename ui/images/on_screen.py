"""Find the certificate that the page shows: the run of the link, the stored one, or none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from jobs import JobSnapshot
from lrscore.errors import CertificateFileError
from lrscore.images.certificate import ImageCertificate
from lrscore.images.settings import ImageSettings
from ui.certification.on_screen import Origin, Shown, choose_settings, unanswered
from ui.images.runs import model_for
from ui.images.source_picker import Pick
from ui.library.certificates import file_key, read_certificate, reconsidered
from ui.library.opened import IMAGE_JOB, IMAGE_STORED, current_entry, missing_words, run_file


@dataclass(frozen=True, eq=False)
class Found:
    """A certificate before the controls have their say, or the sentence why there is none."""

    certificate: ImageCertificate | None = None
    key: str = ""
    origin: Origin = "bundled"
    problem: str | None = None


def find_certificate(pick: Pick, job: JobSnapshot | None) -> Found:
    """What the link names first: the run's certificate, its file, a file of the library; else the bundled one."""
    if job is not None and job.latest is not None:
        origin: Origin = "run" if job.result is not None else "partial"
        return Found(job.latest, f"{job.identity}:{job.published}", origin)
    identity = st.session_state.get(IMAGE_JOB)
    if job is None and identity and run_file(identity).is_file():
        return _from_file(run_file(identity), "run")
    entry, missing = current_entry(), st.session_state.get(IMAGE_STORED)
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


def _from_file(path: Path, origin: Origin) -> Found:
    try:
        certificate = read_certificate(path)
    except CertificateFileError as error:
        return Found(problem=f"The stored certificate can not be used: {error}")
    if not isinstance(certificate, ImageCertificate):
        return Found(problem=f"{path.name} is the certificate of a graph: open it on the page Graph")
    return Found(certificate, file_key(path), origin)
