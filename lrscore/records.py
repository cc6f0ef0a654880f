"""The file format: named arrays and texts in one netCDF (HDF5) file that xarray opens, written atomically.

The root of a file holds what was counted and what was derived from it, as variables with named dimensions and JSON
attributes; every stored collective certificate, proof included, is a group `curves/NAME`. Reading executes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path

import numpy as np
import xarray as xr

from lrscore.atomic import write_bytes
from lrscore.collective import CollectiveCertificate
from lrscore.errors import CertificateFileError, LrscoreError, first_line, told, without_paths
from lrscore.layouts import FORMAT, FORMAT_VERSION, MOST_BYTES
from lrscore.plain_files import PlainFile, opened, values

UNREADABLE = "cannot be read as a certificate"
CORRECT = "correct-"
"""How the names of stored curves begin that count outputs with a correct label only."""


@dataclass(frozen=True)
class Record:
    """What a certificate file holds.

    Args:
        kind: "image" or "graph".
        texts: attributes of the root, each a string.
        arrays: variables of the root by name.
        dimensions: names of every array's dimensions; made up where missing.
        curves: arrays of each stored collective certificate, by the certificate's name.
    """

    kind: str
    texts: Mapping[str, str]
    arrays: Mapping[str, np.ndarray]
    dimensions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    curves: Mapping[str, Mapping[str, np.ndarray]] = field(default_factory=dict)


def write_record(record: Record, path: str | PathLike[str]) -> None:
    """Build the file in memory, and write it so that a full disk or a killed process leaves the old one or the new one.

    HDF5 itself may ignore that a disk is full, or crash: it never sees the disk.

    Raises:
        CertificateFileError: the file cannot be written; an older file of that name stays as it was.
    """
    try:
        write_bytes(path, record_bytes(record))
    except OSError as error:
        raise CertificateFileError(
            f"cannot write {without_paths(str(path))}: {error.strerror or told(error)}"
        ) from error


def record_bytes(record: Record) -> memoryview:
    """The content of the file that holds a record."""
    tree = _to_tree(record)
    squeezed = {"zlib": True, "complevel": 5, "shuffle": True}
    encoding = {
        node.path: {str(name): squeezed for name, variable in node.data_vars.items() if variable.size > 1}
        for node in tree.subtree
    }
    return tree.to_netcdf(None, engine="h5netcdf", encoding=encoding)


def read_record(path: str | PathLike[str]) -> Record:
    """The whole file in memory: what `lrscore.layouts` lists, and nothing else.

    Raises:
        CertificateFileError: the file is missing, too large, truncated, of another format or version, or holds anything
            that a certificate does not.
    """
    source = _readable(path)
    with reading(source, UNREADABLE), opened(source) as found:
        curves = {
            name: {part: values(stored) for part, stored in arrays.items()}
            for name, arrays in found.curves.items()
        }
        return Record(found.kind, found.texts, _arrays(found, found.arrays), curves=curves)


def read_heading(path: str | PathLike[str], arrays: Sequence[str] = ()) -> Record:
    """Kind, texts and the named arrays of a file, as far as it has them: many times faster than `read_record`.

    Nothing else is checked: what is read here may name and sort files, and is no certificate.

    Raises:
        CertificateFileError: as for `read_record`.
    """
    source = _readable(path)
    with reading(source, UNREADABLE), opened(source) as found:
        return Record(found.kind, found.texts, _arrays(found, arrays))


@contextmanager
def reading(path: str | PathLike[str], complaint: str = "is inconsistent") -> Iterator[None]:
    """Turn whatever a malformed file provokes into one sentence, which names the file without its folder.

    Libraries raise what they like on damaged files; no list of types is complete.
    """
    name = Path(path).name
    try:
        yield
    except CertificateFileError:
        raise
    except LrscoreError as error:
        raise CertificateFileError(f"{name} {complaint}: {error}") from error
    except Exception as error:
        raise CertificateFileError(f"{name} {complaint}: {first_line(error)}") from error


def named_curves(
    curves: Iterable[CollectiveCertificate], prefix: str = ""
) -> dict[str, dict[str, np.ndarray]]:
    """Arrays of collective certificates under names that say number and method."""
    return {f"{prefix}{number}-{curve.method}": curve.to_arrays() for number, curve in enumerate(curves)}


def compact(values: np.ndarray) -> np.ndarray:
    """The same non-negative integers in the smallest unsigned type that holds them."""
    return values.astype(np.min_scalar_type(int(values.max(initial=0))))


def _to_tree(record: Record) -> xr.DataTree:
    root = {
        name: (record.dimensions.get(name, _made_up(name, values)), values)
        for name, values in record.arrays.items()
    }
    attributes = {"format": FORMAT, "format_version": FORMAT_VERSION, "kind": record.kind, **record.texts}
    nodes = {"/": xr.Dataset(root, attrs=attributes)}
    for curve, arrays in record.curves.items():
        nodes[f"/curves/{curve}"] = xr.Dataset(
            {name: (_made_up(name, values), values) for name, values in arrays.items()}
        )
    return xr.DataTree.from_dict(nodes)


def _made_up(name: str, values: np.ndarray) -> tuple[str, ...]:
    return tuple(f"{name}_axis{axis}" for axis in range(np.ndim(values)))


def _readable(path: str | PathLike[str]) -> Path:
    """The path of a file that is there and not too large."""
    source = Path(path)
    if not source.is_file():
        raise CertificateFileError(f"no certificate file at {without_paths(str(source))}")
    if source.stat().st_size > MOST_BYTES:
        raise CertificateFileError(f"{source.name} is larger than {MOST_BYTES >> 20} MiB: not read")
    return source


def _arrays(found: PlainFile, names: Iterable[str]) -> dict[str, np.ndarray]:
    return {name: values(found.arrays[name]) for name in names if name in found.arrays}
