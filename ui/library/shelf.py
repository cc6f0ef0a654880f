"""The shelf of own runs as a whole: it reads an archive in (`ui.library.archive` makes it), and gives up its oldest."""

from __future__ import annotations

import secrets
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from lrscore.atomic import write_bytes
from lrscore.errors import Cancelled, InputError, LrscoreError, first_line, told
from lrscore.files import load_certificate
from lrscore.layouts import MOST_BYTES
from lrscore.plain_text import facts_of, parse_json
from lrscore.unfinished import STANDING, forget
from ui.library.archive import NAMES
from ui.library.names import rename
from ui.running.shelf_room import no_room, shelf_room

_MOST_FILES = 500
_ENOUGH = 0.5  # of the quota, after the oldest runs were deleted


@dataclass
class Imported:
    """What became of the files of an archive: how many were put on the shelf, and why others were not."""

    kept: int = 0
    refused: list[str] = field(default_factory=list)


def import_shelf(
    content: bytes,
    folder: Path,
    progress: Callable[[int, int], object] | None = None,
    check: Callable[[], object] | None = None,
) -> Imported:
    """Put the certificates of an archive on a shelf, each under a new name and only after it has been read.

    Names inside the archive choose no place on this machine.

    Args:
        progress: told how many of how many files have been read.
        check: called before every file; what it raises ends the import.

    Raises:
        InputError: no archive, or more files than a shelf has.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            members = [one for one in packed.infolist() if one.filename.endswith(".nc")]
            if len(members) > _MOST_FILES:
                raise InputError(
                    f"the archive holds {len(members):,} certificates, at most {_MOST_FILES} are read"
                )
            names = _names(packed)
            found = Imported()
            for number, member in enumerate(members):
                if check is not None:
                    check()
                if progress is not None:
                    progress(number, len(members))
                _take(packed, member, names.get(Path(member.filename).stem, ""), folder, found)
            return found
    except (InputError, Cancelled):
        raise
    except Exception as error:  # damaged archives fail in many ways
        raise InputError(f"the file is no archive of a shelf: {first_line(error)}") from error


def delete_oldest(folder: Path) -> int:
    """Empty the trash and delete the oldest runs until half of the quota is free; returns how many runs went."""
    for path in (folder / ".trash").glob("*.nc"):
        path.unlink(missing_ok=True)
    gone = 0
    kept = [*folder.glob("*.nc"), *folder.glob(f"*{STANDING}")]
    for path in sorted(kept, key=lambda file: file.lstat().st_mtime_ns):
        if shelf_room(folder).share <= _ENOUGH:
            break
        if path.suffix == STANDING:  # of a run that was cut off; one under way keeps it
            forget(path)
        else:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _names(packed: zipfile.ZipFile) -> dict[str, str]:
    if NAMES not in packed.namelist() or packed.getinfo(NAMES).file_size > 1 << 20:
        return {}
    return facts_of(parse_json(packed.read(NAMES), "names", 1 << 20), "names", most=_MOST_FILES)


def _take(packed: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, folder: Path, found: Imported) -> None:
    """One file of an archive."""
    full = no_room(folder)
    if full is not None or member.file_size > MOST_BYTES:
        found.refused.append(full or f"a file is larger than {MOST_BYTES >> 20} MiB")
        return
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{secrets.token_urlsafe(16)}.nc"
    write_bytes(path, packed.read(member))
    try:
        load_certificate(path)
    except LrscoreError as error:
        path.unlink(missing_ok=True)
        found.refused.append(told(error))
        return
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    if name:
        rename(folder, path.stem, name)
    found.kept += 1
