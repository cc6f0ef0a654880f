"""Certificate files, read once per version of the file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st

from lrscore.certificate import Certificate
from lrscore.errors import CertificateFileError
from lrscore.files import load_certificate
from lrscore.images.certificate import ImageCertificate
from lrscore.images.settings import ImageSettings


def read_certificate(path: Path) -> Certificate:
    """A certificate file, read once per version of the file.

    Raises:
        CertificateFileError: missing or unreadable.
    """
    stamp = path.stat().st_mtime_ns if path.is_file() else 0
    return _read_certificate(str(path), stamp)


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


@st.cache_resource(max_entries=24, show_spinner=False)
def _read_certificate(path: str, stamp: int) -> Certificate:
    return load_certificate(path)


@st.cache_resource(max_entries=24, show_spinner=False)
def reconsidered(key: str, settings: ImageSettings, _certificate: ImageCertificate) -> ImageCertificate:
    """The same counts under other confidence settings; `key` stands for the certificate."""
    return replace(_certificate, settings=settings, curves=(), correct_curves=())
