"""Whether an HDF5 file holds nothing but itself: no links out, no data stored elsewhere, nothing too deep or too large.

HDF5 follows external links, external storage and virtual datasets to other files of the machine, and a dataset of a few
bytes may declare terabytes of fill values. All of that is refused before any value is read.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from lrscore.errors import CertificateFileError

MOST_OBJECTS = 60_000
MOST_DEPTH = 3  # root, curves, one curve, its arrays
MOST_BYTES = 1 << 31


def refuse_unusual(source: Path) -> None:
    """Look at every name of the file.

    Raises:
        CertificateFileError: a link, data stored elsewhere, or more than a certificate can hold.
        OSError: no HDF5 file, or a damaged one.
    """
    import h5py  # only where files are read: sampling does without

    with h5py.File(source, "r") as file:
        pending: list[tuple[Any, int]] = [(file, 0)]
        objects = size = 0
        while pending:
            group, depth = pending.pop()
            for name in group:
                objects += 1
                if objects > MOST_OBJECTS:
                    raise CertificateFileError(f"{source} holds more than {MOST_OBJECTS} names: not read")
                if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                    raise CertificateFileError(
                        f"{source} holds a link ({name!r:.60}): links are not followed"
                    )
                item = group[name]
                if isinstance(item, h5py.Group):
                    if depth + 1 >= MOST_DEPTH:
                        raise CertificateFileError(f"{source} is nested deeper than a certificate: not read")
                    pending.append((item, depth + 1))
                    continue
                size += _declared_bytes(item, source, name)
                if size > MOST_BYTES:
                    raise CertificateFileError(
                        f"{source} declares more than {MOST_BYTES >> 20} MiB: not read"
                    )


def _declared_bytes(item: Any, source: Path, name: str) -> int:
    """Bytes that reading a dataset would take; refused if they lie in another file."""
    import h5py

    if not isinstance(item, h5py.Dataset):
        raise CertificateFileError(f"{source} holds something that is no array ({name!r:.60})")
    if item.is_virtual or item.external:
        raise CertificateFileError(f"{source} stores {name!r:.60} in another file: that is not followed")
    return math.prod(item.shape or ()) * item.dtype.itemsize
