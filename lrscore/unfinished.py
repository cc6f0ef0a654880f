"""What a run leaves while it lasts, so that a killed process loses no more than what came after the last look.

Beside the place of its certificate lie a mark, from the beginning, and the last certificate that already held. Both go
when the run ends, however it ends; where they stay, the process was killed.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from lrscore.certificate import Certificate
from lrscore.errors import LrscoreError

BEGUN, PARTIAL = ".begun", ".partial"
"""Endings of the mark and of the certificate of an unfinished run."""
_PACE = 15.0
_ABANDONED_SECONDS = 600.0


class Unfinished:
    """The traces of one run.

    Args:
        file: where its certificate will be kept; the folder is made.
    """

    def __init__(self, file: Path) -> None:
        self._mark, self._partial = file.with_suffix(BEGUN), file.with_suffix(PARTIAL)
        self._kept = -float("inf")
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            self._mark.touch()

    def keep(self, certificate: Certificate) -> None:
        """Keep a certificate that holds, at most every few seconds; one that can not be written costs nothing else."""
        now = time.monotonic()
        if now - self._kept < _PACE:
            return
        self._kept = now
        with suppress(LrscoreError, OSError):
            certificate.save(self._partial)
            os.utime(self._mark)

    def end(self) -> None:
        """The run has ended by itself."""
        for path in (self._partial, self._mark):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def recover(file: Path) -> str | None:
    """Put the last certificate of a killed run in its place, if there is one.

    Args:
        file: where the run's certificate would be; no process of this server may still be at it.

    Returns:
        What became of the run, in a sentence; None if it was not cut off.
    """
    mark, partial = file.with_suffix(BEGUN), file.with_suffix(PARTIAL)
    if file.is_file():
        cut_off = mark.is_file()
    elif partial.is_file() and not partial.is_symlink():
        os.replace(partial, file)
        cut_off = True
    elif mark.is_file():
        return (
            "This run was cut off when the server stopped, before anything was certified: nothing of it is left. "
            "Press Run to start it again."
        )
    else:
        return None
    return (
        "This run was cut off when the server stopped. On screen is what it had certified by then, which holds; what "
        "came later is lost."
        if cut_off
        else None
    )


def recover_all(folder: Path) -> int:
    """Put the last certificates of killed runs in their places; returns how many. Recent ones may be under way."""
    found = 0
    for partial in folder.glob(f"*{PARTIAL}"):
        with suppress(OSError):
            if time.time() - partial.stat().st_mtime > _ABANDONED_SECONDS:
                found += recover(partial.with_suffix(".nc")) is not None
    return found
