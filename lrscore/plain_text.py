"""Texts from files: bounded, without control characters, and JSON whose depth and numbers are bounded, too.

A title may hold a terminal's escape sequences, a name may turn the direction of what follows it, a text of brackets may
be nested as deep as it is long. Nothing here runs or follows what a text says.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

from lrscore.errors import LrscoreError

LONGEST_LINE = 2_000
"""Characters of a title, a name, or one fact of the provenance."""
MOST_DEPTH = 8
_LONGEST_NUMBER = 400  # digits of a number in JSON: doubles have at most 309 before the point
_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_HARMLESS = re.compile(r"[ -~]*")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+-]{0,79}")
_LONG_NUMBER = re.compile(rf"[0-9.eE+-]{{{_LONGEST_NUMBER},}}")


class TextError(LrscoreError):
    """A text is too long, nested too deep, or no JSON."""


def one_line(text: object, longest: int = LONGEST_LINE) -> str:
    """A text for people, on one line: what would move a cursor, turn the direction of writing or is no character is a
    space, and what is longer than `longest` is cut."""
    words = str(text)[: longest + 1]
    if not _HARMLESS.fullmatch(words):
        words = "".join(" " if _moves(letter) else letter for letter in words)
    words = " ".join(words.split())
    return words if len(words) <= longest else f"{words[: longest - 1]}…"


def plain_name(text: str, what: str) -> str:
    """A name that a file gives for something to be looked up and loaded: letters, digits, dashes and pluses alone.

    Names may otherwise be code ("module:function") or paths: those are for whoever types them, never for a file.

    Args:
        what: that has the name, for errors.

    Raises:
        TextError: anything else.
    """
    if not _NAME.fullmatch(text):
        raise TextError(
            f"the file names {what} {text!r:.80}: a file may name what to load plainly, never by code or path"
        )
    return text


def parse_json(text: str | bytes, what: str, longest: int) -> Any:
    """What a JSON text says.

    Args:
        text: the text, or its bytes in UTF-8 (a mark of the byte order is passed over).
        what: to call it by in errors.
        longest: characters (or bytes) that are read.

    Raises:
        TextError: longer than that, nested deeper than `MOST_DEPTH`, a number of hundreds of digits, or no JSON.
    """
    if len(text) > longest:
        raise TextError(f"{what} is longer than {longest:,} characters: not read")
    try:
        plain = text.decode("utf-8-sig") if isinstance(text, bytes) else text
    except UnicodeDecodeError as error:
        raise TextError(f"{what} is no text in UTF-8") from error
    if _depth(plain) > MOST_DEPTH:
        raise TextError(f"{what} is nested deeper than {MOST_DEPTH} levels: not read")
    if _LONG_NUMBER.search(plain):
        raise TextError(f"{what} holds a number of more than {_LONGEST_NUMBER} digits: not read")
    try:
        return json.loads(plain)
    except ValueError as error:
        raise TextError(f"{what} is no JSON: {error}") from error


def texts_of(value: object, what: str, most: int) -> tuple[str, ...]:
    """A list of names, each on one line.

    Raises:
        TextError: no list of at most `most` texts.
    """
    if not isinstance(value, list) or len(value) > most or not all(isinstance(name, str) for name in value):
        raise TextError(f"{what} must be at most {most:,} texts")
    return tuple(one_line(name) for name in value)


def facts_of(value: object, what: str, most: int = 100) -> dict[str, str]:
    """Named facts, names and facts each on one line.

    Raises:
        TextError: no mapping of at most `most` names to texts.
    """
    if (
        not isinstance(value, dict)
        or len(value) > most
        or not all(isinstance(one, str) for one in value.values())
    ):
        raise TextError(f"{what} must be at most {most:,} named texts")
    return {one_line(name, 100): one_line(fact) for name, fact in value.items()}


def _moves(letter: str) -> bool:
    return letter in _TURNING or unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp")


def _depth(text: str) -> int:
    """How deep brackets are nested, those in quotes counted as well if a quotation does not end."""
    deepest = depth = 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text):
        first = token.group()[0]
        depth += (first in "[{") - (first in "]}")
        deepest = max(deepest, depth)
    return deepest
