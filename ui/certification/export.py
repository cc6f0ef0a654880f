"""What both certification pages export alike."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from lrscore.graphs.certificate import GraphCertificate
from lrscore.images.certificate import ImageCertificate


def certificate_bytes(certificate: ImageCertificate | GraphCertificate) -> bytes:
    """The certificate as the content of its netCDF file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "certificate.nc"
        certificate.save(path)
        return path.read_bytes()


def certify_command(
    kind: str,
    provenance: Mapping[str, str],
    options: Sequence[tuple[str, ...]],
    *,
    title: str,
    model: str,
) -> str:
    """A line for a shell: what, by which model, with these options, seed and batch size.

    Args:
        kind: "image" or "graph".
        title, model: stand where the provenance does not know.
    """
    source = provenance.get("title") or title
    words = ["python", "-m", "lrscore", "certify", kind, source, "--model", provenance.get("model", model)]
    words += [word for option in options for word in option]
    words += ["--seed", provenance.get("seed", "0")]
    if "batch_size" in provenance:
        words += ["--batch-size", provenance["batch_size"]]
    words += ["--out", f"{Path(source).stem}.nc"]
    return shlex.join(words)
