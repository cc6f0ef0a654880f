"""What of a model's scores on noisy graphs is counted: soft scores, their margins, or votes."""

from __future__ import annotations

from dataclasses import dataclass

VOTE_BINS = 2  # votes against the label and for it


@dataclass(frozen=True)
class Reading:
    """One way to read noisy graphs. The same graphs may be read in several ways at once.

    Args:
        kind: "soft", "margins" or "votes".
        bins: of the histograms.
    """

    kind: str
    bins: int

    @property
    def votes(self) -> bool:
        """Whether only the highest score of a node counts."""
        return self.kind == "votes"

    @property
    def margins(self) -> bool:
        """Whether the label is held against every other class."""
        return self.kind == "margins"
