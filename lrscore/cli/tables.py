"""What every command prints: progress, and what a verification checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from lrscore.certificate import Certificate
from lrscore.verify import Check

_TARGET_ROWS = 4


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error; yields `progress(done, total)`."""
    columns = (
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True))
    task = bar.add_task(what, total=None)

    def update(done: int, total: int) -> None:
        bar.start()  # not before there is something to show: what fails at once is one line
        bar.update(task, completed=done, total=total)

    try:
        yield update
    finally:
        if bar.live.is_started:
            bar.stop()


def print_checks(checks: list[Check]) -> None:
    """What a verification checked."""
    table = Table(title="checked from the counts, without the model", show_header=False)
    for check in checks:
        table.add_row("holds", check.subject, check.detail)
    Console().print(table)


def print_targets(certificate: Certificate) -> None:
    """What the stored masks of outputs certify, each at a few of its budgets."""
    for one in certificate.targeted:
        rows = np.unique(np.linspace(0, len(one.curve.budgets) - 1, _TARGET_ROWS).round().astype(int))
        counts = ", ".join(
            f"{int(one.curve.certified[row])} at budget {np.array2string(one.curve.budgets[row], precision=4)}"
            for row in rows
        )
        print(f"of the {int(one.targets.sum()):,} {certificate.outputs} in {one.name}: {counts}")
