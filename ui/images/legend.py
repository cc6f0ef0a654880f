"""The legend of the five states of pixels."""

from __future__ import annotations

from markupsafe import Markup

from ui.images.states import MEANINGS
from ui.style.legend import ORDER, Counted, LegendRow, legend_strip, legend_table
from ui.style.palette import WRONG, Style
from ui.style.pictures import data_uri, swatch
from ui.style.words import share


def legend_html(states: Counted, total: int, *, dark: bool, with_wrong: bool) -> Markup:
    """A table: style, name, meaning, share of the counted pixels.

    Args:
        total: what the shares are of.
        with_wrong: whether wrong ones are told apart (there is a reference and only correct ones are counted).
    """
    rows = [
        _row(style, dark, share(states.count(style), total))
        for style in ORDER
        if style is not WRONG or with_wrong
    ]
    return legend_table(rows, "pixels")


def counted_strip(states: Counted, total: int, *, dark: bool, with_wrong: bool) -> Markup:
    """Styles, names and shares in a line, to be seen together with the pictures."""
    return legend_strip(
        [
            _row(style, dark, share(states.count(style), total))
            for style in ORDER
            if style is not WRONG or with_wrong
        ]
    )


def meanings_html(*, dark: bool) -> Markup:
    """The table without numbers."""
    return legend_table([_row(style, dark) for style in ORDER], "pixels")


def strip_html(*, dark: bool) -> Markup:
    """Styles and names in one line, for captions."""
    return legend_strip([_row(style, dark) for style in ORDER])


def _row(style: Style, dark: bool, number: str = "") -> LegendRow:
    return LegendRow(data_uri(swatch(style, dark=dark, size=22)), style.name, MEANINGS[style], number)
