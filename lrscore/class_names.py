"""Class names from a text file: one a line, line number = class number."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from pathlib import Path

from lrscore.errors import InputError

MAX_BYTES = 1 << 20
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def read_class_names(path: str | Path) -> tuple[str, ...]:
    """The names in a file, in UTF-8, UTF-16 with a byte-order mark, or Latin-1.

    Raises:
        InputError: no such file, an empty line between names (which would shift the numbers), or no text.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"class names: there is no file {path}")
    if path.stat().st_size > MAX_BYTES:
        raise InputError(f"class names: {path} may have at most {MAX_BYTES >> 20} MiB")
    content = path.read_bytes()
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return checked_names([line.strip() for line in text.strip("\ufeff").rstrip().splitlines()], str(path))


def checked_names(names: Sequence[str], source: str) -> tuple[str, ...]:
    """Names that number classes: none is empty, a comment, or holds control characters.

    Raises:
        InputError: one does.
    """
    for number, name in enumerate(names, 1):
        if not name or not name.isprintable() or name.startswith("#"):
            raise InputError(
                f"class names: line {number} of {source} must hold one name, got {name[:40]!r}; line numbers are class "
                "numbers"
            )
    return tuple(names)
