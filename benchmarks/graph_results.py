"""The tables of docs/results/graphs.md: accuracy and certified accuracy over (additions, deletions).

    python -m benchmarks.graph_results --runs runs/graphs --out docs/results/graphs.md

Sampling runs are kept in the folder given and made once; the tables are then a matter of seconds.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from benchmarks.graph_runs import Run, RunResult, run_once
from lrscore.exact_flips import certified_exactly
from lrscore.graph_certificate import GraphCertificate
from lrscore.graph_settings import GraphSettings

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
_PILOT = 200


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
    base = GraphSettings(samples=samples, pilot_samples=_PILOT)
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
    for method in ("naive", "paper", "envelope", "exact"):
        result = certificate.collective(BUDGETS, method, targets=targets)
        rows.append((f"localized, {kind}, {method}", result.certified.tolist()))
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


def section(graph: str, network: str, noise: Noise, isotropic_samples: int, folder: Path) -> str:
    """One table as Markdown."""
    name = f"{graph}-{network}"
    isotropic = noise.isotropic(isotropic_samples)
    one = run_once(Run(graph, name, isotropic, f"{name}-{noise.name}-isotropic-{isotropic_samples}"), folder)
    samples = noise.settings.samples
    local = run_once(Run(graph, name, noise.settings, f"{name}-{noise.name}-{samples}"), folder)
    tests, truth = local.data.test_mask.numpy(), local.data.y.numpy()
    rows = isotropic_rows(one, isotropic)
    for kind, certificate in (("soft", local.soft), ("votes", local.votes)):
        rows += localized_rows(certificate, tests & (certificate.labels == truth), kind)
    facts = [
        f"smoothed accuracy {_share((c.labels == truth)[tests])} (abstentions {_share(c.abstained[tests])}) {label}"
        for label, c in (
            ("isotropic, votes", one.votes),
            ("localized, soft", local.soft),
            ("localized, votes", local.votes),
        )
    ]
    header = " | ".join(f"+{int(a)} -{int(d)}" for a, d in BUDGETS)
    lines = [
        f"| {label} | {' | '.join(_cell(count, tests.sum()) for count in counts)} |" for label, counts in rows
    ]
    return "\n".join(
        [
            f"### {graph}, {network}: {noise.name}",
            "",
            f"{noise.sentence}; {samples:,} samples a group, isotropic {isotropic_samples:,}. "
            + "; ".join(facts)
            + f". {local.soft.provenance['rate']}.",
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
    options.add_argument("--out", type=Path, default=Path("docs/results/graphs.md"))
    options.add_argument("--samples", type=int, default=3000, help="per group of the localized runs")
    options.add_argument("--isotropic-samples", type=int, default=6000)
    options.add_argument("--only", nargs="*", help="GRAPH-NETWORK pairs; all by default")
    given = options.parse_args(arguments)
    torch.set_num_threads(1)
    sections = []
    for graph in GRAPHS:
        for network in NETWORKS:
            if given.only and f"{graph}-{network}" not in given.only:
                continue
            for noise in noises(given.samples):
                started = time.perf_counter()
                sections.append(section(graph, network, noise, given.isotropic_samples, given.runs))
                print(f"{graph} {network} {noise.name}: {time.perf_counter() - started:.0f} s", flush=True)
    tables = "\n".join(sections)
    marker = "<!-- tables below are written by benchmarks/graph_results.py -->"
    text = (
        given.out.read_text(encoding="utf-8") if given.out.is_file() else f"# Graphs: results\n\n{marker}\n"
    )
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(f"{text.split(marker)[0]}{marker}\n\n{tables}", encoding="utf-8")


if __name__ == "__main__":
    main()
