"""What both certification pages export alike."""

from __future__ import annotations

import re
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from lrscore.graphs.certificate import GraphCertificate
from lrscore.images.certificate import ImageCertificate
from ui.style.pictures import data_uri


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


def file_stem(*parts: str) -> str:
    """A file's name from words that say what is in it: parts joined by "_", nothing that a file system minds."""
    cleaned = (re.sub(r"[^\w.]+", "-", part.lower().replace("×", "x")).strip("-.") for part in parts)
    return "_".join(part for part in cleaned if part) or "certificate"


def report_figure(caption: str, pixels: np.ndarray) -> dict[str, str]:
    """A picture of a report, (H, W, 3) uint8, with its caption."""
    return {"caption": caption, "picture": data_uri(pixels)}
