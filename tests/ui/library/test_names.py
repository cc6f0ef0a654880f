"""Names of own runs: kept beside them, cleaned, and never in the way."""

from __future__ import annotations

from pathlib import Path

from ui.library.names import LONGEST, read_names, rename


def test_a_name_is_kept_cleaned_and_taken_back(tmp_path: Path):
    folder = tmp_path / "me"
    rename(folder, "abc", "  Tuesday's \n run  ")
    rename(folder, "def", "é" * 200)
    assert read_names(folder) == {"abc": "Tuesday's run", "def": "é" * LONGEST}
    rename(folder, "abc", "   ")
    assert read_names(folder) == {"def": "é" * LONGEST}
    rename(folder, "never", "")
    assert "never" not in read_names(folder)


def test_a_damaged_file_is_no_names(tmp_path: Path):
    for content in (b"nonsense", b"[1, 2]", b'{"abc": 3}', b"\xff"):
        (tmp_path / "names.json").write_bytes(content)
        assert read_names(tmp_path) == {}
    rename(tmp_path, "abc", "again")
    assert read_names(tmp_path) == {"abc": "again"}
