"""The bundled scenes and their stored certificates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrscore.images.certificate import ImageCertificate
from models.datasets.classes import CAMVID_CLASSES
from models.scenes.gallery import load_gallery_scene
from ui.library.bundled import Example, gallery_folder, title_of
from ui.library.certificates import read_image_certificate


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


def stored_certificate(example: Example) -> ImageCertificate:
    """The example's certificate.

    Raises:
        CertificateFileError: there is none of an image, or it can not be read.
    """
    return read_image_certificate(example.file or gallery_folder() / f"{example.name}.nc")


def source_of_certificate(certificate: ImageCertificate) -> Source:
    """The picture that a certificate is about, to certify it again."""
    name = certificate.provenance.get("title") or "picture"
    return Source(title_of(name), name, certificate.image, certificate.reference, certificate.class_names)


def picture_of(certificate: ImageCertificate, chosen: Source | None) -> Source:
    """The chosen picture if the certificate is about it, else the certificate's own: what is on screen is certified."""
    if chosen is not None and np.array_equal(chosen.image, certificate.image):
        return chosen
    return source_of_certificate(certificate)


def source_of(example: Example) -> Source:
    """The scene itself, on the 1/255 lattice like any stored picture."""
    scene = load_gallery_scene(example.name)
    image = np.rint(scene.image * 255).astype(np.float32) / np.float32(255)
    return Source(example.title, example.name, image, scene.mask.astype(np.int64), CAMVID_CLASSES)
