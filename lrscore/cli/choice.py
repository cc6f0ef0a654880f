"""What the command line says about coarse labels and rivals."""

from __future__ import annotations

import numpy as np
from rich.console import Console

from lrscore.certificate import Certificate


def print_choice(certificate: Certificate, console: Console) -> None:
    """How many labels are groups of classes, which, and how many are held against rivals; nothing without a choice."""
    chosen = certificate.chosen
    if chosen is None:
        return
    total, what = certificate.labels.size, certificate.outputs
    if chosen.tree is not None:
        names = chosen.tree.node_names(certificate.class_names)
        numbers, counts = np.unique(chosen.nodes[chosen.coarse], return_counts=True)
        order = np.argsort(-counts, kind="stable")
        listed = ", ".join(f"{names[numbers[one]]} {counts[one]:,}" for one in order)
        console.print(
            f"{int(chosen.coarse.sum()):,} of {total:,} {what} have a group of classes as label"
            f"{': ' + listed if listed else ''}",
            highlight=False,
            soft_wrap=True,
            markup=False,
        )
    if certificate.settings.runner_up:
        console.print(
            f"{int(chosen.contested.sum()):,} of {total:,} labels are held against the other classes instead of "
            "against one half",
            highlight=False,
            soft_wrap=True,
        )
