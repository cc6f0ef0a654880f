"""A certificate file that reaches for other files, or declares more than it holds, is refused before it is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from lrscore import CertificateFileError, load_certificate
from lrscore.records import read_heading
from tests.ui.toy import toy_certificate


def _external_link(file: h5py.File, other: Path) -> None:
    del file["labels"]
    file["labels"] = h5py.ExternalLink(str(other), "/labels")


def _soft_link(file: h5py.File, other: Path) -> None:
    del file["labels"]
    file["labels"] = h5py.SoftLink("/groups")


def _external_storage(file: h5py.File, other: Path) -> None:
    shape = file["image"].shape
    del file["image"]
    file.create_dataset("image", shape, dtype=np.uint8, external=[(str(other), 0, h5py.h5f.UNLIMITED)])


def _virtual(file: h5py.File, other: Path) -> None:
    shape = file["labels"].shape
    del file["labels"]
    layout = h5py.VirtualLayout(shape, dtype=np.uint8)
    layout[...] = h5py.VirtualSource(str(other), "labels", shape=shape)
    file.create_virtual_dataset("labels", layout)


def _fill_values(file: h5py.File, other: Path) -> None:
    file.create_dataset("more", (1 << 20, 1 << 12), dtype=np.float64, chunks=(1024, 1024))


def _cycle(file: h5py.File, other: Path) -> None:
    file["curves"]["again"] = file["curves"]


def _deep(file: h5py.File, other: Path) -> None:
    file.create_group("/".join(["deep"] * 200))


@pytest.fixture
def other(tmp_path: Path) -> Path:
    path = tmp_path / "other.nc"
    toy_certificate().save(path)
    return path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_external_link, "holds a link"),
        (_soft_link, "holds a link"),
        (_external_storage, "in another file"),
        (_virtual, "in another file"),
        (_fill_values, "declares more than"),
        (_cycle, "nested deeper"),
        (_deep, "nested deeper"),
    ],
)
def test_what_reaches_out_or_declares_too_much_is_refused(
    tmp_path: Path, other: Path, change: Callable[[h5py.File, Path], None], said: str
):
    path = tmp_path / "hostile.nc"
    toy_certificate().save(path)
    with h5py.File(path, "a") as file:
        change(file, other)
    for read in (load_certificate, read_heading):
        with pytest.raises(CertificateFileError, match=said):
            read(path)


def test_an_honest_file_is_read(other: Path):
    assert load_certificate(other).labels.shape == toy_certificate().labels.shape
