"""The legend of the five states, with what each means and how many pixels have it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Protocol

from ui.palette import ABSTAINED, CERTIFIED, COLLECTIVE, UNCERTIFIED, WRONG, Look
from ui.pictures import data_uri, swatch
from ui.states import MEANINGS
from ui.words import share

ORDER: Sequence[Look] = (CERTIFIED, COLLECTIVE, UNCERTIFIED, ABSTAINED, WRONG)


class Counted(Protocol):
    """How many outputs have each state: pixels of `StateMap`, or nodes."""

    def count(self, look: Look) -> int:
        """Number of outputs with that look."""


def legend_html(states: Counted, total: int, *, dark: bool, with_wrong: bool) -> str:
    """A table: look, name, meaning, share of the counted pixels.

    Args:
        total: what the shares are of.
        with_wrong: whether wrong ones are told apart (there is a reference and only correct ones are counted).
    """
    rows = [
        legend_row(_picture(look, dark), look.name, MEANINGS[look], share(states.count(look), total))
        for look in ORDER
        if look is not WRONG or with_wrong
    ]
    return legend_table(rows, "pixels")


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


def _picture(look: Look, dark: bool) -> str:
    return data_uri(swatch(look, dark=dark, size=22))


def meanings_html(*, dark: bool) -> str:
    """The same table without numbers."""
    rows = [legend_row(_picture(look, dark), look.name, MEANINGS[look]) for look in ORDER]
    return legend_table(rows, "pixels")


def strip_html(*, dark: bool) -> str:
    """Looks and names in one line, for captions."""
    items = "".join(
        f'<span><img src="{data_uri(swatch(look, dark=dark, size=16))}" alt="">{escape(look.name)}</span>'
        for look in ORDER
    )
    return f'<div class="lrs-strip">{items}</div>'
