"""Matrices of numbers from files and into files: noise levels, measured locality."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from lrscore.errors import CertificateFileError, SettingsError

SUFFIXES = (".csv", ".npy", ".json")
"""How a matrix file may end: comma-separated rows, a NumPy array, or JSON."""


def read_matrix(path: str | Path, option: str, key: str = "levels") -> np.ndarray:
    """A matrix (rows, columns) of float64; `inf` is allowed, also as text in JSON.

    Args:
        path: a file in one of the formats of `SUFFIXES`; anything else is read as comma-separated rows. JSON holds the
            rows, or an object with the rows under `key`.
        option: what the user called it, for the error.

    Raises:
        SettingsError: no such file, or no matrix of numbers in it.
    """
    path = Path(path)
    if not path.is_file():
        raise SettingsError(f"{option}: there is no file {path}")
    try:
        if path.suffix == ".npy":
            stored = np.load(path, allow_pickle=False)
        elif path.suffix == ".json":
            stored = _rows(json.loads(path.read_text(encoding="utf-8")), key)
        else:
            stored = np.loadtxt(path, delimiter=",", ndmin=2)
        matrix = np.asarray(stored, dtype=np.float64)
    except (ValueError, TypeError, KeyError, OSError, EOFError) as error:
        raise SettingsError(f"{option}: {path} holds no matrix of numbers") from error
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
    if target.suffix not in SUFFIXES:
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
        if path.suffix == ".npy":
            np.save(path, np.asarray(matrix, dtype=np.float64), allow_pickle=False)
        elif path.suffix == ".json":
            rows = [[value if np.isfinite(value) else str(value) for value in row] for row in matrix.tolist()]
            path.write_text(json.dumps({key: rows, **about}, indent=1) + "\n", encoding="utf-8")
        else:
            np.savetxt(path, matrix, delimiter=",", fmt="%.17g")
    except OSError as error:
        raise CertificateFileError(f"cannot write {path}: {error}") from error


def _rows(stored: object, key: str) -> list[list[float]]:
    rows = stored[key] if isinstance(stored, dict) else stored
    if not isinstance(rows, list):
        raise ValueError(f"no rows under {key}")
    return [[float(value) for value in row] for row in rows]
