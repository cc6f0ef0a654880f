"""Readings that may take longer than a page may wait: they go on aside, and the page says so until they end."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookLonger
from functools import partial
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ui.style.words import duration

PATIENCE = 1.5
"""Seconds that a script waits for a reading."""
_AT_ONCE = 4
_POLL = 1.0

Value = TypeVar("Value")


class StillReading(Exception):
    """A reading goes on; ask again."""


class Aside:
    """Runs readings in threads of their own, each once, whoever asks for it meanwhile.

    Args:
        at_once: readings at one time; others wait.
    """

    def __init__(self, at_once: int = _AT_ONCE) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="reading")
        self._lock = threading.Lock()
        self._under_way: dict[Hashable, tuple[float, Future[Any]]] = {}

    def get(self, key: Hashable, read: Callable[[], Value], seconds: float | None = None) -> Value:
        """What `read` returns or raises, if that is known within so many seconds, `PATIENCE` if None.

        Raises:
            StillReading: it goes on; the next call with the same key asks for the same reading.
        """
        with self._lock:
            if key not in self._under_way:
                self._under_way[key] = time.monotonic(), self._threads.submit(read)
            future = self._under_way[key][1]
        try:
            return future.result(PATIENCE if seconds is None else seconds)
        except TookLonger:
            if future.done():  # the reading itself ran out of time
                raise
            raise StillReading from None
        finally:
            if future.done():
                self.forget(key)

    def elapsed(self, key: Hashable) -> float | None:
        """Seconds since a reading began; None if it is not under way."""
        with self._lock:
            known = self._under_way.get(key)
        return None if known is None or known[1].done() else time.monotonic() - known[0]

    def forget(self, key: Hashable) -> None:
        """Nobody asks for that reading any more; one that waits for its turn is not done at all."""
        with self._lock:
            known = self._under_way.pop(key, None)
        if known is not None:
            known[1].cancel()


@st.cache_resource(max_entries=1, show_spinner=False)
def aside() -> Aside:
    """The readings of this server."""
    return Aside()


def read_or_wait(
    name: str, key: Hashable, read: Callable[[], Value], cancelled: Callable[[], object]
) -> Value:
    """What `read` returns or raises. If it takes longer, the page ends here with a line that says so and a button that
    gives up, and is drawn again when the reading has ended.

    Args:
        name: what is read, for people.
        key: stands for the reading.
        cancelled: called when its reader gives up.

    Where no page is drawn (a program that uses the pages' own parts) nobody could be told: there it is read at once.
    """
    if get_script_run_ctx(suppress_warning=True) is None:
        return read()
    try:
        return aside().get(key, read)
    except StillReading:
        _draw_waiting(name, key, cancelled)
        st.stop()


def read_content(
    read: Callable[[bytes, str], Value], content: bytes, name: str, cancelled: Callable[[], object]
) -> Value:
    """What `read` makes of an uploaded file's content and name, see `read_or_wait`."""
    key = read.__name__, name, hashlib.blake2b(content, digest_size=16).digest()
    return read_or_wait(name, key, partial(read, content, name), cancelled)


def draw_elapsed(key: Hashable, words: str, draw_more: Callable[[], object] = lambda: None) -> None:
    """A line that says what goes on aside, and since when; the page is drawn again when it has ended.

    Args:
        key: stands for the reading.
        words: what goes on.
        draw_more: what stands beside it.
    """

    def poll() -> None:
        elapsed = aside().elapsed(key)
        if elapsed is None:
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f":material/progress_activity: {words} for {duration(elapsed)} …")
            draw_more()

    st.fragment(poll, run_every=_POLL)()


def _draw_waiting(name: str, key: Hashable, cancelled: Callable[[], object]) -> None:
    def give_up() -> None:
        aside().forget(key)
        cancelled()

    def draw_button() -> None:
        st.button("Give up", key=f"give_up_{hash(key)}", type="tertiary", on_click=give_up)

    draw_elapsed(key, f"Reading {name}", draw_button)
