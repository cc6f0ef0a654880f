"""Parts of docs/results/graphs.md that commands write: each stands between two marks of its name."""

from __future__ import annotations

from pathlib import Path

DOCUMENT = Path("docs/results/graphs.md")


def write_part(path: Path, name: str, text: str) -> None:
    """Replace what stands between the marks of a part; the rest of the file stays as it is.

    Raises:
        ValueError: the file has no such part.
    """
    begin, end = marks(name)
    whole = path.read_text(encoding="utf-8")
    if whole.count(begin) != 1 or whole.count(end) != 1:
        raise ValueError(f"{path} must have one line {begin!r} and one line {end!r}")
    before, rest = whole.split(begin)
    after = rest.split(end)[1]
    path.write_text(f"{before}{begin}\n\n{text.strip()}\n\n{end}{after}", encoding="utf-8")


def marks(name: str) -> tuple[str, str]:
    """The lines around a part."""
    return f"<!-- {name}: written by its command -->", f"<!-- end of {name} -->"
