"""Signals that end a long command: where nothing is half done, if it says where that is."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lrscore.errors import Cancelled


@contextmanager
def ended_by_signals() -> Iterator[Callable[[], None]]:
    """Ctrl-C, and what a job queue or `kill` sends, end a command in the same way.

    A shell that starts commands in the background lets them ignore Ctrl-C; whoever sends it to such a command means it.

    Yields:
        `look`, to be called now and then. Once it was called, a first signal waits for the next call, which raises
        `Cancelled`. Before, and from the second signal on, `KeyboardInterrupt` is raised wherever the command is.
    """
    looking, asked = False, False

    def look() -> None:
        nonlocal looking
        looking = True
        if asked:
            raise Cancelled("a signal came")

    def note(kind: int, frame: object) -> None:
        nonlocal asked
        if asked or not looking:
            raise KeyboardInterrupt
        asked = True

    main = threading.current_thread() is threading.main_thread()
    kinds = (signal.SIGINT, signal.SIGTERM) if main else ()
    before = [signal.signal(kind, note) for kind in kinds]
    try:
        yield look
    finally:
        for kind, handler in zip(kinds, before, strict=True):
            signal.signal(kind, handler)
