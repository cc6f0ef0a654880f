"""Write files so that a full disk or a killed process leaves the old file or the new one, never half of one."""

from __future__ import annotations

import os
import tempfile
from os import PathLike
from pathlib import Path


def write_bytes(path: str | PathLike[str], content: bytes | memoryview) -> None:
    """Write beside the target, make sure that all of it is on the disk, and move it into place.

    A symbolic link is followed: what it points to is replaced, the link stays.

    Raises:
        OSError: the file cannot be written, or the path is a device, a pipe or a folder; a file there stays as it was.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise OSError(f"{path} is not a regular file")
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)  # a temporary file is private; what it becomes need not be
        os.replace(name, target)
    finally:
        Path(name).unlink(missing_ok=True)
