"""What both certification pages export alike."""

from __future__ import annotations

import re
import shlex
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np

from lrscore.graphs.certificate import GraphCertificate
from lrscore.images.certificate import ImageCertificate
from ui.certification.stopped import STOPPED, command_remark, stopped_words
from ui.style.pictures import data_uri
from ui.style.words import samples_words


def certificate_bytes(certificate: ImageCertificate | GraphCertificate) -> bytes:
    """The certificate as the content of its netCDF file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "certificate.nc"
        certificate.save(path)
        return path.read_bytes()


def certify_command(
    kind: str,
    certificate: ImageCertificate | GraphCertificate,
    options: Sequence[tuple[str, ...]],
    *,
    title: str,
    model: str,
) -> str:
    """A line for a shell: what, by which model, with these options, seed and batch size.

    Where it draws more than the certificate has, a remark below says so.

    Args:
        kind: "image" or "graph".
        title, model: stand where the provenance does not know.
    """
    provenance = certificate.provenance
    source = provenance.get("title") or title
    words = ["python", "-m", "lrscore", "certify", kind, source, "--model", provenance.get("model", model)]
    words += [word for option in options for word in option]
    words += ["--seed", provenance.get("seed", "0")]
    if "batch_size" in provenance:
        words += ["--batch-size", provenance["batch_size"]]
    words += ["--out", f"{Path(source).stem}.nc"]
    return shlex.join(words) + command_remark(certificate)


def file_stem(*parts: str) -> str:
    """A file's name from words that say what is in it: parts joined by "_", nothing that a file system minds."""
    cleaned = (re.sub(r"[^\w.]+", "-", part.lower().replace("×", "x")).strip("-.") for part in parts)
    return "_".join(part for part in cleaned if part) or "certificate"


def report_figure(caption: str, pixels: np.ndarray) -> dict[str, str]:
    """A picture of a report, (H, W, 3) uint8, with its caption."""
    return {"caption": caption, "picture": data_uri(pixels)}


def report_settings(
    certificate: ImageCertificate | GraphCertificate, shown: Callable[[object], object] = lambda value: value
) -> list[tuple[str, object]]:
    """What a report says of settings, samples and provenance, by name.

    Args:
        shown: how the value of a setting is told.
    """
    values = [
        (field.name, getattr(certificate.settings, field.name)) for field in fields(certificate.settings)
    ]
    stopped = stopped_words(certificate)
    place = "cluster" if isinstance(certificate, GraphCertificate) else "region"
    return [
        *((name, shown(value)) for name, value in values if value is not None),
        ("samples counted", samples_words(certificate.trials, place)),
        *([(STOPPED, stopped)] if stopped else []),
        *certificate.provenance.items(),
    ]
