"""Memory that is freed while copies are drawn stays with the process, and goes back to the system afterwards.

A forward pass allocates and frees hundreds of megabytes. The C library hands much of that back to the system at once,
which then clears every page anew for the next pass: up to a quarter of the time of a pass on a CPU. While somebody
samples, freed pages are kept for the next pass instead; what a process holds at most hardly changes.

Where the C library has no `mallopt` (other systems than Linux with glibc), nothing is done.
"""

from __future__ import annotations

import ctypes
import sys
import threading
import weakref
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # names of mallopt(3)
_MOST = 2**31 - 1  # an int
_LARGEST_TOP, _LARGEST_BLOCK = 1 << 26, 1 << 25
"""Thresholds in bytes that glibc's own adaptation ends at: it is off once they were set."""

_lock, _owners = threading.RLock(), 0


def keep_freed_pages(owner: object) -> None:
    """Until `owner` is gone, what this process frees stays with it, to be used again.

    Args:
        owner: anything that weak references can be made to, such as a sampler. Several may live at once; pages go back
            to the system when the last one is gone.
    """
    global _owners
    if _allocator() is None:
        return
    with _lock:
        _owners += 1
        if _owners == 1:
            _set_thresholds(_MOST, 1 << 30)
    weakref.finalize(owner, _release).atexit = False


def _release() -> None:
    global _owners
    with _lock:
        _owners -= 1
        if not _owners:
            _set_thresholds(_LARGEST_TOP, _LARGEST_BLOCK)
            allocator = _allocator()
            assert allocator is not None
            allocator.malloc_trim(0)


def _set_thresholds(top: int, block: int) -> None:
    """Free bytes at the end of the heap that are kept, and the size from which a block is mapped by itself."""
    allocator = _allocator()
    assert allocator is not None
    allocator.mallopt(_TRIM_THRESHOLD, top)
    if not allocator.mallopt(_MMAP_THRESHOLD, block):  # older ones take no more than this
        allocator.mallopt(_MMAP_THRESHOLD, _LARGEST_BLOCK)


@cache
def _allocator() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
