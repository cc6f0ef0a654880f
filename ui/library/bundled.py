"""The bundled certificates of images."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from models.scenes.gallery import GALLERY

ENVIRONMENT = "LRS_GALLERY"
"""Environment variable: another folder of certificates for the bundled scenes."""

FIRST_PRESET, OWN_PRESET = "views", "localized"
"""Presets of the segmentation page: the one that its controls begin with, and the one that scenes' own files answer."""


@dataclass(frozen=True)
class Example:
    """One bundled scene.

    Args:
        name: in links.
        title, description: for people.
        file: its certificate with copies for each region, if there is one.
    """

    name: str
    title: str
    description: str
    file: Path | None

    @property
    def first(self) -> Path | None:
        """The certificate that is shown first: what the controls ask for where nobody has moved them."""
        stored = preset_file(self.name, FIRST_PRESET)
        return stored if self.file is not None and stored.is_file() else self.file


def gallery_folder() -> Path:
    """Where the stored certificates lie."""
    default = Path(__file__).resolve().parents[2] / "models" / "gallery"
    return Path(os.environ.get(ENVIRONMENT) or default)


def examples() -> tuple[Example, ...]:
    """All bundled scenes in their order."""
    folder = gallery_folder()
    files = {file.stem: file for file in folder.glob("*.nc")} if folder.is_dir() else {}
    return tuple(
        Example(scene.name, scene.title, scene.description, files.get(scene.name)) for scene in GALLERY
    )


def title_of(name: str) -> str:
    """The title of a bundled scene, else the name itself."""
    return next((scene.title for scene in GALLERY if scene.name == name), name)


def preset_file(scene: str, preset: str) -> Path:
    """Where the certificate that answers a preset on a bundled scene lies, if there is one."""
    folder = gallery_folder()
    return folder / f"{scene}.nc" if preset == OWN_PRESET else folder / "presets" / f"{scene}-{preset}.nc"


def attack_file(scene: str) -> Path:
    """Where the attack on a bundled scene that the guided path shows lies, if there is one."""
    return gallery_folder() / "attacks" / f"{scene}.npz"
