"""Rows made again from certificate files: for files that the table does not know, and to check the table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lrscore.certificate import Certificate
from lrscore.errors import LrscoreError
from lrscore.files import load_certificate
from lrscore.records import read_heading
from lrscore.study.items import Item
from lrscore.verify import verify_file


def adopted(folder: Path, item: Item) -> dict[str, Any] | None:
    """The row of an item whose certificate is in the folder and verifies; None otherwise, or if it is another item's.

    A run that was killed may have written a certificate and not yet its row.
    """
    path = folder / item.file
    if (
        item.study.keep != "certificates"
        or item.setting.kind == "center"
        or not path.is_file()
        or path.is_symlink()
    ):
        return None
    try:
        if item.key not in read_heading(path).texts.get("provenance", ""):
            return None
        verify_file(path)
        certificate = load_certificate(path)
    except LrscoreError:
        return None
    if certificate.provenance.get("study_item") != item.key:
        return None
    return row_of(item, certificate)


def row_of(item: Item, certificate: Certificate) -> dict[str, Any]:
    """The item's row, counted from its certificate."""
    from lrscore.graphs.certificate import GraphCertificate
    from lrscore.images.certificate import ImageCertificate

    if isinstance(certificate, ImageCertificate):
        from lrscore.study.image_rows import image_row

        return image_row(item, certificate)[0]
    assert isinstance(certificate, GraphCertificate)
    from lrscore.study.graph_rows import TESTS, graph_row

    tests = next((one.targets for one in certificate.targeted if one.name == TESTS), None)
    return graph_row(item, certificate, tests)[0]
