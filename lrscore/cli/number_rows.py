"""Rows of numbers in text files as people and spreadsheets write them: any separator, a header, a byte-order mark."""

from __future__ import annotations

import codecs
import re

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DECIMAL_COMMA = re.compile(r"^[-+]?\d*,\d+([eE][-+]?\d+)?$")


def decoded(content: bytes) -> str:
    """The text in a file, by its byte-order mark or else as UTF-8.

    Raises:
        ValueError: it is none.
    """
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    text = content.decode(encoding)
    if "\0" in text:
        raise ValueError("a binary file")
    return text


def rows_of_text(text: str) -> list[list[float]]:
    """Numbers line by line, separated by semicolons, tabs, commas or blanks; `#` begins a comment.

    A first line without any number is a header. With semicolons or tabs between them numbers may have decimal commas.

    Raises:
        ValueError: there is no number, or a line is no row of as many numbers as the first; the message names the line.
    """
    rows: list[list[float]] = []
    header = True
    for number, line in enumerate(text.splitlines(), 1):
        cells = _cells(line.partition("#")[0].strip())
        if not cells:
            continue
        values = [_number(cell) for cell in cells]
        if header and not rows and all(value is None for value in values):
            header = False
            continue
        wrong = next((cell for cell, value in zip(cells, values, strict=True) if value is None), None)
        if wrong is not None:
            raise ValueError(f"line {number}: {wrong[:40]!r} is no number")
        if rows and len(cells) != len(rows[0]):
            raise ValueError(f"line {number} has {len(cells)} numbers where the first row has {len(rows[0])}")
        rows.append([float(value) for value in values if value is not None])
    if not rows:
        raise ValueError("no line of numbers in it")
    return rows


def _cells(line: str) -> list[str]:
    for separator in (";", "\t", ","):
        if separator in line:
            cells = [cell.strip().strip('"') for cell in line.split(separator)]
            return cells[:-1] if cells[-1] == "" else cells  # a separator at the end closes the row
    return [cell.strip('"') for cell in line.split()]


def _number(cell: str) -> float | None:
    if _DECIMAL_COMMA.match(cell):
        cell = cell.replace(",", ".")
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None
