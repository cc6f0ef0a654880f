"""`python -m lrscore study verify|table|export`: what came out, checked and told."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from rich.table import Table

from lrscore.cli.progress import progress_bar
from lrscore.cli.tables import plain_console
from lrscore.errors import CertificateError, CertificateFileError, SettingsError
from lrscore.study.exporting import export, note, summary_table
from lrscore.study.rows import FAILED
from lrscore.study.store import Store
from lrscore.study.summary import counted_methods, summarize

_WIDEST = 1000  # letters of a line that no terminal limits


def add_steps(steps: Any, make: Callable[..., argparse.ArgumentParser]) -> None:
    """Register the three.

    Args:
        make: of steps, name, purpose and command.
    """
    verify = make(steps, "verify", "re-check every certificate and every row, in parallel", verify_command)
    table = make(steps, "table", "print the summary, or every row", table_command)
    out = make(steps, "export", "write all rows (.csv, .parquet) or the summary (.md, .tex)", export_command)
    for step in (verify, table, out):
        step.add_argument("folder", metavar="DIR")
    verify.add_argument("--workers", type=int, help="processes; default: one for every core")
    table.add_argument("--rows", action="store_true", help="every picture instead of the summary")
    out.add_argument("file", metavar="FILE", help="its ending says what it is")


def verify_command(options: argparse.Namespace) -> None:
    """Check a study; raises `CertificateError` where something does not hold."""
    from lrscore.study.checking import check_study

    if options.workers is not None and options.workers < 0:
        raise SettingsError(f"workers must be at least 0, got {options.workers}")
    with progress_bar("certificates") as progress:
        found = check_study(Store(options.folder), workers=options.workers, progress=progress)
    wrong = [one for one in found if one.sentence]
    for one in wrong:
        print(f"{one.name}: {one.sentence}")
    print(f"{len(found) - len(wrong)} of {len(found)} certificates verify, and the table says what they say")
    if wrong:
        sentence = f"{len(wrong)} of {len(found)} certificates, the first is {wrong[0].name}"
        raise (
            CertificateError(sentence)
            if any(one.refuted for one in wrong)
            else CertificateFileError(sentence)
        )


def table_command(options: argparse.Namespace) -> None:
    """Print the summary of a study, or its rows."""
    store = Store(options.folder)
    title, rows = store.study().title, store.rows
    if options.rows:
        _print(_rows(title, rows))
        return
    found = summarize(rows)
    headings, lines = summary_table(found)
    table = Table(title=title)
    for name in headings:
        table.add_column(name, justify="left" if name in ("setting", "method") else "right")
    for cells in lines:
        table.add_row(*cells)
    _print(table)
    print(note(found))
    for row in rows:
        if row["status"] == FAILED:
            print(f"failed: {row['picture']}, {row['setting']}: {row['sentence']}")


def _print(table: Table) -> None:
    """On a terminal as wide as that is, else as wide as the table needs."""
    console = plain_console()
    if not console.is_terminal:
        needed = console.measure(table, options=console.options.update(max_width=_WIDEST)).maximum
        console = plain_console(max(console.width, needed))
    console.print(table)


def _rows(title: str, rows: list[dict[str, Any]]) -> Table:
    table = Table(title=title)
    for name in ("picture", "setting", "seed", "status", "abstained", "seconds", "radius, or why it failed"):
        table.add_column(name)
    for row in rows:
        radii = [(method, row.get(f"radius_{method}")) for method in counted_methods(row)]
        said = ", ".join(method if radius is None else f"{method} {radius:.4f}" for method, radius in radii)
        told = (
            str(row["seed"]),
            row["status"],
            str(row.get("abstained", "-")),
            f"{row.get('seconds', 0):.1f}",
        )
        table.add_row(row["picture"], row["setting"], *told, row.get("sentence") or said)
    return table


def export_command(options: argparse.Namespace) -> None:
    """Write results to a file."""
    export(Store(options.folder).rows, options.file)
    print(f"written to {options.file}")
