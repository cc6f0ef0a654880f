"""The certificates at hand: bundled ones, this browser's own runs, and a folder the operator names."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from lrscore.atomic import alone
from ui.library.bundled import examples, gallery_folder
from ui.library.bundled_graphs import stored_files
from ui.library.names import read_names

FOLDER_VARIABLE = "LRS_CERTIFICATES"
"""Environment variable: a folder of certificate files that everybody who sees the dashboard may open."""

Shelf = Literal["bundled", "own", "folder"]
SHELF_WORDS: dict[Shelf, str] = {"bundled": "Bundled", "own": "My runs", "folder": "Folder"}
_NO_NAMES: Mapping[str, str] = MappingProxyType({})
_TRASH = ".trash"
_TRASH_KEEPS = 20


@dataclass(frozen=True)
class Entry:
    """One certificate file.

    Args:
        stamp: changes when the file does.
        name: that its owner gave it; "" if none did.
    """

    shelf: Shelf
    path: Path
    stamp: int
    name: str = ""

    @property
    def identity(self) -> str:
        """`own:NAME`, `bundled:NAME` or `folder:NAME`."""
        return f"{self.shelf}:{self.path.stem}"

    @property
    def modified(self) -> str:
        """Date and time of the file, UTC."""
        return datetime.fromtimestamp(self.stamp / 1e9, UTC).strftime("%Y-%m-%d %H:%M")


def list_entries(own_folder: Path) -> tuple[Entry, ...]:
    """All files, bundled ones first, then newest first."""
    own = [example.file for example in examples() if example.file is not None]
    first = [example.first for example in examples() if example.first not in (None, example.file)]
    bundled = [*own, *sorted((gallery_folder() / "rivals").glob("*.nc")), *first, *stored_files()]
    shared = os.environ.get(FOLDER_VARIABLE)
    found = [
        *_entries("bundled", bundled),
        *sorted(
            _entries("own", own_folder.glob("*.nc"), read_names(own_folder)), key=lambda entry: -entry.stamp
        ),
    ]
    if shared:
        found += sorted(_entries("folder", Path(shared).glob("*.nc")), key=lambda entry: -entry.stamp)
    return tuple(found)


def find_entry(identity: str, own_folder: Path) -> Entry | None:
    """The file of that identity, if it is on one of the shelves."""
    return next((entry for entry in list_entries(own_folder) if entry.identity == identity), None)


def delete(entry: Entry) -> None:
    """Move one of the own runs to the trash, which keeps the last few; the file keeps the date of its making."""
    assert entry.shelf == "own"
    trash = entry.path.parent / _TRASH
    with alone(entry.path.parent), suppress(FileNotFoundError):  # deleted already, perhaps by another server
        trash.mkdir(exist_ok=True)
        trashed = trash / entry.path.name
        os.replace(entry.path, trashed)
        deleted, own = time.time_ns(), trashed.stat().st_mtime_ns
        os.utime(trashed, ns=(deleted, own))
        for old in sorted(trash.glob("*.nc"), key=lambda path: -path.stat().st_atime_ns)[_TRASH_KEEPS:]:
            old.unlink(missing_ok=True)


def restore(name: str, own_folder: Path) -> bool:
    """Take a deleted run out of the trash, with the date it had; False if it is not there."""
    trashed = own_folder / _TRASH / f"{Path(name).name}.nc"
    with alone(own_folder):
        if not trashed.is_file():
            return False
        os.replace(trashed, own_folder / trashed.name)
    return True


def _entries(shelf: Shelf, files: Iterable[Path], names: Mapping[str, str] = _NO_NAMES) -> list[Entry]:
    found = []
    for file in files:
        if file.is_symlink() and not file.resolve().is_relative_to(file.parent.resolve()):
            continue  # a link out of its shelf is not followed
        try:
            found.append(Entry(shelf, file, file.stat().st_mtime_ns, names.get(file.stem, "")))
        except OSError:  # deleted while the folder was being read
            continue
    return found
