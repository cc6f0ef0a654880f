"""The shelf as a whole: out of one server and into another, quotas, strangers' archives."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from lrscore.errors import Cancelled, InputError
from tests.ui.toy import toy_certificate
from ui.library.archive import Archives, export_shelf
from ui.library.names import read_names, rename
from ui.library.shelf import delete_oldest, import_shelf
from ui.running.shelf_room import all_room, no_room, shelf_room


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    folder = tmp_path / "library" / "owner"
    folder.mkdir(parents=True)
    for number in range(3):
        path = folder / f"run{number}.nc"
        toy_certificate().save(path)
        os.utime(path, (number, number))
    rename(folder, "run1", "the second")
    return folder


def test_a_shelf_moves_with_its_names(shelf: Path, tmp_path: Path):
    other = tmp_path / "elsewhere" / "me"
    found = import_shelf(export_shelf(shelf).content(), other)
    assert (found.kept, found.refused) == (3, [])
    contents = sorted(path.read_bytes() for path in other.glob("*.nc"))
    assert contents == sorted(path.read_bytes() for path in shelf.glob("*.nc"))
    assert list(read_names(other).values()) == ["the second"]


def test_archives_leave_no_file_and_few_are_kept(shelf: Path, monkeypatch: pytest.MonkeyPatch):
    before = sorted(shelf.parent.rglob("*"))
    told: list[tuple[int, int]] = []
    made = [export_shelf(shelf, lambda done, total: told.append((done, total))) for _ in range(4)]
    assert (made[0].runs, made[0].size) == (3, len(made[0].content()))
    assert told[:3] == [(0, 3), (1, 3), (2, 3)]
    assert sorted(shelf.parent.rglob("*")) == before
    archives = Archives(kept=2)
    for folder, archive in zip(("one", "one", "two", "three"), made, strict=True):
        archives.add(shelf / folder, archive)
    for archive in made[:2]:  # packed again, and the oldest
        with pytest.raises(InputError, match="pack the shelf again"):
            archive.content()
    assert all(archive.content() for archive in made[2:])

    def cancelled() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        export_shelf(shelf, check=cancelled)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "write", full)
    with pytest.raises(InputError, match="can not be packed: No space left on device"):
        export_shelf(shelf)


def test_names_in_an_archive_choose_no_place(tmp_path: Path, shelf: Path):
    stream = io.BytesIO()
    genuine = (shelf / "run0.nc").read_bytes()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr("../../evil.nc", genuine)
        packed.writestr("/etc/evil.nc", genuine)
        packed.writestr("junk.nc", b"junk")
        packed.writestr("script.py", b"print()")
    folder = tmp_path / "in" / "me"
    found = import_shelf(stream.getvalue(), folder)
    assert found.kept == 2
    assert len(found.refused) == 1
    assert "cannot be read as a certificate" in found.refused[0]
    assert {path.parent for path in tmp_path.rglob("*.nc")} == {folder, shelf}
    assert not list(folder.glob("evil*"))
    with pytest.raises(InputError, match="no archive of a shelf"):
        import_shelf(b"PK\x03\x04junk", folder)


def test_a_full_shelf_takes_nothing_until_the_oldest_are_deleted(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
):
    assert no_room(shelf) is None
    used = shelf_room(shelf).used
    assert used >= sum(path.stat().st_size for path in shelf.glob("*.nc"))
    monkeypatch.setenv("LRS_SHELF_MB", "0")
    assert "your shelf is full" in str(no_room(shelf))
    assert import_shelf(export_shelf(shelf).content(), shelf).kept == 0
    monkeypatch.setenv("LRS_SHELF_MB", "500")
    monkeypatch.setenv("LRS_SHELVES_MB", "0")
    assert "the server's shelves are full" in str(no_room(shelf))
    assert all_room(shelf.parent).full
    monkeypatch.setattr("ui.library.shelf._ENOUGH", 1.5 * (used / 3) / (500 << 20))
    assert delete_oldest(shelf) == 2
    assert [path.name for path in shelf.glob("*.nc")] == ["run2.nc"]
