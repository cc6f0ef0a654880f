"""The legend of the five states, with what each means and how many pixels have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def legend_html(
    states: Counted,
    total: int,
    *,
    dark: bool,
    with_wrong: bool,
    meanings: Mapping[Look, str] = MEANINGS,
    outputs: str = "pixels",
) -> str:
    """A table: look, name, meaning, share of the counted outputs.

    Args:
        total: what the shares are of.
        with_wrong: whether wrong ones are told apart (there is a reference and only correct ones are counted).
        meanings: what each look says.
        outputs: what has the states, for those who hear the page.
    """
    rows = []
    for look in ORDER:
        if look is WRONG and not with_wrong:
            continue
        number = states.count(look)
        rows.append(
            f'<tr><td><img src="{data_uri(swatch(look, dark=dark, size=22))}" alt=""></td>'
            f"<td><strong>{escape(look.name)}</strong><span>{escape(meanings[look])}</span></td>"
            f'<td class="lrs-n">{share(number, total)}</td></tr>'
        )
    return f'<table class="lrs-legend" aria-label="States of the {escape(outputs)}">{"".join(rows)}</table>'


def meanings_html(*, dark: bool) -> str:
    """The same table without numbers."""
    rows = "".join(
        f'<tr><td><img src="{data_uri(swatch(look, dark=dark, size=22))}" alt=""></td>'
        f"<td><strong>{escape(look.name)}</strong><span>{escape(MEANINGS[look])}</span></td></tr>"
        for look in ORDER
    )
    return f'<table class="lrs-legend" aria-label="States of the pixels">{rows}</table>'


def strip_html(*, dark: bool) -> str:
    """Looks and names in one line, for captions."""
    items = "".join(
        f'<span><img src="{data_uri(swatch(look, dark=dark, size=16))}" alt="">{escape(look.name)}</span>'
        for look in ORDER
    )
    return f'<div class="lrs-strip">{items}</div>'
