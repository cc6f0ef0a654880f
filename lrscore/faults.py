"""Faults of this software: one line with an identifier for whoever meets one, the traceback in a log file.

The log lies below the library folder and rotates: it can not fill a disk.
"""

from __future__ import annotations

import hashlib
import logging
import os
import traceback
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

LIBRARY_VARIABLE = "LRS_LIBRARY"
"""Environment variable: folder that keeps the certificates of finished runs, and below it the log."""
LOG = "log/faults.log"
_BYTES, _KEPT = 1 << 20, 3


def library_folder() -> Path:
    """Where finished runs are kept: `library/` beside the package unless LRS_LIBRARY says otherwise."""
    default = Path(__file__).resolve().parents[1] / "library"
    return Path(os.environ.get(LIBRARY_VARIABLE) or default)


def fault_mark(error: BaseException) -> str:
    """Kind and place of an error in eight letters that a report can name; equal faults have equal marks."""
    places = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    return hashlib.sha256("|".join([type(error).__name__, *places[-3:]]).encode()).hexdigest()[:8]


def report_fault(error: BaseException, where: str) -> str:
    """Write the traceback into the log and return the mark; a log that can not be written changes nothing else.

    Args:
        error: what was raised.
        where: what was being done.
    """
    mark = fault_mark(error)
    with suppress(OSError):
        path = library_folder() / LOG
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=_BYTES, backupCount=_KEPT, encoding="utf-8", delay=True)
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        try:
            text = "".join(traceback.format_exception(error))
            handler.emit(
                logging.LogRecord("faults", logging.ERROR, "", 0, f"{mark} {where}\n{text}", None, None)
            )
        finally:
            handler.close()
    return mark
