"""Whatever a malformed graph file provokes, as one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lrscore.errors import InputError, first_line
from lrscore.plain_text import one_line


@contextmanager
def reading_graph(kind: str) -> Iterator[None]:
    """Turn every failure of a parser into an `InputError`.

    Parsers of other people's formats raise what they like on malformed files; no list of types is complete.

    Args:
        kind: what the file should have been.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"the file is no usable {kind} graph: {reason_of(error)}") from error


def reason_of(error: BaseException) -> str:
    """First line of an error's text, or its kind if it has none."""
    return one_line(first_line(error), 200)
