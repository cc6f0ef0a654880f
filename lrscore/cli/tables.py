"""Tables that several commands print."""

from __future__ import annotations

import numpy as np
from rich.console import Console
from rich.table import Table

from lrscore.certificate import Certificate
from lrscore.verify import Check

_TARGET_ROWS = 4


def plain_console(width: int | None = None) -> Console:
    """A console that prints texts as they are: names of files and settings may hold what would be markup or an emoji.

    Args:
        width: letters of a line; what the terminal has if None.
    """
    return Console(width=width, markup=False, emoji=False)


def print_checks(checks: list[Check]) -> None:
    """What a verification checked."""
    table = Table(title="checked from the counts, without the model", show_header=False)
    for check in checks:
        table.add_row("holds", check.subject, check.detail)
    plain_console().print(table)


def print_targets(certificate: Certificate) -> None:
    """What the stored masks of outputs certify, each at a few of its budgets."""
    for one in certificate.targeted:
        rows = np.unique(np.linspace(0, len(one.curve.budgets) - 1, _TARGET_ROWS).round().astype(int))
        counts = ", ".join(
            f"{int(one.curve.certified[row])} at budget {np.array2string(one.curve.budgets[row], precision=4)}"
            for row in rows
        )
        print(f"of the {int(one.targets.sum()):,} {certificate.outputs} in {one.name}: {counts}")
