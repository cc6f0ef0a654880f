"""The exceptions of the package.

Everything a caller can cause is an `LrscoreError`, which is a `ValueError`: one `except` clause is enough to turn
any of them into a sentence for a person.
"""

from __future__ import annotations

import re


class LrscoreError(ValueError):
    """A call cannot be answered as asked; the message says what was expected and what came."""


class SettingsError(LrscoreError):
    """A setting is outside its range or contradicts another one."""


class InputError(LrscoreError):
    """An image, graph, array or model output has the wrong shape, type or values."""


class CertificateError(LrscoreError):
    """A certificate's proof does not establish what the certificate claims."""


class CertificateFileError(LrscoreError):
    """A certificate file is missing, truncated, of another format, or inconsistent in itself."""


class Cancelled(Exception):
    """The caller's `cancel()` asked to stop. Not an error: nothing is wrong and nothing was lost."""


_PATH = re.compile(r"(?<![\w.:/])(?:[A-Za-z]:)?[/\\](?:[^\s'\"<>|:;,()/\\]+[/\\])+([^\s'\"<>|:;,()/\\]*)")


def without_paths(text: str) -> str:
    """A text in which absolute paths are cut down to the name of their file: where a server keeps its files is nobody's
    business."""
    return _PATH.sub(r"\1", text)


def told(error: BaseException) -> str:
    """What a page says of an error: its text on one line, without absolute paths and control characters."""
    return without_paths(_printable(" ".join(str(error).split())))


def first_line(error: BaseException, longest: int = 200) -> str:
    """What an exception says, in one line without absolute paths: its first one, or the name of its class if it says
    nothing."""
    line = _printable((str(error).strip().splitlines() or [""])[0])
    return without_paths(line)[:longest] or type(error).__name__


def _printable(text: str) -> str:
    """A text that moves no cursor: libraries quote bytes of damaged files."""
    return text if text.isprintable() else "".join(one if one.isprintable() else " " for one in text).strip()
