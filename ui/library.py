"""The certificates at hand: bundled ones, this browser's own runs, and a folder the operator names."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import numpy as np

from lrscore.certificates import ImageCertificate
from lrscore.errors import CertificateFileError
from lrscore.files import load_certificate
from lrscore.metrics import average_certified_radius
from lrscore.settings import ImageSettings
from ui.file_memory import FileMemory
from ui.gallery import examples
from ui.palette import STATES
from ui.pictures import data_uri, grey_picture, looks_picture
from ui.states import counted_pixels, denominator, pixel_states

FOLDER_VARIABLE = "LRS_CERTIFICATES"
"""Environment variable: a folder of certificate files that everybody who sees the dashboard may open."""

Shelf = Literal["bundled", "own", "folder"]
SHELF_WORDS: dict[Shelf, str] = {"bundled": "Bundled", "own": "My runs", "folder": "Folder"}
BUDGET = 0.1
_CURVE_POINTS = 25
_TRASH = ".trash"
_TRASH_KEEPS = 20


@dataclass(frozen=True)
class Entry:
    """One certificate file.

    Args:
        identity: names it in links: shelf and file stem.
        stamp: changes when the file does.
    """

    shelf: Shelf
    path: Path
    stamp: int

    @property
    def identity(self) -> str:
        """`own:NAME`, `bundled:NAME` or `folder:NAME`."""
        return f"{self.shelf}:{self.path.stem}"

    @property
    def modified(self) -> str:
        """Date and time of the file, UTC."""
        return datetime.fromtimestamp(self.stamp / 1e9, UTC).strftime("%Y-%m-%d %H:%M")


@dataclass(frozen=True)
class Summary:
    """What a card says about a file.

    Args:
        title: what was certified.
        settings: grid, levels, samples and correction in a line.
        thumbnail: address of the states at `BUDGET`, or empty.
        certified, outputs: proven count at `BUDGET` and what it is a share of.
        radius: average certified radius, area under the certified curve.
        valid: False for corrections without a guarantee.
        asked: the settings themselves; None if the file can not be used.
        problem: why it can not be used, or None.
    """

    title: str
    settings: str = ""
    thumbnail: str = ""
    certified: int = 0
    outputs: int = 0
    radius: float = 0.0
    valid: bool = True
    asked: ImageSettings | None = None
    problem: str | None = None


class SummaryMemory(FileMemory[Entry, Summary]):
    """Summaries that have been made, by file and version."""

    def __init__(self, capacity: int = 2000) -> None:
        super().__init__(summarise, capacity)


def list_entries(own_folder: Path) -> tuple[Entry, ...]:
    """All files, bundled ones first, then newest first."""
    bundled = [example.file for example in examples() if example.file is not None]
    shared = os.environ.get(FOLDER_VARIABLE)
    found = [
        *_entries("bundled", bundled),
        *sorted(_entries("own", own_folder.glob("*.nc")), key=lambda entry: -entry.stamp),
    ]
    if shared:
        found += sorted(_entries("folder", Path(shared).glob("*.nc")), key=lambda entry: -entry.stamp)
    return tuple(found)


def find_entry(identity: str, own_folder: Path) -> Entry | None:
    """The file of that identity, if it is on one of the shelves."""
    return next((entry for entry in list_entries(own_folder) if entry.identity == identity), None)


def summarise(entry: Entry) -> Summary:
    """Read a file and say what a card says; a file that can not be read is a summary with a problem."""
    try:
        certificate = load_certificate(entry.path)
    except CertificateFileError as error:
        return Summary(entry.path.stem, problem=str(error))
    if not isinstance(certificate, ImageCertificate):
        title = certificate.provenance.get("title") or entry.path.stem
        return Summary(title, f"graph certificate · {certificate.settings.correction}")
    return _summary(certificate, entry.path.stem)


def delete(entry: Entry) -> None:
    """Move one of the own runs to the trash, which keeps the last few."""
    assert entry.shelf == "own"
    trash = entry.path.parent / _TRASH
    trash.mkdir(exist_ok=True)
    shutil.move(entry.path, trash / entry.path.name)
    (trash / entry.path.name).touch()
    for old in sorted(trash.glob("*.nc"), key=lambda path: -path.stat().st_mtime_ns)[_TRASH_KEEPS:]:
        old.unlink(missing_ok=True)


def restore(name: str, own_folder: Path) -> bool:
    """Take a deleted run out of the trash; False if it is not there."""
    trashed = own_folder / _TRASH / f"{Path(name).name}.nc"
    if not trashed.is_file():
        return False
    shutil.move(trashed, own_folder / trashed.name)
    return True


def settings_line(certificate: ImageCertificate) -> str:
    """Grid, levels, samples and correction in a line."""
    settings = certificate.settings
    levels = certificate.noise_levels[np.isfinite(certificate.noise_levels)]
    parts = [
        f"{settings.grid[0]}×{settings.grid[1]}",
        f"{settings.noise} {levels.min():g} to {levels.max():g}",
        f"{int(certificate.trials.min()):,} samples",
        settings.correction,
    ]
    return " · ".join(parts)


def _entries(shelf: Shelf, files: Iterable[Path]) -> list[Entry]:
    found = []
    for file in files:
        try:
            found.append(Entry(shelf, file, file.stat().st_mtime_ns))
        except OSError:  # deleted while the folder was being read
            continue
    return found


def _summary(certificate: ImageCertificate, name: str) -> Summary:
    targets, outputs = counted_pixels(certificate, "correct"), denominator(certificate, "correct")
    epsilons = np.linspace(0.0, max(certificate.largest_epsilon(), 1e-3), _CURVE_POINTS)
    curve = certificate.collective(certificate.noise.budget(epsilons), "envelope", targets)
    one = certificate.collective(np.array([certificate.noise.budget(BUDGET)]), "envelope", targets)
    states = pixel_states(certificate, BUDGET, one.allocation[0], "correct")
    step = max(1, certificate.shape[1] // 160)
    ground, numbers = grey_picture(certificate.image)[::step, ::step], states.numbers[::step, ::step]
    return Summary(
        title=certificate.provenance.get("title") or name,
        settings=settings_line(certificate),
        thumbnail=data_uri(looks_picture(ground, numbers, STATES, factor=2)),
        certified=int(one.certified[0]),
        outputs=outputs,
        radius=average_certified_radius(epsilons, curve.certified / max(outputs, 1)),
        valid=certificate.plan.valid,
        asked=certificate.settings,
    )
