"""A shelf as one archive: packed on request into a file without a name, which goes with the process at the latest."""

from __future__ import annotations

import json
import os
import tempfile
import threading
import weakref
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from lrscore.errors import InputError, told
from ui.library.names import read_names

NAMES = "names.json"
"""In an archive: the names that its owner gave the runs."""
_KEPT = 4


class Archive:
    """A packed shelf.

    Args:
        file: holds it.
        runs: how many there are in it.
    """

    def __init__(self, file: IO[bytes], runs: int) -> None:
        self._file, self.runs, self._lock = file, runs, threading.Lock()
        self.size = os.fstat(file.fileno()).st_size
        weakref.finalize(self, file.close)

    def content(self) -> bytes:
        """All of it.

        Raises:
            InputError: later archives have taken its place.
        """
        with self._lock:
            if self._file.closed:
                raise InputError("the archive is not kept any more: pack the shelf again")
            self._file.seek(0)
            return self._file.read()

    def close(self) -> None:
        """Give its room back."""
        with self._lock:
            self._file.close()


class Archives:
    """The last few archives, one a shelf: they may be as large as shelves are."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept, self._lock = kept, threading.Lock()
        self._archives: OrderedDict[Path, Archive] = OrderedDict()

    def add(self, folder: Path, archive: Archive) -> None:
        """Keep the archive of a shelf; one that there was before, and the oldest ones, are closed."""
        with self._lock:
            gone = [self._archives.pop(folder)] if folder in self._archives else []
            self._archives[folder] = archive
            while len(self._archives) > self._kept:
                gone.append(self._archives.popitem(last=False)[1])
        for one in gone:
            one.close()


def export_shelf(
    folder: Path,
    progress: Callable[[int, int], object] | None = None,
    check: Callable[[], object] | None = None,
) -> Archive:
    """All runs of a shelf and their names in one ZIP archive; the files are packed already, and stored as they are.

    Args:
        progress: told how many of how many files are packed.
        check: called before every file; what it raises ends the packing.

    Raises:
        InputError: there is no room for it on the disk.
    """
    files = [path for path in sorted(folder.glob("*.nc")) if not path.is_symlink()]
    library, packed_runs = folder.parent, 0
    try:
        stream = tempfile.TemporaryFile(dir=library if library.is_dir() else None)  # noqa: SIM115
        try:
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED, strict_timestamps=False) as packed:
                for number, path in enumerate(files):
                    if check is not None:
                        check()
                    if progress is not None:
                        progress(number, len(files))
                    with suppress(FileNotFoundError):  # deleted meanwhile
                        packed.write(path, path.name)
                        packed_runs += 1
                packed.writestr(NAMES, json.dumps(read_names(folder), ensure_ascii=False))
            stream.flush()
        except BaseException:
            stream.close()
            raise
    except OSError as error:
        raise InputError(f"the shelf can not be packed: {error.strerror or told(error)}") from error
    return Archive(stream, packed_runs)
