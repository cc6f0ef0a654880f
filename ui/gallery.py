"""The bundled scenes and their stored certificates."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lrscore.certificates import ImageCertificate
from lrscore.files import load_certificate
from models.classes import CAMVID_CLASSES
from models.scenes.gallery import GALLERY, load_gallery_scene

ENVIRONMENT = "LRS_GALLERY"
"""Environment variable: another folder of certificates for the bundled scenes."""


@dataclass(frozen=True)
class Example:
    """One bundled scene: its name in links, words about it, and its certificate file if there is one."""

    name: str
    title: str
    description: str
    file: Path | None


@dataclass(frozen=True)
class Source:
    """What a run certifies.

    Args:
        title: for people.
        argument: what the command line calls it: a scene's name or a file's.
        image: (3, H, W) float32 in [0, 1].
        reference: (H, W) classes, 255 = void, or None.
        class_names: names of the reference's classes, or empty if nobody knows.
    """

    title: str
    argument: str
    image: np.ndarray
    reference: np.ndarray | None
    class_names: tuple[str, ...] = ()


def gallery_folder() -> Path:
    """Where the stored certificates lie."""
    default = Path(__file__).resolve().parents[1] / "models" / "gallery"
    return Path(os.environ.get(ENVIRONMENT) or default)


def examples() -> tuple[Example, ...]:
    """All bundled scenes in their order."""
    folder = gallery_folder()
    files = {file.stem: file for file in folder.glob("*.nc")} if folder.is_dir() else {}
    return tuple(
        Example(scene.name, scene.title, scene.description, files.get(scene.name)) for scene in GALLERY
    )


def stored_certificate(example: Example) -> ImageCertificate:
    """The example's certificate.

    Raises:
        CertificateFileError: there is none, or it can not be read.
    """
    return load_certificate(example.file or gallery_folder() / f"{example.name}.nc")


def source_of_certificate(certificate: ImageCertificate) -> Source:
    """The picture that a certificate is about, to certify it again."""
    name = certificate.provenance.get("title") or "picture"
    return Source(title_of(name), name, certificate.image, certificate.reference, certificate.class_names)


def picture_of(certificate: ImageCertificate, chosen: Source | None) -> Source:
    """The chosen picture if the certificate is about it, else the certificate's own: what is on screen is certified."""
    if chosen is not None and np.array_equal(chosen.image, certificate.image):
        return chosen
    return source_of_certificate(certificate)


def title_of(name: str) -> str:
    """The title of a bundled scene, else the name itself."""
    return next((scene.title for scene in GALLERY if scene.name == name), name)


def source_of(example: Example) -> Source:
    """The scene itself, on the 1/255 lattice like any stored picture."""
    scene = load_gallery_scene(example.name)
    image = np.rint(scene.image * 255).astype(np.float32) / np.float32(255)
    return Source(example.title, example.name, image, scene.mask.astype(np.int64), CAMVID_CLASSES)
