"""The legend of the five states, with what each means and how many pixels have it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Protocol

from ui.style.palette import ABSTAINED, CERTIFIED, COLLECTIVE, UNCERTIFIED, WRONG, Style

ORDER: Sequence[Style] = (CERTIFIED, COLLECTIVE, UNCERTIFIED, ABSTAINED, WRONG)


class Counted(Protocol):
    """How many outputs have each state: pixels of `StateMap`, or nodes."""

    def count(self, style: Style) -> int:
        """Number of outputs with that style."""


def legend_row(picture: str, name: str, meaning: str, number: str = "") -> str:
    """One row of a legend; `picture` is the address of an image."""
    last = f'<td class="lrs-n">{escape(number)}</td>' if number else ""
    return (
        f'<tr><td><img src="{picture}" alt=""></td>'
        f"<td><strong>{escape(name)}</strong><span>{escape(meaning)}</span></td>{last}</tr>"
    )


def legend_table(rows: Sequence[str], outputs: str) -> str:
    """A legend of rows; `outputs` says what has the states, for those who hear the page."""
    return f'<table class="lrs-legend" aria-label="States of the {escape(outputs)}">{"".join(rows)}</table>'
