"""What jobs have found for the certificates on screen lately, the best at every budget."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, TypeVar

StoreKey = tuple[object, ...]
Found = TypeVar("Found")


class FoundStore(Generic[Found]):
    """Findings by certificate and what is counted; forgets certificates not used for longest. Thread-safe.

    Args:
        budget: at which budget a finding was made; one is kept for each.
        worth: of two findings at one budget the one with the larger worth stays, of equal ones the later.
        capacity: certificates that are remembered.
    """

    def __init__(self, budget: Callable[[Found], Any], worth: Callable[[Found], int], capacity: int) -> None:
        self._budget, self._worth, self._capacity = budget, worth, capacity
        self._lock = threading.Lock()
        self._found: OrderedDict[StoreKey, dict[Any, Found]] = OrderedDict()

    def add(self, key: StoreKey, finding: Found) -> None:
        """Keep a finding unless a better one is known at its budget."""
        with self._lock:
            findings = self._found.setdefault(key, {})
            self._found.move_to_end(key)
            known = findings.get(self._budget(finding))
            if known is None or self._worth(finding) >= self._worth(known):
                findings[self._budget(finding)] = finding
            while len(self._found) > self._capacity:
                self._found.popitem(last=False)

    def found(self, key: StoreKey) -> tuple[Found, ...]:
        """The findings for a certificate, by budget."""
        with self._lock:
            return tuple(finding for _, finding in sorted(self._found.get(key, {}).items()))
