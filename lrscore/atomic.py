"""Write files so that a full disk or a killed process leaves the old file or the new one, never half of one."""

from __future__ import annotations

import fcntl
import glob
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path

SUFFIX = ".tmp"
_LOCK = ".lock"
_ABANDONED_SECONDS = 600.0
_RANDOM = "[a-z0-9_]" * 8  # what `tempfile` puts between prefix and suffix


def sweep(folder: Path, name: str = "*") -> int:
    """Delete what killed processes left of files that they were writing; returns how many there were.

    Only files of `write_bytes` that nobody has touched for ten minutes are deleted: another process may be writing.

    Args:
        folder: where to look, not below.
        name: of the files that were being written; all if "*".
    """
    pattern = name if name == "*" else glob.escape(name)
    swept = 0
    for left in folder.glob(f".{pattern}.{_RANDOM}{SUFFIX}"):
        with suppress(OSError):
            if not left.is_symlink() and time.time() - left.stat().st_mtime > _ABANDONED_SECONDS:
                left.unlink()
                swept += 1
    return swept


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep every other process and thread out of a folder that does the same, while a file in it is read and rewritten.

    The folder is made. Where it can not be written or locked, nobody is kept out: what follows will say why.
    """
    handle: int | None = None
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def write_bytes(path: str | PathLike[str], content: bytes | memoryview) -> None:
    """Write beside the target, make sure that all of it is on the disk, and move it into place.

    A symbolic link is followed: what it points to is replaced, the link stays.

    Raises:
        OSError: the file cannot be written, or the path is a device, a pipe or a folder; a file there stays as it was.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise OSError(f"{path} is not a regular file")
    sweep(target.parent, target.name)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=SUFFIX, dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)  # a temporary file is private; what it becomes need not be
        os.replace(name, target)
    finally:
        Path(name).unlink(missing_ok=True)
