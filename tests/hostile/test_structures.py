"""Damaged structures of HDF5 in all its versions: tables that loop, headers that continue into themselves, dense
storage. The library is written in C: each reading has a process of its own, and a limit of the processor's time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from lrscore import load_certificate
from lrscore.records import read_heading
from tests.hostile.surface import Tally, Trial
from tests.ui.toy import toy_certificate

VERSIONS = {
    "earliest": (h5py.h5f.LIBVER_EARLIEST, h5py.h5f.LIBVER_V18),
    "v110": (h5py.h5f.LIBVER_V110, h5py.h5f.LIBVER_V110),
    "latest, dense": (h5py.h5f.LIBVER_LATEST, h5py.h5f.LIBVER_LATEST),
}
_SIGNATURES = (
    b"TREE",
    b"SNOD",
    b"HEAP",
    b"GCOL",
    b"OHDR",
    b"OCHK",
    b"FRHP",
    b"FHDB",
    b"BTHD",
    b"BTLF",
    b"FADB",
)
_UNDEFINED = 2**64 - 1


def rewritten(path: Path, copy: Path, version: str) -> bytes:
    """The same certificate in the structures of another version of the format."""
    creation, access = h5py.h5p.create(h5py.h5p.FILE_CREATE), h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_libver_bounds(*VERSIONS[version])
    if "dense" in version:  # attributes in fractal heaps and B-trees of their own
        creation.set_attr_phase_change(0, 0)
    identity = h5py.h5f.create(str(copy).encode(), h5py.h5f.ACC_TRUNC, creation, access)
    with h5py.File(path) as old, h5py.File(identity) as new:
        for name, value in old.attrs.items():
            new.attrs[name] = value
        for name in old:
            old.copy(name, new)
    return copy.read_bytes()


def damaged(content: bytes, rng: np.random.Generator, count: int) -> Iterator[bytes]:
    """Numbers within and after signatures exchanged for places of the file, the own one, nothing and all ones, and
    blocks exchanged for others."""
    places = [
        place
        for signature in _SIGNATURES
        for place in range(len(content))
        if content.startswith(signature, place)
    ] or [0]
    for _ in range(count):
        changed = bytearray(content)
        for _ in range(int(rng.integers(1, 4))):
            start = int(rng.choice(places)) if rng.random() < 0.7 else int(rng.integers(len(changed) - 64))
            at = start + int(rng.integers(4, 64))
            other = int(rng.choice(places))
            number = (start, other, 0, _UNDEFINED, 1 << 63, int(rng.integers(len(changed))))[
                int(rng.integers(6))
            ]
            width = int(rng.choice([1, 2, 4, 8]))
            if rng.random() < 0.85:
                changed[at : at + width] = (number % (1 << (8 * width))).to_bytes(width, "little")
            else:
                changed[at : at + 64] = content[other : other + 64]
        yield bytes(changed[: len(content)])


@pytest.mark.parametrize("version", VERSIONS)
def test_damaged_structures_are_read_or_refused(
    version: str, tmp_path: Path, surface: Callable[[str], Tally]
):
    genuine, copy, path = tmp_path / "genuine.nc", tmp_path / "copy.nc", tmp_path / "hostile.nc"
    toy_certificate().save(genuine)
    content = rewritten(genuine, copy, version)
    load_certificate(copy)

    def trials() -> Iterator[Trial]:
        for number, one in enumerate(damaged(content, np.random.default_rng(40), 40)):
            path.write_bytes(one)
            yield f"{version} {number}", lambda: (read_heading(path), load_certificate(path))

    tally = surface("damaged structures of HDF5")
    tally.try_all(trials(), apart=True)
    assert tally.refused > 5
