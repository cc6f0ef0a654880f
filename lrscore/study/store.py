"""The folder of a study: certificate files, `study.toml`, one table. Every file is whole or not there."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from lrscore.atomic import write_bytes
from lrscore.errors import CertificateFileError, SettingsError, first_line
from lrscore.provenance import digest_of_file
from lrscore.study.items import Item
from lrscore.study.reading import read_study, study_text
from lrscore.study.rows import DONE, failed_row
from lrscore.study.settings import StudySettings
from lrscore.study.shards import Finished
from lrscore.study.table import read_table, write_table

STUDY, TABLE, PROGRESS, STOP = "study.toml", "table.parquet", "progress.json", "stop"
EARLIER = "earlier.parquet"
"""Rows that the study does not have any more: of other settings, files, seeds or pictures than it names now."""
_LOCK = ".lock"
_SHARE = 0.05  # of the time that writing the table may take while the study runs


class Store:
    """The results of one study.

    Args:
        folder: made if it is not there.

    Attributes:
        digests: of certificate files by their names, as the table told them, and what has left it.

    Raises:
        CertificateFileError: the folder can not be made or written to, or the table in it can not be read.
    """

    def __init__(self, folder: str | Path, *, create: bool = False) -> None:
        self.folder = Path(folder)
        if create:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise CertificateFileError(f"cannot write to {folder}: {error.strerror or error}") from error
        if not self.folder.is_dir():
            raise SettingsError(f"there is no study in {folder}")
        self._rows: dict[str, dict[str, Any]] = {}
        self.digests: dict[str, str] = {}
        for row in read_table(self.table):
            self._note(row)
        self._unsaved, self._written, self._cost = 0, time.monotonic(), 0.0

    @property
    def table(self) -> Path:
        """The Parquet file."""
        return self.folder / TABLE

    @property
    def rows(self) -> list[dict[str, Any]]:
        """All rows, in the order in which they came."""
        return list(self._rows.values())

    def row(self, key: str) -> dict[str, Any] | None:
        """The row of an item."""
        return self._rows.get(key)

    def study(self) -> StudySettings:
        """The study in the folder.

        Raises:
            SettingsError: there is none.
        """
        if not (self.folder / STUDY).is_file():
            raise SettingsError(f"there is no study in {self.folder}: {STUDY} is missing")
        return read_study(self.folder / STUDY)

    def begin(self, study: StudySettings, items: list[Item]) -> None:
        """Write `study.toml`, and leave in the table the rows of this study alone.

        The others are kept beside it, and come back when the study has their items again: what was changed may be
        changed back, and a study that is begun where its data can not be found loses nothing.

        Raises:
            CertificateFileError: it can not be written.
        """
        text = study_text(study).encode()
        path = self.folder / STUDY
        if not path.is_file() or path.read_bytes() != text:
            self._write(path, text)
        earlier = {row["key"]: row for row in read_table(self.folder / EARLIER)}
        for key in earlier.keys() - self._rows.keys():
            self._note_digest(earlier[key])
        keys, before = {item.key for item in items}, self._rows
        known = earlier | before
        left = {key: row for key, row in known.items() if key not in keys and row["status"] == DONE}
        if left.keys() - earlier.keys():
            self._write_table(list(left.values()), self.folder / EARLIER)
        self._rows = {key: row for key, row in known.items() if key in keys}
        self._unsaved += self._rows.keys() != before.keys()

    def is_done(self, item: Item) -> bool:
        """Whether the table has the item's row and the folder its certificate, unchanged."""
        row = self._rows.get(item.key)
        if row is None or row["status"] != DONE:
            return False
        if not row.get("certificate"):
            return True
        path = self.folder / Path(row["certificate"]).name
        return (
            path.is_file()
            and not path.is_symlink()
            and digest_of_file(path) == row.get("certificate_digest", "")
        )

    def add(self, item: Item, finished: Finished) -> None:
        """Keep a finished item: its certificate first, then its row.

        Raises:
            CertificateFileError: the certificate can not be written; nothing of it is seen then.
        """
        row = dict(finished.row) | {"finished": time.time()}
        if finished.content is not None:
            self._write(self.folder / item.file, finished.content)
            digest = hashlib.sha256(finished.content).hexdigest()
            row |= {"certificate": item.file, "certificate_digest": digest}
        self._put(row)

    def fail(self, item: Item, sentence: str) -> None:
        """Keep that an item failed, and why; a certificate that was there before stays."""
        self._put(failed_row(item, sentence) | {"finished": time.time()})

    def adopt(self, item: Item, row: dict[str, Any]) -> None:
        """Take a certificate that is in the folder, but not in the table, into the table."""
        digest = digest_of_file(self.folder / item.file)
        self._put(row | {"certificate": item.file, "certificate_digest": digest, "finished": time.time()})

    def save(self) -> None:
        """Write the table, if it has changed.

        Raises:
            CertificateFileError: it can not be written; the old one stays.
        """
        if not self._unsaved and self.table.exists():
            return
        started = time.monotonic()
        try:
            self._write_table(self.rows, self.table)
        finally:
            self._written = time.monotonic()
            self._cost = self._written - started
        self._unsaved = 0

    def save_now_and_then(self) -> None:
        """`save`, if that takes little of the time. What is not in the table yet is not lost: files tell it again."""
        if self._unsaved and time.monotonic() - self._written >= self._cost / _SHARE:
            with suppress(CertificateFileError):  # the last `save` says so, if it is still so
                self.save()

    def tell(self, progress: Mapping[str, Any]) -> None:
        """Write how far the run is, for whoever looks on."""
        with suppress(OSError):
            write_bytes(self.folder / PROGRESS, json.dumps(progress).encode())

    def told(self) -> dict[str, Any]:
        """What `tell` wrote last, and nothing if that can not be read."""
        try:
            path = self.folder / PROGRESS
            found = json.loads(path.read_bytes()) if path.stat().st_size < 1 << 20 else {}
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def ask_to_stop(self) -> None:
        """Ask the process that runs this study to end, with what is done."""
        (self.folder / STOP).touch()

    def asked_to_stop(self) -> bool:
        """Whether somebody did."""
        return (self.folder / STOP).exists()

    def running(self) -> bool:
        """Whether a process holds the folder."""
        try:
            handle = os.open(self.folder / _LOCK, os.O_RDWR)
        except OSError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(handle)
        return False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other runs out of the folder.

        Raises:
            SettingsError: another one is at it.
        """
        try:
            handle = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise CertificateFileError(f"cannot write to {self.folder}: {error.strerror or error}") from error
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise SettingsError(f"another process is running the study in {self.folder}") from error
            with suppress(OSError):
                (self.folder / STOP).unlink(missing_ok=True)  # what was asked of an earlier run
            yield
        finally:
            os.close(handle)

    def _put(self, row: dict[str, Any]) -> None:
        self._note(row)
        self._unsaved += 1

    def _note(self, row: dict[str, Any]) -> None:
        self._rows[row["key"]] = row
        self._note_digest(row)

    def _note_digest(self, row: dict[str, Any]) -> None:
        if row.get("certificate"):
            self.digests[row["certificate"]] = row.get("certificate_digest", "")

    def _write_table(self, rows: list[dict[str, Any]], path: Path) -> None:
        try:
            write_table(rows, path)
        except OSError as error:
            raise CertificateFileError(f"cannot write {path}: {error.strerror or error}") from error

    def _write(self, path: Path, content: bytes) -> None:
        try:
            write_bytes(path, content)
        except OSError as error:
            raise CertificateFileError(
                f"cannot write {path}: {error.strerror or first_line(error)}"
            ) from error
