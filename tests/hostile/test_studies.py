"""Study files and tables from strangers: damaged, unpacking to millions of rows, settings without end."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lrscore import CertificateFileError
from lrscore.study.reading import read_study
from lrscore.study.table import MOST_COLUMNS, MOST_ROWS, read_table, write_table
from tests.hostile.certificates import cut_short, flipped_bits
from tests.hostile.surface import Tally, Trial

_STUDY = b"""
data = ["scene:1", "scene:2"]
methods = ["envelope"]
seeds = [0, 1]
[base]
samples = 100
[product]
grid = [[2, 2], [3, 3]]
"""


def packed(columns: dict[str, pa.Array]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream, compression="zstd")
    return stream.getvalue()


def constant(value: object, rows: int, kind: pa.DataType) -> pa.Array:
    codes, values = pa.array(np.zeros(rows, dtype=np.int8)), pa.array([value], type=kind)
    return pa.DictionaryArray.from_arrays(codes, values).cast(kind)


def greedy_tables() -> Iterator[tuple[str, bytes]]:
    """Tables of a few kilobytes that ask for much."""
    yield "rows", packed({"key": constant("k", MOST_ROWS + 1, pa.string())})
    yield "columns", packed({f"c{number}": pa.array([1]) for number in range(MOST_COLUMNS + 1)})
    yield "no rows", packed({"key": pa.array([], type=pa.string())})
    yield "other columns", packed({"a": pa.array([1])})
    nested = pa.array([[[[[1]]]]])
    yield "nested", packed({"key": pa.array(["k"]), "budgets": nested})


def odd_studies() -> Iterator[tuple[str, bytes]]:
    """Study files by name."""
    yield "digits", b"data = [" + b"9" * 50_000 + b"]"
    yield "depth", b"data = " + b"[" * 5_000 + b"]" * 5_000
    yield "tables", b"[a" + b".a" * 5_000 + b"]"
    many = ", ".join(f'"m{number}"' for number in range(5_000))
    yield "product", f'data = ["x"]\n[product]\nsamples = {list(range(1, 3_000))}\nmodel = [{many}]'.encode()
    yield "not UTF-8", b"\xff\xfe\x00"
    yield "escape", b'data = ["\\u001b[2J"]\n"\\u001b[31mkey" = 1'
    for value in ("inf", "nan", "-1", "1e400", "1979-05-27T07:32:00Z", "{}", "true", '""'):
        for key in (
            "data",
            "seeds",
            "methods",
            "size",
            "budgets",
            "name",
            "kind",
            "model",
            "base",
            "product",
        ):
            yield f"{key} = {value}", f"{key} = {value}".encode()


def trials(
    contents: Iterator[tuple[str, bytes]], path: Path, read: Callable[[Path], object]
) -> Iterator[Trial]:
    for name, content in contents:
        path.write_bytes(content)
        yield name, lambda: read(path)


def test_tables_are_read_or_refused(tmp_path: Path, surface: Callable[[str], Tally]):
    rng = np.random.default_rng(50)
    rows = [
        {
            "key": f"k{number}",
            "picture": "p",
            "setting": "s",
            "seed": number,
            "status": "done",
            "budgets": [0.1, 0.2],
        }
        for number in range(20)
    ]
    write_table(rows, tmp_path / "genuine.parquet")
    whole = (tmp_path / "genuine.parquet").read_bytes()
    tally = surface("tables of studies")
    tally.try_all(trials(greedy_tables(), tmp_path / "table.parquet", read_table))
    contents = (
        (f"{kind} {number}", one)
        for kind, damage, count in (("flipped", flipped_bits, 80), ("cut", cut_short, 20))
        for number, one in enumerate(damage(whole, rng, count))
    )
    tally.try_all(trials(contents, tmp_path / "table.parquet", read_table), apart=True)
    assert tally.refused > 40


def test_a_table_that_unpacks_to_millions_is_refused_before_it_is_read(tmp_path: Path):
    path = tmp_path / "table.parquet"
    path.write_bytes(dict(greedy_tables())["rows"])
    assert path.stat().st_size < 100_000
    with pytest.raises(CertificateFileError, match="rows and 1 columns, at most"):
        read_table(path)


def test_study_files_are_read_or_refused(tmp_path: Path, surface: Callable[[str], Tally]):
    rng = np.random.default_rng(51)
    contents = [
        *odd_studies(),
        *((f"flipped {n}", one) for n, one in enumerate(flipped_bits(_STUDY, rng, 100))),
    ]
    tally = surface("study files")
    tally.try_all(trials(iter(contents), tmp_path / "study.toml", read_study))
    assert tally.refused > 50
