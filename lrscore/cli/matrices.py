"""Matrices of numbers from files and into files: noise levels, measured locality."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from lrscore.atomic import write_bytes
from lrscore.cli.number_rows import decoded, rows_of_text
from lrscore.errors import CertificateFileError, SettingsError

SUFFIXES = (".csv", ".npy", ".json")
"""How a matrix file may end: rows of text, a NumPy array, or JSON."""
MAX_BYTES = 1 << 26


def read_matrix(path: str | Path, option: str, key: str = "levels", *, flat: bool = False) -> np.ndarray:
    """A matrix (rows, columns) of float64; `inf` is allowed, also as text in JSON.

    Args:
        path: a file in one of the formats of `SUFFIXES`, in any case; anything else is read as rows of text. JSON holds
            the rows, or an object with the rows under `key`.
        option: what the user called it, for the error.
        flat: whether a list of numbers is taken for one column.

    Raises:
        SettingsError: no such file, or no matrix of numbers in it; for text with the first line that is none.
    """
    path = Path(path)
    if not path.is_file():
        raise SettingsError(f"{option}: there is no file {path}")
    if path.stat().st_size > MAX_BYTES:
        raise SettingsError(f"{option}: {path} may have at most {MAX_BYTES >> 20} MiB")
    try:
        stored = _READERS.get(path.suffix.lower(), _of_text)(path, key)
        array = np.asarray(stored)
        if array.dtype.kind not in "biuf":
            raise ValueError(f"values of type {array.dtype}")
        matrix = array.astype(np.float64)
    except Exception as error:  # parsers of foreign formats fail in many ways
        reason = " ".join((str(error) or type(error).__name__).split())[:160]
        raise SettingsError(f"{option}: {path} holds no matrix of numbers: {reason}") from error
    if flat and matrix.ndim == 1:
        matrix = matrix[:, None]
    if matrix.ndim != 2:
        raise SettingsError(
            f"{option}: {path} must hold a matrix of two dimensions, got shape {matrix.shape}"
        )
    return matrix


def check_matrix_output(path: str) -> None:
    """Refuse before any work what `write_matrix` could not write.

    Raises:
        CertificateFileError: another ending, or no such folder.
    """
    target = Path(path)
    if target.suffix.lower() not in SUFFIXES:
        raise CertificateFileError(f"cannot write {path}: its name must end in {', '.join(SUFFIXES)}")
    if not target.resolve().parent.is_dir() or target.is_dir():
        raise CertificateFileError(f"cannot write {path}: its folder does not exist or it is one")


def write_matrix(path: str | Path, matrix: np.ndarray, key: str, about: dict[str, Any]) -> None:
    """Write a matrix so that `read_matrix` returns exactly it.

    Args:
        path: its ending chooses the format.
        matrix: (rows, columns) float.
        key: name of the matrix in JSON.
        about: what else JSON says about it; plain values. The other formats hold the matrix only.

    Raises:
        CertificateFileError: the file can not be written.
    """
    path = Path(path)
    try:
        suffix, content = path.suffix.lower(), BytesIO()
        if suffix == ".npy":
            np.save(content, np.asarray(matrix, dtype=np.float64), allow_pickle=False)
        elif suffix == ".json":
            rows = [[value if np.isfinite(value) else str(value) for value in row] for row in matrix.tolist()]
            content.write((json.dumps({key: rows, **about}, indent=1) + "\n").encode())
        else:
            np.savetxt(content, matrix, delimiter=",", fmt="%.17g")
        write_bytes(path, content.getvalue())
    except OSError as error:
        raise CertificateFileError(f"cannot write {path}: {error}") from error


def _of_array(path: Path, key: str) -> np.ndarray:
    with path.open("rb") as file:
        return np.lib.format.read_array(file, allow_pickle=False)


def _of_json(path: Path, key: str) -> list[Any]:
    stored = json.loads(path.read_text(encoding="utf-8-sig"))
    rows = stored[key] if isinstance(stored, dict) else stored
    if not isinstance(rows, list):
        raise ValueError(f"no rows under {key}")
    return [[_number(value) for value in row] if isinstance(row, list) else _number(row) for row in rows]


def _of_text(path: Path, key: str) -> list[list[float]]:
    return rows_of_text(decoded(path.read_bytes()))


_READERS = {".npy": _of_array, ".json": _of_json}


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError(f"{value!r} is no number")
    return float(value)
