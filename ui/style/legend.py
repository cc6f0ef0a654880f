"""The legend of the five states, with what each means and how many outputs have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from markupsafe import Markup

from ui.style.palette import ABSTAINED, CERTIFIED, COLLECTIVE, UNCERTIFIED, WRONG, Style
from ui.style.templates import render

ORDER: Sequence[Style] = (CERTIFIED, COLLECTIVE, UNCERTIFIED, ABSTAINED, WRONG)


class Counted(Protocol):
    """How many outputs have each state: pixels of `StateMap`, or nodes."""

    def count(self, style: Style) -> int:
        """Number of outputs with that style."""


@dataclass(frozen=True)
class LegendRow:
    """One row of a legend; `picture` is the address of an image."""

    picture: str
    name: str
    meaning: str = ""
    number: str = ""


def legend_table(rows: Sequence[LegendRow], outputs: str) -> Markup:
    """A legend of rows; `outputs` says what has the states, for those who hear the page."""
    return render("legend", rows=rows, outputs=outputs)


def legend_strip(rows: Sequence[LegendRow]) -> Markup:
    """The same in one line that wraps: pictures, names and numbers."""
    return render("strip", rows=rows)
