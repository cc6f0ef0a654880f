"""A study's results for others: every row as CSV or Parquet, the summary as Markdown or as LaTeX with booktabs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lrscore.atomic import write_bytes
from lrscore.errors import CertificateFileError, SettingsError
from lrscore.graphs.smoothed_graph import BUDGET_KINDS
from lrscore.study.summary import CONFIDENCE, FEWEST, Rows, SettingSummary, summarize
from lrscore.study.table import write_table

HEADINGS = (
    "setting", "method", "pictures", "mean IoU", "accuracy", "average certified radius",
    "information gain radius", *(f"{kind} withstood" for kind in BUDGET_KINDS), "abstained", "passes",
)  # fmt: skip
_NAMES = 2
"""Columns of text; numbers follow."""
EXPLORATION = "exploration"
_NAMED, _NOTHING = 5, "-"
_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{",
    "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
}  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how texts begin that spreadsheets compute


def csv_text(rows: Rows) -> str:
    """All rows; lists as JSON. A text that a spreadsheet would compute gets an apostrophe in front."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([[_cell(row.get(name)) for name in names] for row in rows])
    return out.getvalue()


def summary_table(found: list[SettingSummary]) -> tuple[list[str], list[list[str]]]:
    """Headings and lines of the summary, without the columns that say nothing in any line."""
    lines = [summary_cells(one) for one in found]
    said = [
        place
        for place in range(len(HEADINGS))
        if place < _NAMES or any(cells[place] != _NOTHING for cells in lines)
    ]
    return [HEADINGS[place] for place in said], [[cells[place] for place in said] for cells in lines]


def markdown_text(rows: Rows) -> str:
    """The summary as a table of Markdown."""
    found = summarize(rows)
    headings, lines = summary_table(found)
    text = [f"| {' | '.join(headings)} |", "|" + " --- |" * len(headings)]
    text += [f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |" for cells in lines]
    return "\n".join([*text, "", note(found), ""])


def latex_text(rows: Rows) -> str:
    r"""The summary as a `tabular` with the rules of booktabs."""
    found = summarize(rows)
    headings, lines = summary_table(found)
    columns = "l" * _NAMES + "r" * (len(headings) - _NAMES)
    text = [f"% {note(found)}", rf"\begin{{tabular}}{{{columns}}}", r"\toprule"]
    text += [" & ".join(map(_latex, headings)) + r" \\", r"\midrule"]
    text += [" & ".join(map(_latex, cells)) + r" \\" for cells in lines]
    return "\n".join([*text, r"\bottomrule", r"\end{tabular}", ""])


def summary_cells(one: SettingSummary) -> tuple[str, ...]:
    """A line of the summary, in the order of `HEADINGS`."""
    radius = _share(one.radius, 4)
    if one.interval is not None:
        radius += f" [{one.interval[0]:.4f}, {one.interval[1]:.4f}]"
    pictures = f"{one.pictures} ({one.failed} failed)" if one.failed else str(one.pictures)
    shares = (_share(one.mean_iou), _share(one.accuracy))
    changes = (_share(one.withstood.get(kind), 2) for kind in BUDGET_KINDS)
    told = (_share(one.gain, 4), *changes, _share(one.abstained), f"{one.passes:,.0f}")
    setting = f"{one.setting} ({EXPLORATION})" if one.explored else one.setting
    return (setting, one.method, pictures, *shares, radius, *told)


def note(found: list[SettingSummary]) -> str:
    """What the numbers are, and what holds jointly."""
    alphas = sum({one.setting: one.alphas for one in found}.values())
    joint = (
        f"the chance that any one of them is wrong is at most the sum of their alphas, {alphas:.3g}"
        if alphas < 1
        else "that all of them hold together is not promised (their alphas add up to 1 or more)"
    )
    names = list(dict.fromkeys(one.setting for one in found if one.explored))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    late = (
        f" Chosen after their samples had been seen, for some pictures at least, and so an {EXPLORATION} that promises "
        f"nothing: {'; '.join(names[:_NAMED])}{more}."
        if names
        else ""
    )
    radii = (
        f" Radii are means over pictures, with a {100 * CONFIDENCE:.0f} % bootstrap interval over pictures (from "
        f"{FEWEST} pictures on); the information gain radius is the area under certified information gain, which "
        "counts a group of classes for less than a class."
        if any(one.radius is not None for one in found)
        else ""
    )
    changes = (
        " Withstood is how many changes of a kind alone nodes withstand on average, those that are right where classes "
        "are known: the area under certified accuracy over the budgets of that kind."
        if any(one.withstood for one in found)
        else ""
    )
    return f"Many certificates, each with its own alpha: {joint}.{late}{radii}{changes}"


FORMATS: dict[str, Callable[[Rows], str]] = {"csv": csv_text, "md": markdown_text, "tex": latex_text}


def export(rows: Rows, path: str | Path) -> None:
    """Write a file whose ending says what it is: .csv, .parquet, .md, .tex.

    Raises:
        SettingsError: another ending.
        CertificateFileError: it can not be written.
    """
    target = Path(path)
    ending = target.suffix.lower().removeprefix(".")
    if ending != "parquet" and ending not in FORMATS:
        raise SettingsError(f"a study is exported as .csv, .parquet, .md or .tex, got {path}")
    try:
        if ending == "parquet":
            write_table(rows, target)
        else:
            write_bytes(target, FORMATS[ending](rows).encode())
    except OSError as error:
        raise CertificateFileError(f"cannot write {path}: {error.strerror or error}") from error


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return json.dumps(value)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _share(value: float | None, digits: int = 3) -> str:
    return _NOTHING if value is None else f"{value:.{digits}f}"


def _latex(text: str) -> str:
    return "".join(_LATEX.get(letter, letter) for letter in text)
