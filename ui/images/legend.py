"""The legend of the five states of pixels."""

from __future__ import annotations

from html import escape

from ui.images.states import MEANINGS
from ui.style.legend import ORDER, Counted, legend_row, legend_table
from ui.style.palette import WRONG, Style
from ui.style.pictures import data_uri, swatch
from ui.style.words import share


def legend_html(states: Counted, total: int, *, dark: bool, with_wrong: bool) -> str:
    """A table: style, name, meaning, share of the counted pixels.

    Args:
        total: what the shares are of.
        with_wrong: whether wrong ones are told apart (there is a reference and only correct ones are counted).
    """
    rows = [
        legend_row(_picture(style, dark), style.name, MEANINGS[style], share(states.count(style), total))
        for style in ORDER
        if style is not WRONG or with_wrong
    ]
    return legend_table(rows, "pixels")


def _picture(style: Style, dark: bool) -> str:
    return data_uri(swatch(style, dark=dark, size=22))


def meanings_html(*, dark: bool) -> str:
    """The same table without numbers."""
    rows = [legend_row(_picture(style, dark), style.name, MEANINGS[style]) for style in ORDER]
    return legend_table(rows, "pixels")


def strip_html(*, dark: bool) -> str:
    """Styles and names in one line, for captions."""
    items = "".join(
        f'<span><img src="{data_uri(swatch(style, dark=dark, size=16))}" alt="">{escape(style.name)}</span>'
        for style in ORDER
    )
    return f'<div class="lrs-strip">{items}</div>'
