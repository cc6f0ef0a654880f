"""Names that the owner gave to own runs, kept beside them."""

from __future__ import annotations

import json
from pathlib import Path

from lrscore.atomic import alone, write_bytes

_FILE = "names.json"
LONGEST = 80
"""Letters of a name."""


def read_names(folder: Path) -> dict[str, str]:
    """Names by file stem; none if the file is missing or holds something else."""
    try:
        found = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {stem: name for stem, name in found.items() if isinstance(name, str)}


def rename(folder: Path, stem: str, name: str) -> None:
    """Give one run another name, or with an empty one its own title back; atomically."""
    cleaned = " ".join(name.split())[:LONGEST]
    with alone(folder):
        names = read_names(folder)
        if cleaned:
            names[stem] = cleaned
        else:
            names.pop(stem, None)
        write_bytes(folder / _FILE, json.dumps(names, ensure_ascii=False).encode())
