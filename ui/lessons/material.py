"""What the guided path is made of: one bundled scene, the same by two views, an attack on it, and the village."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from lrscore.errors import CertificateFileError
from lrscore.graphs.certificate import GraphCertificate
from lrscore.images.certificate import ImageCertificate
from ui.images.curve_memory import best_curves
from ui.images.curves import CurveSet, parting_budget
from ui.images.states import Count
from ui.library.bundled import attack_file, examples, gallery_folder
from ui.library.bundled_graphs import stored_file
from ui.library.certificates import file_key, read_certificate, read_image_certificate

VILLAGE = "village"


@dataclass(frozen=True, eq=False)
class FoundAttack:
    """A stored attack: (C, H, W) change, (H, W) labels shown to have changed, how many were attacked, its norm."""

    change: np.ndarray
    changed: np.ndarray
    asked: int
    epsilon: float


@dataclass(frozen=True, eq=False)
class Material:
    """Everything the steps draw from.

    Args:
        certificate, curves, count: of the scene.
        pixel: (row, column) that votes.
        views: the same scene by two views, or None.
        attack: on the scene, or None.
        village: certificate of the bundled graph, or None.
    """

    certificate: ImageCertificate
    curves: CurveSet
    count: Count
    pixel: tuple[int, int]
    views: ImageCertificate | None
    attack: FoundAttack | None
    village: GraphCertificate | None

    @property
    def index(self) -> int:
        """Position of the budget where the curves part."""
        return self.curves.index(parting_budget(self.curves))

    @property
    def epsilon(self) -> float:
        """That budget."""
        return float(self.curves.epsilons[self.index])


def gather(pixel: tuple[int, int] | None) -> Material | str:
    """The material, or the sentence why there is none.

    Args:
        pixel: that somebody picked; another one if it lies outside.
    """
    example = examples()[0]
    if example.file is None:
        return "No certificate is stored with the first scene: `make gallery` makes it."
    try:
        certificate = read_image_certificate(example.file)
    except CertificateFileError as error:
        return f"The stored certificate of the first scene can not be used: {error}"
    count: Count = "all" if certificate.reference is None else "correct"
    curves = best_curves(file_key(example.file), count, certificate)
    height, width = certificate.shape
    inside = pixel is not None and pixel[0] < height and pixel[1] < width
    return Material(
        certificate,
        curves,
        count,
        pixel if pixel is not None and inside else telling_pixel(certificate),
        _optional_views(example.name, certificate),
        _optional_attack(attack_file(example.name), certificate),
        _village(),
    )


def telling_pixel(certificate: ImageCertificate) -> tuple[int, int]:
    """A pixel that is right and sure, with nine votes of ten: its bound crosses one half late enough to be seen."""
    trials = np.maximum(certificate.trials[certificate.groups].reshape(certificate.shape), 1)
    distance = np.abs(certificate.agreements / trials - 0.9)
    distance[certificate.abstained] += 1
    if certificate.reference is not None:
        distance[~certificate.correct()] += 1
    row, column = np.unravel_index(int(distance.argmin()), distance.shape)
    return int(row), int(column)


def _optional_views(scene: str, certificate: ImageCertificate) -> ImageCertificate | None:
    path = gallery_folder() / "rivals" / f"{scene}-two-views.nc"
    if not path.is_file():
        return None
    try:
        views = read_image_certificate(path)
    except CertificateFileError:
        return None
    return views if views.shape == certificate.shape else None


def _village() -> GraphCertificate | None:
    file = stored_file(VILLAGE)
    if file is None:
        return None
    try:
        found = read_certificate(file)
    except CertificateFileError:
        return None
    return found if isinstance(found, GraphCertificate) else None


def _optional_attack(path: Path, certificate: ImageCertificate) -> FoundAttack | None:
    if not path.is_file():
        return None
    found = _read_attack(str(path), path.stat().st_mtime_ns)
    return found if found is not None and found.changed.shape == certificate.shape else None


@st.cache_resource(max_entries=4, show_spinner=False)
def _read_attack(path: str, stamp: int) -> FoundAttack | None:
    try:
        with np.load(path, allow_pickle=False) as stored:
            return FoundAttack(
                stored["change"].astype(np.float32),
                stored["changed"],
                int(stored["asked"]),
                float(stored["epsilon"]),
            )
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
