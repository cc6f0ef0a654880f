"""Find the certificate that the page shows: the run of the link, the stored one, or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from jobs import JobSnapshot
from lrscore.errors import CertificateFileError, told
from lrscore.images.certificate import ImageCertificate
from lrscore.images.settings import ImageSettings
from lrscore.unfinished import CutOff
from ui.certification.on_screen import Origin, Shown, choose_settings, differing, unanswered
from ui.certification.options import Preset
from ui.images.models import recorded_name
from ui.images.request import Request
from ui.images.source_picker import Pick
from ui.images.stored_presets import STORED_PRESETS, preset_request
from ui.library.bundled import preset_file
from ui.library.certificates import file_key, read_certificate, reconsidered
from ui.library.opened import IMAGE_JOB, IMAGE_STORED, current_entry, lost_run, missing_words, run_file

_MORE = ("pilot_samples", "samples")  # a file may have more than is asked for


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
    lost = lost_run(identity) if job is None and identity and not st.session_state.get(IMAGE_STORED) else None
    if job is None and identity and run_file(identity).is_file():
        found = _from_file(run_file(identity), "run")
        return replace(found, problem=found.problem or _said(lost))
    entry, missing = current_entry(), st.session_state.get(IMAGE_STORED)
    if entry is not None:
        return _from_file(entry.path, "run")
    found = Found()
    if pick.example is not None and pick.example.first is not None:
        found = _from_file(pick.example.first, "bundled")
    return replace(found, problem=missing_words(missing) if missing else _said(lost) or found.problem)


def _said(lost: CutOff | None) -> str | None:
    """What became of a run, where the page offers nothing to do about it."""
    return lost.sentence if lost is not None and lost.standing is None else None


def answered(found: Found, pick: Pick, request: Request | None) -> Found:
    """The bundled certificate that answers what the controls ask for, where the first one does not.

    A preset of a bundled scene is answered by the file stored for it; nothing is computed for that.
    """
    if request is None or found.origin != "bundled" or found.certificate is None or pick.example is None:
        return found
    if _answers(found.certificate, request):
        return found
    for preset in STORED_PRESETS:
        path = preset_file(pick.example.name, preset.name)
        if not path.is_file() or not _may_answer(preset, found.certificate.shape, request):
            continue
        other = _from_file(path, "bundled")
        if other.certificate is not None and _answers(other.certificate, request):
            return other
    return found


def _answers(certificate: ImageCertificate, request: Request) -> bool:
    """Whether the counts of a certificate, under the confidence that is asked for, leave nothing to ask."""
    settings = choose_settings(certificate, request.settings)
    return not _asked(settings, certificate.provenance, request)


def _may_answer(preset: Preset, size: tuple[int, int], request: Request) -> bool:
    """Whether a preset asks for the noise that is asked for; files of others need not be read."""
    wanted = preset_request(preset, size).settings
    return not differing(wanted, request.settings, ("alpha", "correction", "tolerated", *_MORE))


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
    asked = () if request is None else _asked(certificate.settings, certificate.provenance, request)
    otherwise = () if request is None or asked else differing(certificate.settings, request.settings)
    return Shown(certificate, found.key, found.origin, asked, otherwise)


def remark(shown: Shown) -> str:
    """What a certificate that answers the controls was made with instead; empty if with just that."""
    if not shown.otherwise:
        return ""
    if set(shown.otherwise) <= {"correction", "k"}:
        return "All samples were there before the first look: plain Bonferroni, which claims more than “anytime”."
    return (
        f"On screen is a certificate with other settings than the controls show ({', '.join(shown.otherwise)}); it "
        "claims what they ask for, and may claim more."
    )


def _asked(settings: ImageSettings, provenance: Mapping[str, str], request: Request) -> tuple[str, ...]:
    """Everything that the controls ask for and a certificate does not have; nothing if it answers them."""
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
        return Found(problem=f"The stored certificate can not be used: {told(error)}")
    if not isinstance(certificate, ImageCertificate):
        return Found(problem=f"{path.name} is the certificate of a graph: open it on the page Graph")
    return Found(certificate, file_key(path), origin)
