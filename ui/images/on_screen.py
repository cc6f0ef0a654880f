"""Find the certificate that the page shows: the run of the link, the stored one, or none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from jobs import JobSnapshot
from lrscore.errors import CertificateFileError
from lrscore.images.certificate import ImageCertificate
from ui.certification.on_screen import Origin, Shown, choose_settings, differing, unanswered
from ui.images.models import recorded_name
from ui.images.request import Request
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


def show(found: Found, request: Request | None) -> Shown | None:
    """The certificate under the confidence settings that the controls ask for, as far as its counts allow.

    Without a valid request (the controls contradict each other) it is shown under its own settings.
    """
    if found.certificate is None:
        return None
    own = found.certificate.settings
    settings = own if request is None else choose_settings(found.certificate, request.settings)
    certificate = found.certificate
    if settings != own:
        certificate = reconsidered(found.key, settings, certificate)
    asked = () if request is None else _asked(certificate, request)
    otherwise = () if request is None or asked else differing(certificate.settings, request.settings)
    return Shown(certificate, found.key, found.origin, asked, otherwise)


def _asked(certificate: ImageCertificate, request: Request) -> tuple[str, ...]:
    """Everything that the controls ask for and the certificate does not have; nothing if it answers them."""
    settings, provenance = certificate.settings, certificate.provenance
    other_model = provenance.get("model", "") not in ("", recorded_name(request.model))
    if not other_model and not unanswered(settings, request.settings):
        return ()
    seed = provenance.get("seed", "")
    return (
        *(("model",) if other_model else ()),
        *differing(settings, request.settings),
        *(("seed",) if seed.isdecimal() and int(seed) != request.seed else ()),
    )


def _from_file(path: Path, origin: Origin) -> Found:
    try:
        certificate = read_certificate(path)
    except CertificateFileError as error:
        return Found(problem=f"The stored certificate can not be used: {error}")
    if not isinstance(certificate, ImageCertificate):
        return Found(problem=f"{path.name} is the certificate of a graph: open it on the page Graph")
    return Found(certificate, file_key(path), origin)
