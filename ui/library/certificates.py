"""Certificate files, read once per version of the file."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import streamlit as st

from lrscore.certificate import Certificate
from lrscore.errors import CertificateFileError
from lrscore.files import load_certificate
from lrscore.images.certificate import ImageCertificate
from lrscore.images.settings import ImageSettings
from ui.running.aside import read_or_wait

_MOST = 24


def read_certificate(path: Path) -> Certificate:
    """A certificate file, read once per version of the file.

    Raises:
        CertificateFileError: missing or unreadable.
    """
    stamp = path.stat().st_mtime_ns if path.is_file() else 0
    key, known = (str(path), stamp), _known()
    certificate = known.get(key)
    if certificate is None:
        certificate = read_or_wait(path.name, key, partial(load_certificate, path), _leave)
        for older in list(known)[: 1 - _MOST]:
            known.pop(older, None)
        known[key] = certificate
    return certificate


def read_image_certificate(path: Path) -> ImageCertificate:
    """The certificate file of an image, read once per version of the file.

    Raises:
        CertificateFileError: missing, unreadable, or of something else.
    """
    certificate = read_certificate(path)
    if not isinstance(certificate, ImageCertificate):
        raise CertificateFileError(
            f"{path.name} is the certificate of {certificate.outputs}, not of an image"
        )
    return certificate


def file_key(path: Path) -> str:
    """Cache key of a certificate file's present content."""
    return f"{path}@{path.stat().st_mtime_ns if path.is_file() else 0}"


@st.cache_resource(max_entries=1, show_spinner=False)
def _known() -> dict[tuple[str, int], Certificate]:
    """The certificates read last, by file and version."""
    return {}


def _leave() -> None:
    """The page goes back to what it shows without a link."""
    st.query_params.clear()
    for name in [str(key) for key in st.session_state if str(key).endswith(("_stored", "_job", "_pinned"))]:
        del st.session_state[name]


@st.cache_resource(max_entries=24, show_spinner=False)
def reconsidered(key: str, settings: ImageSettings, _certificate: ImageCertificate) -> ImageCertificate:
    """The same counts under other confidence settings; `key` stands for the certificate."""
    return replace(_certificate, settings=settings, curves=(), correct_curves=())
