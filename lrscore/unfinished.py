"""What a run leaves while it lasts, so that a killed process loses no more than what came after its last batches.

Beside the place of its certificate lie a mark, from the beginning, and its standing (`lrscore.standing`). Both go when
the run ends by itself. The mark is locked while the run lasts, and the system unlocks it when the process ends, however
it ends: whoever finds it unlocked knows that the run was cut off, and whoever finds it locked that it is under way,
here or in another process with the same folder.
"""

from __future__ import annotations

import fcntl
import io
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lrscore.atomic import write_bytes
from lrscore.certificate import Certificate
from lrscore.errors import LrscoreError
from lrscore.files import certificate_of
from lrscore.layouts import MOST_BYTES
from lrscore.records import read_record, reading, record_bytes
from lrscore.standing import Standing

BEGUN, STANDING = ".begun", ".standing"
"""Endings of the mark and of the standing of an unfinished run."""
_PACE = 15.0
_LOOKING = 5.0  # seconds that a page may take to look at what a run has left
_CUT_OFF = "This run was cut off: the server stopped, or nobody was watching any more"
ELSEWHERE = "This run is under way on another server with the same library: it appears here when it ends."
"""What the owner of a run is told that another process is at."""
_PARTS = ("certificate", "since", "drawn", "generator")


class Unfinished:
    """The traces of one run, which lasts as long as this object is not ended.

    Args:
        file: where its certificate will be kept; the folder is made.
        pace: seconds between two standings that are kept.

    Raises:
        LrscoreError: the run is under way already, in this process or in another one.
    """

    def __init__(self, file: Path, pace: float = _PACE) -> None:
        self._mark, self._standing, self._pace = file.with_suffix(BEGUN), file.with_suffix(STANDING), pace
        self._kept = -float("inf")
        self._latest: Standing | None = None
        self._known: tuple[Certificate, memoryview] | None = None
        self._lock: int | None = None
        with suppress(OSError):  # a folder that can not be written costs the traces, not the run
            file.parent.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self._mark, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        if self._lock is not None and not _locked(self._lock, _LOOKING):
            os.close(self._lock)
            raise LrscoreError(
                "this run is under way already, perhaps on another server with the same library"
            )

    def keep(self, standing: Standing) -> None:
        """Keep where the run stands, at most every few seconds; what can not be written costs nothing else."""
        now = time.monotonic()
        if now - self._kept >= self._pace:
            self._kept, self._latest = now, None
            self._write(standing)
        else:
            self._latest = standing

    def leave(self) -> None:
        """The run is cut off here, and can go on: its last standing stays."""
        if self._latest is not None:
            self._write(self._latest)
        self._release()

    def end(self) -> None:
        """The run has ended by itself; nothing happens to one that was left."""
        if self._lock is None:
            return
        for path in (self._standing, self._mark):
            with suppress(OSError):
                path.unlink(missing_ok=True)
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _write(self, standing: Standing) -> None:
        if self._lock is None:
            return
        with suppress(LrscoreError, OSError):
            if self._known is None or self._known[0] is not standing.certificate:
                self._known = standing.certificate, record_bytes(standing.certificate.to_record())
            parts = (
                np.frombuffer(self._known[1], np.uint8),
                standing.since,
                standing.drawn,
                standing.generator,
            )
            stream = io.BytesIO()
            np.savez(stream, allow_pickle=False, **dict(zip(_PARTS, parts, strict=True)))
            write_bytes(self._standing, stream.getbuffer())


@dataclass(frozen=True)
class CutOff:
    """A run that ended without ending by itself, or that another process is at.

    Args:
        sentence: what became of it, for its owner.
        standing: where it stood, to go on from there; None if that is not known.
    """

    sentence: str
    standing: Standing | None = None


def standing_of(run: Path) -> Standing | None:
    """Where a run stood when it was cut off; None if nothing usable is left.

    Args:
        run: where the run's certificate would be.
    """
    path = run.with_suffix(STANDING)
    try:
        if path.is_symlink() or path.stat().st_size > MOST_BYTES:
            return None
        with reading(path), path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            content, since, drawn, generator = (stored[part] for part in _PARTS)
            with tempfile.NamedTemporaryFile(suffix=".nc") as copy:
                copy.write(content.tobytes())
                copy.flush()
                certificate = certificate_of(read_record(copy.name), copy.name, under_way=True)
        return Standing(certificate, since, drawn, generator)
    except (LrscoreError, OSError):
        return None


def cut_off(file: Path) -> CutOff | None:
    """What became of a run that no job of this server is at; what it had certified is put in its place.

    Args:
        file: where the run's certificate would be.

    Returns:
        None if the run was not cut off.
    """
    if not file.with_suffix(BEGUN).is_file():
        return None
    with _held(file.with_suffix(BEGUN)) as held:
        if not held:
            return CutOff(ELSEWHERE)
        if not file.with_suffix(BEGUN).is_file():  # it ended just now
            return None
        standing = standing_of(file)
        certified = file.is_file() or _put_in_place(standing, file)
    if standing is None and not certified:
        return CutOff(
            f"{_CUT_OFF}, before anything was kept of it: nothing is left. Press Run to start it again."
        )
    shown = " On screen is what it had certified by then, which holds." if certified else ""
    ahead = " It can go on where it stopped." if standing is not None else " What came later is lost."
    return CutOff(f"{_CUT_OFF}.{shown}{ahead}", standing)


def is_under_way(file: Path) -> bool | None:
    """Whether some process is at a run now; None if the run has ended by itself, or never began.

    Args:
        file: where the run's certificate would be.
    """
    mark = file.with_suffix(BEGUN)
    if not mark.is_file():
        return None
    with _held(mark) as held:
        return (False if mark.is_file() else None) if held else True


def recover_all(folder: Path) -> int:
    """Put what cut off runs have certified in its place; returns how many there are."""
    return sum(
        (found := cut_off(mark.with_suffix(".nc"))) is not None and found.standing is not None
        for mark in folder.glob(f"*{BEGUN}")
    )


def forget(file: Path) -> None:
    """Remove what a cut off run has left beside its certificate; a run that is under way keeps it."""
    with _held(file.with_suffix(BEGUN)) as held:
        if held:
            for path in (file.with_suffix(STANDING), file.with_suffix(BEGUN)):
                path.unlink(missing_ok=True)


def _put_in_place(standing: Standing | None, file: Path) -> bool:
    """Save what a standing has certified; False if that is nothing."""
    looked = None if standing is None else standing.certificate.at_last_look()
    if looked is None:
        return False
    try:
        looked.check_counts()
        looked.save(file)
    except (LrscoreError, OSError):
        return False
    return True


@contextmanager
def _held(mark: Path) -> Iterator[bool]:
    """Whether nobody is at the run meanwhile."""
    try:
        handle = os.open(mark, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        yield not mark.exists()
        return
    try:
        yield _locked(handle)
    finally:
        os.close(handle)


def _locked(handle: int, seconds: float = 0.0) -> bool:
    """Whether the lock could be taken within so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.05)
        else:
            return True
