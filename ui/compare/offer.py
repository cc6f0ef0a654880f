"""What there is to compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ui.compare.headers import Header
from ui.compare.sets import Choice, set_choices, single_choices
from ui.library.entries import Entry
from ui.library.file_memory import FileMemory

READ_SECONDS = 1.5


@dataclass(frozen=True)
class Offer:
    """The library as this page sees it.

    Args:
        singles: every image certificate by itself, by identity.
        sets: those with equal settings and model together, by identity.
        problems: what is wrong with a file, by identity.
        graphs: how many certificates of graphs are left out.
        unread: how many files have not been read yet.
    """

    singles: dict[str, Choice]
    sets: dict[str, Choice]
    problems: dict[str, str]
    graphs: int
    unread: int

    def find(self, identity: str) -> Choice | None:
        """The certificate or set of that identity."""
        return self.singles.get(identity) or self.sets.get(identity)


def gather(entries: Sequence[Entry], memory: FileMemory[Entry, Header]) -> Offer:
    """Read headers for a moment and list what they offer."""
    unread = memory.read_for(entries, READ_SECONDS)
    headers = {entry.identity: memory.get(entry) for entry in entries}
    return Offer(
        singles={choice.identity: choice for choice in single_choices(entries, memory.get)},
        sets={choice.identity: choice for choice in set_choices(entries, memory.get)},
        problems={name: header.problem for name, header in headers.items() if header and header.problem},
        graphs=sum(header is not None and header.kind == "graph" for header in headers.values()),
        unread=unread,
    )
