"""Heaps of texts that would never end are refused before the library walks them."""

from __future__ import annotations

from pathlib import Path

import h5py
import pytest

from lrscore import CertificateFileError, load_certificate
from lrscore.plain_heaps import endless
from tests.ui.toy import toy_certificate

_HEAP = b"GCOL\x01\x00\x00\x00"


@pytest.fixture(scope="module")
def genuine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("genuine") / "genuine.nc"
    toy_certificate().save(path)
    return path


@pytest.mark.parametrize("libver", ["earliest", "latest"])
@pytest.mark.parametrize("texts", [1, 300])
def test_files_of_others_end(tmp_path: Path, libver: str, texts: int):
    path = tmp_path / "other.h5"
    with h5py.File(path, "w", libver=libver) as file:
        for number in range(texts):
            file[f"text{number}"] = "a" * number
    assert path.read_bytes().count(_HEAP) > 0
    assert not endless(path)


def test_a_genuine_file_ends_and_its_copy_with_a_step_of_nothing_does_not(genuine: Path, tmp_path: Path):
    content = genuine.read_bytes()
    assert not endless(genuine)
    place = content.find(_HEAP)
    assert place > 0
    first = place + 16
    for number, size in ((0, 0), (1, 2**64 - 16), (0, 2**63)):
        damaged = bytearray(content)
        damaged[first : first + 2] = number.to_bytes(2, "little")
        damaged[first + 8 : first + 16] = size.to_bytes(8, "little")
        path = tmp_path / f"damaged{number}-{size}.nc"
        path.write_bytes(damaged)
        assert endless(path)
        with pytest.raises(CertificateFileError, match="texts can not be read to their end"):
            load_certificate(path)


def test_numbers_of_other_widths_are_not_walked(genuine: Path, tmp_path: Path):
    for width in (4, 2, 0):
        damaged = bytearray(genuine.read_bytes())
        at = 13 if damaged[8] < 2 else 9
        damaged[at] = width
        path = tmp_path / f"width{width}.nc"
        path.write_bytes(damaged)
        assert endless(path)


def test_what_is_no_such_file_is_left_to_the_library(tmp_path: Path):
    for name, content in (("empty", b""), ("text", b"hello" * 100), ("head", b"\x89HDF\r\n\x1a\n")):
        (tmp_path / name).write_bytes(content)
        assert not endless(tmp_path / name)
