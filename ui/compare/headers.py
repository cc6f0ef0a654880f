"""What a certificate file says about itself, read without its counts: enough to list it and to group it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, replace

import numpy as np

from lrscore.errors import CertificateFileError
from lrscore.images.settings import ImageSettings
from lrscore.records import read_heading, reading
from ui.library.entries import Entry


@dataclass(frozen=True)
class Header:
    """One file.

    Args:
        kind: "image", "graph", or "" where it can not be read.
        title: what was certified.
        picture: identifies the picture by its content.
        pixels: of the picture.
        referenced: whether there are reference labels.
        model, digest: name of the model and SHA-256 of its weights, as recorded.
        settings: how it was certified, without the batch size; None unless it is an image certificate.
        problem: why it can not be used, or None.
    """

    kind: str
    title: str
    picture: str = ""
    pixels: int = 0
    referenced: bool = False
    model: str = ""
    digest: str = ""
    settings: ImageSettings | None = None
    problem: str | None = None

    @property
    def recipe(self) -> str:
        """Identifies settings and model, in ten characters: files that share it differ in picture and seed only."""
        assert self.settings is not None
        facts = [(field.name, getattr(self.settings, field.name)) for field in fields(self.settings)]
        return hashlib.sha256(repr((facts, self.digest or self.model)).encode()).hexdigest()[:10]


def read_header(entry: Entry) -> Header:
    """The header of a file; one that can not be read is a header with a problem."""
    try:
        return _read(entry)
    except CertificateFileError as error:
        return Header("", entry.path.stem, problem=str(error))


def _read(entry: Entry) -> Header:
    if read_heading(entry.path).kind != "image":
        return Header("graph", entry.path.stem)
    record = read_heading(entry.path, ("image", "reference"))
    with reading(entry.path):
        provenance = json.loads(record.texts["provenance"])
        settings = ImageSettings(**json.loads(record.texts["settings"]))
        image = record.arrays["image"]
    return Header(
        kind="image",
        title=str(provenance.get("title") or entry.path.stem),
        picture=picture_identity(image),
        pixels=image.shape[1] * image.shape[2],
        referenced="reference" in record.arrays,
        model=str(provenance.get("model", "")),
        digest=str(provenance.get("model_digest", "")),
        settings=replace(settings, batch_size=None),  # the same counts may come in batches of any size
    )


def picture_identity(image: np.ndarray) -> str:
    """Ten characters that equal pictures share, whether stored as bytes or as fractions of 255."""
    lattice = np.rint(image * 255) if image.dtype != np.uint8 else image
    exact = image if image.dtype != np.uint8 else image.astype(np.float32) / np.float32(255)
    on_lattice = np.array_equal(lattice.astype(np.float32) / np.float32(255), exact)
    values = lattice.astype(np.uint8) if on_lattice else np.asarray(exact, dtype=np.float32)
    return hashlib.sha256(repr((values.shape, values.dtype.str)).encode() + values.tobytes()).hexdigest()[:10]
