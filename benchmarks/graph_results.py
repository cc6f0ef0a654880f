"""The tables of docs/results/graphs.md: accuracy and certified accuracy over (additions, deletions).

    python -m benchmarks.graph_results --runs runs/graphs --out docs/results/graphs.md

Sampling runs are kept in the folder given and made once; the tables are then a matter of minutes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from benchmarks.graph_document import DOCUMENT, write_part
from benchmarks.graph_runs import Run, RunResult, run_once
from lrscore.collective import Status, Threat, certify_collectively
from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.exact_flips import certified_exactly
from lrscore.graphs.settings import GraphSettings
from models.graphs.registry import load_graph_model
from models.graphs.scores import clean_accuracy

BUDGETS = np.array(
    [
        (0, 0),
        (1, 0),
        (2, 0),
        (3, 0),
        (5, 0),
        (10, 0),
        (0, 1),
        (0, 2),
        (0, 3),
        (0, 5),
        (0, 10),
        (1, 1),
        (2, 5),
        (5, 5),
    ],
    dtype=np.float64,
)
GRAPHS = ("citeseer", "cora_ml")
NETWORKS = ("appnp", "gcn")
PILOT = 200


@dataclass(frozen=True)
class Effort:
    """Estimation samples per group: with 5 clusters (a third of it with 16), and with isotropic noise."""

    localized: int
    isotropic: int


EFFORTS = {"citeseer": Effort(3000, 6000), "cora_ml": Effort(1500, 3000)}


@dataclass(frozen=True)
class Noise:
    """A localized noise and the isotropic one it is compared with (its own clusters' level on the whole graph).

    Args:
        name: short name in tables and files.
        sentence: for people.
        settings: of the localized run.
    """

    name: str
    sentence: str
    settings: GraphSettings

    def isotropic(self, samples: int) -> GraphSettings:
        """One cluster, the nearest level everywhere."""
        return replace(self.settings, clusters=1, falloff=1.0, samples=samples)


def noises(samples: int) -> tuple[Noise, ...]:
    """The three noise settings of the tables."""
    base = GraphSettings(samples=samples, pilot_samples=PILOT)
    return (
        Noise("wide", "5 clusters, q+ 0.01, q- from 0.1 to 0.9, linear in the rank", base),
        Noise(
            "strong",
            "5 clusters, q+ 0.01, q- from 0.6 to 0.9, linear in the rank",
            replace(base, flip_to_zero=(0.6, 0.9)),
        ),
        Noise(
            "local",
            "16 clusters, q+ 0.01, q- 0.3 in the node's own cluster and 0.99 (nothing left) in all others",
            replace(base, clusters=16, flip_to_zero=(0.3, 0.99), falloff=0.0, samples=samples // 3),
        ),
    )


def localized_rows(
    certificate: GraphCertificate, targets: np.ndarray, kind: str
) -> list[tuple[str, list[int]]]:
    """Certified counts of correct test nodes, by method."""
    rows = []
    for method in ("naive", "paper", "envelope"):
        result = certificate.collective(BUDGETS, method, targets=targets)
        rows.append((f"localized, {kind}, {method}", result.certified.tolist()))
    thresholds = certify_collectively(
        certificate.weights,
        certificate.thresholds,
        certificate.groups,
        BUDGETS,
        method="exact",
        threat=Threat(targets=targets, integer=True),
    )
    rows.append((f"localized, {kind}, thresholds, all allocations", thresholds.certified.tolist()))
    alone = [(certificate.certified_mask(int(a), int(d)) & targets).sum() for a, d in BUDGETS]
    rows.append((f"localized, {kind}, exact, each node by itself", certificate.together(alone).tolist()))
    started = time.process_time()
    result = certificate.collective(BUDGETS, "exact", targets=targets)
    seconds = (time.process_time() - started) / len(BUDGETS)
    settled = sum(status == Status.OPTIMAL for status in result.status)
    print(f"  exact, {kind}: {settled} of {len(BUDGETS)} settled, {seconds:.2f} s a cell", flush=True)
    rows.append((f"localized, {kind}, exact", result.certified.tolist()))
    rows.append((f"localized, {kind}, ceiling", result.ceiling.tolist()))
    return rows


def isotropic_rows(result: RunResult, settings: GraphSettings) -> list[tuple[str, list[int]]]:
    """The baselines: variance-constrained (order 2, soft scores), and exact regions on votes."""
    tests, truth = result.data.test_mask.numpy(), result.data.y.numpy()
    soft, votes = result.soft, result.votes
    to_one, to_zero = (float(level) for level in votes.noise_levels[:, 0, 0])
    exact = certified_exactly(votes.probabilities, to_one, to_zero, BUDGETS) & tests & (votes.labels == truth)
    constrained = soft.collective(BUDGETS, "naive", targets=tests & (soft.labels == truth)).certified
    return [
        (f"isotropic q- {settings.flip_to_zero[0]:g}, soft, variance-constrained", constrained.tolist()),
        (f"isotropic q- {settings.flip_to_zero[0]:g}, votes, exact regions", exact.sum(axis=1).tolist()),
    ]


def sampled(graph: str, network: str, noise: Noise, folder: Path) -> tuple[RunResult, RunResult]:
    """The isotropic and the localized run of one table."""
    name = f"{graph}-{network}"
    isotropic = noise.isotropic(EFFORTS[graph].isotropic)
    one = Run(graph, name, isotropic, f"{name}-{noise.name}-isotropic-{PILOT}-{isotropic.samples}")
    return run_once(one, folder), localized(graph, network, noise, folder)


def localized(graph: str, network: str, noise: Noise, folder: Path) -> RunResult:
    """The localized run of one table."""
    name = f"{graph}-{network}"
    tag = f"{name}-{noise.name}-{PILOT}-{noise.settings.samples}"
    return run_once(Run(graph, name, noise.settings, tag), folder)


def section(graph: str, network: str, noise: Noise, folder: Path) -> str:
    """One table as Markdown."""
    one, local = sampled(graph, network, noise, folder)
    tests, truth = local.data.test_mask.numpy(), local.data.y.numpy()
    rows = isotropic_rows(one, one.votes.settings)
    kinds = (("soft", local.soft), ("margins", local.margins), ("votes", local.votes))
    for kind, certificate in kinds:
        rows += localized_rows(certificate, tests & (certificate.labels == truth), kind)
    clean = clean_accuracy(load_graph_model(f"{graph}-{network}"), local.data).test
    told = (("isotropic, votes", one.votes), *((f"localized, {kind}", made) for kind, made in kinds))
    facts = [
        f"{label} {_share((made.labels == truth)[tests])} ({_share(made.abstained[tests])})"
        for label, made in told
    ]
    header = " | ".join(f"+{int(a)} -{int(d)}" for a, d in BUDGETS)
    lines = [
        f"| {label} | {' | '.join(_cell(count, tests.sum()) for count in counts)} |" for label, counts in rows
    ]
    return "\n".join(
        [
            f"### {graph}, {network}: {noise.name}",
            "",
            f"{noise.sentence}; {noise.settings.samples:,} samples a group, isotropic "
            f"{one.votes.settings.samples:,}. Clean accuracy {clean:.3f}; smoothed accuracy (share of abstentions): "
            f"{'; '.join(facts)}. {local.soft.provenance['rate']}.",
            "",
            f"| certified accuracy, % of {tests.sum():,} test nodes | {header} |",
            f"| --- |{' --- |' * len(BUDGETS)}",
            *lines,
            "",
        ]
    )


def _share(mask: np.ndarray) -> str:
    return f"{mask.mean():.3f}"


def _cell(count: int, total: int) -> str:
    return f"{100 * count / total:.1f}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Make what is missing, write the tables."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--runs", type=Path, default=Path("runs/graphs"))
    options.add_argument("--out", type=Path, default=DOCUMENT)
    options.add_argument("--only", nargs="*", help="GRAPH-NETWORK pairs; all by default")
    given = options.parse_args(arguments)
    torch.set_num_threads(1)
    wanted = [
        (graph, network, noise)
        for graph in GRAPHS
        for network in NETWORKS
        for noise in noises(EFFORTS[graph].localized)
        if not given.only or f"{graph}-{network}" in given.only
    ]
    sections = []
    for verb, step in (("sampled", sampled), ("tabled", section)):
        for graph, network, noise in wanted:
            started = time.perf_counter()
            made = step(graph, network, noise, given.runs)
            sections += [made] if isinstance(made, str) else []
            seconds = time.perf_counter() - started
            print(f"{graph} {network} {noise.name} {verb}: {seconds:.0f} s", flush=True)
    write_part(given.out, "tables", "\n".join(sections))


if __name__ == "__main__":
    main()
