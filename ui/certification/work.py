"""What the jobs of both certification pages share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jobs import JobHandle
from lrscore.errors import LrscoreError
from lrscore.images.certificate import ImageCertificate

if TYPE_CHECKING:
    from lrscore.graphs.certificate import GraphCertificate


def keep_in_file(
    certificate: ImageCertificate | GraphCertificate, destination: Path, handle: JobHandle
) -> None:
    """A full disk costs the file, not the result."""
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        certificate.save(destination)
    except (LrscoreError, OSError) as error:
        handle.remark(f"The certificate is shown but could not be stored: {error}.")
