"""How far each lever wins back what the published procedure claims too much: CiteSeer, APPNP.

    python -m benchmarks.graph_levers --runs runs/graphs

One lever after the other is added to the published procedure (its faults mended), from the sampling runs of
`benchmarks.graph_results`; only the runs with a larger q+ are sampled for this table.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from benchmarks.graph_document import DOCUMENT, write_part
from benchmarks.graph_results import BUDGETS as SAMPLED_BUDGETS
from benchmarks.graph_results import EFFORTS, Noise, noises, tables_of
from benchmarks.graph_study import MARGINS, SOFT, VOTES, GraphStudy
from lrscore.collective import certify_collectively
from lrscore.graphs.certificate import GraphCertificate

BUDGETS = ((1, 0), (2, 0), (3, 0), (0, 1), (0, 2), (0, 5), (1, 1), (2, 5))
GRAPH, NETWORK = "citeseer", "appnp"
LARGER = (("strong", 0.02), ("strong", 0.05))
"""Noise settings that are sampled again with a larger q+."""


@dataclass(frozen=True)
class Lever:
    """One row.

    Args:
        name: what it changes.
        certificate: thresholds and weights.
        method: of the collective certificate.
        integer: whether allocations are whole.
    """

    name: str
    certificate: GraphCertificate
    method: str = "exact"
    integer: bool = True

    def counts(self, tests: np.ndarray) -> list[int]:
        """Certified correct test nodes at every budget."""
        chosen = tests & self.certificate.correct()
        result = certify_collectively(
            self.certificate.weights,
            self.certificate.thresholds[chosen],
            self.certificate.groups[chosen],
            np.array(BUDGETS, dtype=np.float64),
            method=self.method,
            integer=self.integer,
        )
        return [int(count) for count in result.certified]


def levers(study: GraphStudy, noise: str) -> Iterator[Lever]:
    """The rows that one noise allows, from the published procedure to the whole of ours."""
    soft, margins, votes = (study[noise, kind].certificate for kind in (SOFT, MARGINS, VOTES))
    dkw, bernstein, direct = (with_settings(soft, bound=name) for name in ("dkw", "bernstein", "direct"))
    yield Lever("published, mended: scores, DKW band, paper LP", dkw, "paper", integer=False)
    yield Lever("empirical Bernstein instead of DKW", bernstein, "paper", integer=False)
    yield Lever("direct bound on eta", direct, "paper", integer=False)
    yield Lever("... and exact, whole allocations", direct)
    yield Lever("... and margins instead of 1/2", margins)
    yield Lever("votes, order 2", with_settings(votes, orders=(2.0,)))
    yield Lever("votes, order infinity", with_settings(votes, orders=(np.inf,)))
    yield Lever("votes, orders 1.5, 2, 4, infinity", votes)


def with_settings(certificate: GraphCertificate, **changes: object) -> GraphCertificate:
    """The same counts read in another way."""
    return replace(certificate, settings=replace(certificate.settings, **changes), curves=())  # type: ignore[arg-type]


def with_larger(noise: Noise, to_one: float) -> Noise:
    """The noise with another q+ everywhere."""
    return replace(
        noise,
        name=f"{noise.name}-{to_one:g}",
        sentence=noise.sentence.replace("q+ 0.01", f"q+ {to_one:g}"),
        settings=replace(noise.settings, flip_to_one=(to_one, to_one)),
    )


def table(sentence: str, rows: Sequence[Lever], tests: np.ndarray) -> str:
    """One table as Markdown."""
    header = " | ".join(f"+{additions} -{deletions}" for additions, deletions in BUDGETS)
    lines = [
        f"{sentence}:",
        "",
        f"| certified of {tests.sum():,} | {header} |",
        f"| --- |{' --- |' * len(BUDGETS)}",
    ]
    for row in rows:
        lines.append(f"| {row.name} | {' | '.join(map(str, row.counts(tests)))} |")
        print(lines[-1], flush=True)
    return "\n".join([*lines, ""])


def main(arguments: Sequence[str] | None = None) -> None:
    """Sample what is missing, write the tables into the document."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--runs", type=Path, default=Path("runs/graphs"))
    options.add_argument("--out", type=Path, default=DOCUMENT)
    options.add_argument("--workers", type=int, help="processes; default: one for every core")
    given = options.parse_args(arguments)
    torch.set_num_threads(1)
    known = {noise.name: noise for noise in noises(EFFORTS[GRAPH].localized)}
    tables = tables_of(GRAPH, NETWORK, given.runs)
    larger = [with_larger(known[name], to_one) for name, to_one in LARGER]
    settings = {noise.name: (noise.settings, (VOTES,)) for noise in larger}
    model = f"{GRAPH}-{NETWORK}"
    more = GraphStudy(GRAPH, model, settings, SAMPLED_BUDGETS, given.runs / f"{model}-larger")
    for study in (tables, more):
        print(f"{study.folder.name}: {study.sample(given.workers)}", flush=True)
    tests = tables.data.test_mask.numpy()
    parts = [
        table(f"{name}: {known[name].sentence}", list(levers(tables, name)), tests)
        for name in ("wide", "strong")
    ]
    placed = [
        Lever(f"{noise.name}: {noise.sentence}", study[noise.name, VOTES].certificate)
        for study, own in ((tables, known.values()), (more, larger))
        for noise in own
    ]
    parts.append(table("Votes, four orders, exact, under other noise", placed, tests))
    write_part(given.out, "levers", "\n".join(parts))


if __name__ == "__main__":
    main()
