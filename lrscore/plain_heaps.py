"""Texts of an HDF5 file lie in global heaps, which its library walks object by object; where one says that it has no
length, the library walks on the spot for ever, and nothing can stop it. So the heaps are walked here first."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

_SIGNATURE, _HEAP, _HEADER = b"\x89HDF\r\n\x1a\n", b"GCOL\x01\x00\x00\x00", 16
_SIZES_AT = {
    0: 13,
    1: 13,
    2: 9,
    3: 9,
}  # where each version of the superblock keeps the widths of offsets and lengths


def endless(source: Path) -> bool:
    """Whether reading a text of this file might never end.

    A file whose numbers are not 8 bytes wide counts as such: this software writes none, and its heaps would have to be
    read otherwise. A file that is no HDF5 file at all is left to the library, which says so.

    Raises:
        OSError: the file can not be read.
    """
    if source.stat().st_size <= len(_SIGNATURE) + _HEADER:
        return False
    with source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content[: len(_SIGNATURE)] != _SIGNATURE:
            return content.find(_SIGNATURE) >= 0  # behind something else, where it might be of any width
        widths = _SIZES_AT.get(content[len(_SIGNATURE)])
        if widths is None:
            return False
        if content[widths : widths + 2] != b"\x08\x08":
            return True
        return any(not _ends(content, start) for start in _heaps(content))


def _heaps(content: mmap.mmap) -> Iterator[int]:
    place = content.find(_HEAP)
    while place >= 0:
        yield place
        place = content.find(_HEAP, place + 1)


def _ends(content: mmap.mmap, start: int) -> bool:
    """Whether every step through the heap leads on, and the last one to its end."""
    end = start + int.from_bytes(content[start + 8 : start + 16], "little")
    if end > len(content):
        return True  # the library sees that, too
    place = start + _HEADER
    while end - place >= _HEADER:
        number = int.from_bytes(content[place : place + 2], "little")
        size = int.from_bytes(content[place + 8 : place + 16], "little")
        step = size if number == 0 else _HEADER + (size + 7) // 8 * 8  # free room counts its own heading
        if not 0 < step <= end - place:
            return False
        place += step
    return True
