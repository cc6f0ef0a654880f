"""The bundled certificates of images."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from models.scenes.gallery import GALLERY

ENVIRONMENT = "LRS_GALLERY"
"""Environment variable: another folder of certificates for the bundled scenes."""


@dataclass(frozen=True)
class Example:
    """One bundled scene: its name in links, words about it, and its certificate file if there is one."""

    name: str
    title: str
    description: str
    file: Path | None


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
    return gallery_folder() / "presets" / f"{scene}-{preset}.nc"


def attack_file(scene: str) -> Path:
    """Where the attack on a bundled scene that the guided path shows lies, if there is one."""
    return gallery_folder() / "attacks" / f"{scene}.npz"
