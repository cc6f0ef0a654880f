"""What has been read out of certificate files, kept per file and version."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from ui.running.aside import Aside, StillReading

Value = TypeVar("Value")


class Versioned(Protocol):
    """A file at one moment."""

    @property
    def path(self) -> Path:
        """Where it lies."""

    @property
    def stamp(self) -> int:
        """Changes when the file does."""


File = TypeVar("File", bound=Versioned)


class FileMemory(Generic[File, Value]):
    """What `read` made of each file; forgets the files used longest ago. Safe between threads.

    Args:
        read: makes the value; a file that can not be used must give a value that says so.
        capacity: how many values are kept.
    """

    def __init__(self, read: Callable[[File], Value], capacity: int = 2000) -> None:
        self._read, self._capacity = read, capacity
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, int], Value] = OrderedDict()
        self._reading = Aside()

    def get(self, file: File) -> Value | None:
        """The value if the present version of the file has been read."""
        key = (str(file.path), file.stamp)
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def read(self, file: File) -> Value:
        """The value, read from the file if need be."""
        known = self.get(file)
        if known is not None:
            return known
        value = self._read(file)
        with self._lock:
            self._known[str(file.path), file.stamp] = value
            while len(self._known) > self._capacity:
                self._known.popitem(last=False)
        return value

    def read_for(self, files: Sequence[File], seconds: float) -> int:
        """Read unread files for about that long, at least one; returns how many are left unread.

        One that takes longer is read on aside, and counts as unread until then.
        """
        deadline = time.monotonic() + seconds
        unread = [file for file in files if self.get(file) is None]
        unread.sort(
            key=lambda file: self._reading.elapsed(file.path) is not None
        )  # slow ones keep nobody waiting
        for position, file in enumerate(unread):
            if position and time.monotonic() > deadline:
                return len(unread) - position
            try:
                self._reading.get(file.path, partial(self.read, file))
            except StillReading:
                return len(unread) - position
        return 0
