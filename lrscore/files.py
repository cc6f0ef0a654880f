"""Save and load certificates of every kind."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import Any

from lrscore.errors import CertificateFileError
from lrscore.graph_records import graph_from_record
from lrscore.image_records import image_from_record, image_record
from lrscore.images.certificate import ImageCertificate
from lrscore.records import Record, read_record, reading, write_record

_READERS: dict[str, Callable[[Record], Any]] = {
    "image": image_from_record,
    "graph": graph_from_record,
}


def save_certificate(certificate: ImageCertificate, path: str | PathLike[str]) -> None:
    """Write one netCDF file, atomically.

    Raises:
        CertificateFileError: the file cannot be written; an older file of that name stays as it was.
    """
    write_record(image_record(certificate), path)


def load_certificate(path: str | PathLike[str]) -> Any:
    """Read a certificate file: an `ImageCertificate` or a `GraphCertificate`.

    Bounds, thresholds and radii are derived anew from the stored counts; `lrscore.verify.verify_file` compares
    them with what the file claims.

    Raises:
        CertificateFileError: the file is missing, truncated, of another format or version, or inconsistent.
    """
    return certificate_of(read_record(path), path)


def certificate_of(record: Record, path: str | PathLike[str]) -> Any:
    """The certificate in a record read from `path`."""
    if record.kind not in _READERS:
        raise CertificateFileError(f"{path} holds a certificate of unknown kind {record.kind!r}")
    with reading(path):
        return _READERS[record.kind](record)
