"""What the controls of both certification pages offer."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

ALPHAS = (0.001, 0.005, 0.01, 0.05, 0.1)
OFFERED = (1, 40)
"""Values of k that share alpha in the segmentation page's runs with looks: either may be chosen after the run."""


MOST_ROWS, MOST_COLS, MOST_MASK, MOST_TOLERATED, MOST_SEED = 18, 24, 5, 1000, 2**31 - 1


CORRECTION_WORDS = MappingProxyType(
    {
        "bonferroni": "Bonferroni",
        "weighted-bonferroni": "Bonferroni, weighted by the pilot",
        "count-level": "count level (some bounds may fail)",
        "anytime": "anytime: valid at every look",
        "mixture": "mixture: valid at every sample size",
        "paper-holm": "Holm by rank, as published — NOT VALID",
    }
)


@dataclass(frozen=True)
class Preset:
    """A set of control values with a line that says what it shows."""

    name: str
    title: str
    description: str
    values: MappingProxyType[str, Any]
