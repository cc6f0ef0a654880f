"""The table of a study: rows in memory, one Parquet file on the disk that is replaced as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lrscore.atomic import write_bytes
from lrscore.errors import CertificateFileError, first_line

MAX_BYTES = 4 << 30
MOST_ROWS, MOST_COLUMNS, MOST_VALUES = 2_000_000, 4_096, 1 << 28
_TEXTS = [
    "key",
    "picture",
    "setting",
    "kind",
    "model",
    "model_digest",
    "picture_digest",
    "status",
    "sentence",
    "certificate",
    "certificate_digest",
    "device",
    "versions",
    "noise",
    "explored",
]
_WHOLE = ("seed", "outputs", "abstained", "agreeing", "labelled", "correct", "passes")
_REAL = ("alpha", "seconds", "certifying_seconds", "finished")
_TRUTH = ("tested",)
_COUNTS = ("hit", "true", "predicted", "certified", "additions", "deletions", "edge_")


def write_table(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Replace the table by these rows; a full disk or a killed process leaves the old one.

    Raises:
        OSError: it can not be written.
    """
    names = list(dict.fromkeys(name for row in rows for name in row)) or ["key"]
    columns = [pa.array([row.get(name) for row in rows], type=_type(name)) for name in names]
    buffer = BytesIO()
    pq.write_table(pa.table(columns, names=names), buffer, compression="zstd")
    write_bytes(path, buffer.getvalue())


def read_table(path: Path, columns: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """The rows of a table, without what they do not have; none if there is no such file.

    Raises:
        CertificateFileError: no Parquet file, too large, or without the columns that every row has.
    """
    if not path.exists():
        return []
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CertificateFileError(f"{path.name} is larger than {MAX_BYTES >> 30} GiB: not read")
        stored = pq.ParquetFile(path)
        _check_size(stored.metadata, path.name)
        found: list[dict[str, Any]] = stored.read(columns=columns).to_pylist()
    except CertificateFileError:
        raise
    except Exception as error:  # damaged tables fail in many ways
        raise CertificateFileError(
            f"{path.name} can not be read as a study's table: {first_line(error)}"
        ) from error
    needed = {"key", "picture", "setting", "seed", "status"}
    if found and columns is None and not needed <= found[0].keys():
        raise CertificateFileError(
            f"{path.name} is no study's table: it lacks {sorted(needed - found[0].keys())[0]}"
        )
    return [{name: value for name, value in row.items() if value is not None} for row in found]


def _check_size(metadata: pq.FileMetaData, name: str) -> None:
    """Refuse a table that unpacks to more than a study has; a few packed bytes may stand for any number of values.

    Raises:
        CertificateFileError: too many columns, rows or values.
    """
    if metadata.num_columns > MOST_COLUMNS or metadata.num_rows > MOST_ROWS:
        raise CertificateFileError(
            f"{name} declares {metadata.num_rows:,} rows and {metadata.num_columns:,} columns, at most "
            f"{MOST_ROWS:,} and {MOST_COLUMNS:,} are read"
        )
    values = unpacked = 0
    for group in range(metadata.num_row_groups):
        row_group = metadata.row_group(group)
        for column in range(row_group.num_columns):
            values += row_group.column(column).num_values
            unpacked += row_group.column(column).total_uncompressed_size
    if values > MOST_VALUES or unpacked > MAX_BYTES:
        raise CertificateFileError(f"{name} declares {values:,} values, at most {MOST_VALUES:,} are read")


def numbers_only(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without their lists."""
    return [{name: value for name, value in row.items() if not isinstance(value, list)} for row in rows]


def _type(name: str) -> pa.DataType:
    if name in _TEXTS:
        return pa.string()
    if name in _WHOLE:
        return pa.int64()
    if name in _REAL or name.startswith(("radius_", "gain_radius_")):
        return pa.float64()
    if name in _TRUTH:
        return pa.bool_()
    if name == "budgets" or name.startswith("gain_"):
        return pa.list_(pa.float64())
    if name.startswith(_COUNTS):
        return pa.list_(pa.int64())
    raise AssertionError(f"no type for column {name}")
