"""The library: shelves, broken files, bounded memory, deletion with a way back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from models.scenes.gallery import GALLERY
from tests.ui.toy import toy_certificate
from ui.browse.cards import card_html
from ui.browse.summary import SummaryMemory, summarise
from ui.images.curves import compute_curves
from ui.library.entries import (
    Entry,
    delete,
    find_entry,
    list_entries,
    restore,
)


@pytest.fixture
def shelves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One bundled, two own (one of them broken), one in the shared folder; returns the own folder."""
    for name in ("gallery", "own", "shared"):
        (tmp_path / name).mkdir()
    toy_certificate().save(tmp_path / "gallery" / f"{GALLERY[0].name}.nc")
    content = (tmp_path / "gallery" / f"{GALLERY[0].name}.nc").read_bytes()
    (tmp_path / "own" / "older.nc").write_bytes(content)
    (tmp_path / "own" / "newer.nc").write_bytes(content[:3000])
    (tmp_path / "shared" / "theirs.nc").write_bytes(content)
    os.utime(tmp_path / "own" / "older.nc", (1_000, 1_000))
    monkeypatch.setenv("LRS_GALLERY", str(tmp_path / "gallery"))
    monkeypatch.setenv("LRS_GRAPH_GALLERY", str(tmp_path / "none"))
    monkeypatch.setenv("LRS_CERTIFICATES", str(tmp_path / "shared"))
    return tmp_path / "own"


def test_shelves_and_order(shelves: Path):
    identities = [entry.identity for entry in list_entries(shelves)]
    assert identities == [f"bundled:{GALLERY[0].name}", "own:newer", "own:older", "folder:theirs"]
    assert find_entry("own:older", shelves).modified == "1970-01-01 00:16"


@pytest.mark.parametrize(
    "identity", ["own:../../etc/passwd", "own:", "nowhere", "folder:older", "bundled:toy"]
)
def test_only_listed_files_are_found(shelves: Path, identity: str):
    assert find_entry(identity, shelves) is None


def test_summaries_agree_with_the_certificate_and_broken_files_say_so(shelves: Path):
    entries = {entry.identity: summarise(entry) for entry in list_entries(shelves)}
    curves = compute_curves(toy_certificate(), "correct")
    good = entries["own:older"]
    assert (good.certified, good.outputs) == (int(curves.envelope[curves.index(0.1)]), curves.outputs)
    assert 0 < good.reach < float(curves.epsilons[-1])
    assert good.settings == "2×3 · gaussian 0.1 to 0.3 · 128 samples · bonferroni"
    broken = entries["own:newer"]
    assert broken.problem
    assert broken.kind is None
    card = card_html(find_entry("own:newer", shelves), broken)
    assert "broken" in card
    assert "certified at" not in card


def test_deleting_and_taking_it_back(shelves: Path):
    entry = find_entry("own:older", shelves)
    before = entry.modified, entry.stamp
    delete(entry)
    assert find_entry("own:older", shelves) is None
    assert restore("older", shelves)
    again = find_entry("own:older", shelves)
    assert (again.modified, again.stamp) == before, "it is as old as it was"
    assert not restore("older", shelves), "it is back already"
    assert not restore("../../older", shelves)


def test_the_trash_is_bounded(shelves: Path):
    for number in range(25):
        path = shelves / f"run{number}.nc"
        path.write_bytes(b"x")
        delete(Entry("own", path, 0))
    assert len(list((shelves / ".trash").iterdir())) == 20


def test_the_memory_reads_once_per_version_and_forgets(shelves: Path, monkeypatch: pytest.MonkeyPatch):
    read: list[str] = []

    def counting(entry: Entry):
        read.append(entry.identity)
        return summarise(entry)

    monkeypatch.setattr("ui.browse.summary.summarise", counting)
    memory = SummaryMemory(capacity=2)
    entries = list_entries(shelves)[:2]
    assert memory.read_for(entries, seconds=60) == 0
    assert memory.read_for(entries, seconds=60) == 0
    assert len(read) == 2
    memory.read(list_entries(shelves)[2])
    assert memory.get(entries[0]) is None, "the oldest made room"
    assert memory.get(entries[1]) is not None


def test_reading_stops_when_time_is_up_but_always_reads_one(shelves: Path):
    memory = SummaryMemory()
    entries = list_entries(shelves)
    assert [memory.read_for(entries, seconds=-1.0) for _ in range(4)] == [3, 2, 1, 0]
