"""Load certificates of every kind; `Certificate.save` writes them."""

from __future__ import annotations

from os import PathLike

from lrscore.certificate import Certificate
from lrscore.graphs.certificate import GraphCertificate
from lrscore.images.certificate import ImageCertificate
from lrscore.records import Record, read_record, reading

_READERS = {"image": ImageCertificate.from_record, "graph": GraphCertificate.from_record}


def load_certificate(path: str | PathLike[str]) -> Certificate:
    """Read a certificate file: an `ImageCertificate` or a `GraphCertificate`.

    Bounds, thresholds and radii are derived anew from the stored counts; `lrscore.verify.verify_file` compares
    them with what the file claims.

    Raises:
        CertificateFileError: the file is missing, truncated, of another format or version, or inconsistent.
    """
    return certificate_of(read_record(path), path)


def certificate_of(record: Record, path: str | PathLike[str], *, under_way: bool = False) -> Certificate:
    """The certificate in a record read from `path`; `under_way` if it is of a run between two looks."""
    with reading(path):
        return _READERS[record.kind](record, under_way=under_way)
