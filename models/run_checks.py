"""What a training or scoring run checks before it spends an hour."""

from __future__ import annotations

import os
from pathlib import Path

from lrscore.errors import InputError, SettingsError


def check_outputs(*paths: Path | None) -> None:
    """Refuse files that could not be written at the end.

    Raises:
        InputError: a folder is missing or closed, or a path is a folder.
    """
    for path in filter(None, paths):
        folder = Path(path).resolve().parent
        if not folder.is_dir() or Path(path).is_dir():
            raise InputError(f"cannot write {path}: {folder} is no folder or {path} is one")
        if not os.access(folder, os.W_OK):
            raise InputError(f"cannot write {path}: {folder} may not be written to")


def check_counts(**counts: int) -> None:
    """Refuse numbers of steps, pictures and the like below 1.

    Raises:
        SettingsError: one is.
    """
    for name, value in counts.items():
        if value < 1:
            raise SettingsError(f"{name.replace('_', '-')} must be a whole number of at least 1, got {value}")
