"""The attack of `python -m lrscore attack` on graph certificates."""

from __future__ import annotations

import argparse

import numpy as np

from lrscore.atomic import write_bytes
from lrscore.catalogue import find_catalogue
from lrscore.cli.made_with import refuse_another
from lrscore.cli.options import seeded
from lrscore.cli.progress import progress_bar
from lrscore.errors import InputError, SettingsError
from lrscore.graphs.certificate import GraphCertificate
from lrscore.plain_text import TextError, plain_name

OUT = "attacked.csv"
"""Where the changes go unless told otherwise."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Budgets and effort."""
    add = parser.add_argument
    add("--additions", type=int, help="graphs: attributes that may be added in the whole graph")
    add("--deletions", type=int, help="graphs: attributes that may be deleted in the whole graph")
    add("--edge-additions", type=int, help="graphs: edges that may be added, where the noise flips edges")
    add("--edge-deletions", type=int, help="graphs: edges that may be deleted, where the noise flips edges")
    add("--graph", metavar="NAME|FILE", help="graphs: the graph; by default the one that the file names")
    add("--rounds", type=int, default=4, help="graphs: rounds of sampling, each with its share of the flips")
    add("--graph-copies", type=int, default=200, help="graphs: noisy copies of each group behind one round")
    add("--graph-samples", type=int, default=200, help="graphs: fresh copies that test what changed")


def run(certificate: GraphCertificate, options: argparse.Namespace) -> None:
    """Attack, write the changes, say what survived and what is certified.

    Raises:
        SettingsError: no budget, or effort out of range.
        InputError: another model or graph than the certificate's.
    """
    from lrscore.graphs.attack import GraphAttackSettings, attack_graph
    from lrscore.graphs.attack.settings import BUDGETS

    budgets = {name: getattr(options, name) for name in BUDGETS}
    if all(units is None for units in budgets.values()):
        raise SettingsError(
            "an attack on a graph needs a budget: --additions A, --deletions D, --edge-additions A, --edge-deletions D"
        )
    settings = GraphAttackSettings(
        **{name: units or 0 for name, units in budgets.items()},
        steps=options.rounds,
        copies=options.graph_copies,
        pilot_samples=max(8, options.graph_samples // 2),
        samples=options.graph_samples,
    )
    told = certificate.provenance
    name, source = options.model or told.get("model", ""), options.graph or told.get("title", "")
    if not name or not source:
        raise InputError("the certificate does not name its model and graph: give --model and --graph")
    try:
        name = options.model or plain_name(name, "its model")
        source = options.graph or plain_name(source, "its graph")
    except TextError as error:
        raise InputError(f"give --model and --graph: {error}") from error
    catalogue = find_catalogue()
    model, graph = catalogue.load_graph_model(name), catalogue.load_graph(source)
    refuse_another(certificate, model, name)
    generator, device = seeded(options.seed, options.device)
    with progress_bar("noisy graphs") as progress:
        attack = attack_graph(
            model, graph, certificate, settings, generator=generator, device=device, progress=progress
        )
    kinds = certificate.budget_kinds
    budget = np.array([settings.budgets[: len(kinds)]], dtype=np.float64)
    proven = certificate.collective(budget, "exact")
    write_bytes(options.out, attack.to_csv().encode())
    asked = " and ".join(f"{units} {kind}" for units, kind in zip(settings.budgets, kinds, strict=False))
    spent = " and ".join(str(units) for units in attack.changes[: len(kinds)])
    print(f"attack of {asked} ({spent} spent)")
    print(f"on {int(attack.attacked.sum()):,} nodes that do not abstain:")
    print(f"  survived  {attack.surviving:,} ({int(attack.changed.sum()):,} shown to have changed)")
    print(f"  certified {int(proven.certified[0]):,} (no adversary within these budgets leaves fewer)")
    print(f"  ceiling   {int(proven.ceiling[0]):,} (no certificate from the same bounds can prove more)")
    print(f"changes (node, attribute or neighbour, 1 added or 0 deleted) written to {options.out}")
