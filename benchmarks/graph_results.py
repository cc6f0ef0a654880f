"""The tables of docs/results/graphs.md: accuracy and certified accuracy over (additions, deletions).

    python -m benchmarks.graph_results --runs runs/graphs --out docs/results/graphs.md

Sampling is a study for every graph and network, in a folder of its name in the folder given: it is done once, by all
cores; the tables are then a matter of minutes.
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
from benchmarks.graph_study import KINDS, METHODS, SOFT, VOTES, GraphStudy, Sampled, rate_of
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


def localized_rows(sampled: Sampled, targets: np.ndarray, kind: str) -> list[tuple[str, list[int]]]:
    """Certified counts of correct test nodes (n,) bool, by method."""
    certificate = sampled.certificate
    rows = [(f"localized, {kind}, {method}", sampled.correct(method)) for method in METHODS]
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


def isotropic_rows(
    soft: Sampled, votes: GraphCertificate, tests: np.ndarray, truth: np.ndarray
) -> list[tuple[str, list[int]]]:
    """The baselines: variance-constrained (order 2, soft scores), and exact regions on votes."""
    to_one, to_zero = (float(level) for level in votes.noise_levels[:, 0, 0])
    exact = certified_exactly(votes.probabilities, to_one, to_zero, BUDGETS) & tests & (votes.labels == truth)
    level = votes.settings.flip_to_zero[0]
    return [
        (f"isotropic q- {level:g}, soft, variance-constrained", soft.correct("naive")),
        (f"isotropic q- {level:g}, votes, exact regions", exact.sum(axis=1).tolist()),
    ]


def tables_of(graph: str, network: str, folder: Path) -> GraphStudy:
    """All that the tables of one graph and network are made from; its folder is one in that folder."""
    settings: dict[str, tuple[GraphSettings, tuple[str, ...]]] = {}
    for noise in noises(EFFORTS[graph].localized):
        settings[isotropic(noise.name)] = noise.isotropic(EFFORTS[graph].isotropic), (SOFT, VOTES)
        settings[noise.name] = noise.settings, tuple(KINDS)
    name = f"{graph}-{network}"
    return GraphStudy(graph, name, settings, BUDGETS, folder / name)


def isotropic(name: str) -> str:
    """What the isotropic baseline of a noise is called in the study."""
    return f"{name} isotropic"


def section(study: GraphStudy, network: str, noise: Noise) -> str:
    """One table as Markdown."""
    tests, truth = study.data.test_mask.numpy(), study.data.y.numpy()
    votes = study[isotropic(noise.name), VOTES].certificate
    rows = isotropic_rows(study[isotropic(noise.name), SOFT], votes, tests, truth)
    kinds = {kind: study[noise.name, kind] for kind in KINDS}
    for kind, sampled in kinds.items():
        rows += localized_rows(sampled, tests & (sampled.certificate.labels == truth), kind)
    clean = clean_accuracy(load_graph_model(study.model), study.data).test
    told = [("isotropic, votes", votes)]
    told += [(f"localized, {kind}", sampled.certificate) for kind, sampled in kinds.items()]
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
            f"### {study.graph}, {network}: {noise.name}",
            "",
            f"{noise.sentence}; {noise.settings.samples:,} samples a group, isotropic "
            f"{votes.settings.samples:,}. Clean accuracy {clean:.3f}; smoothed accuracy (share of abstentions): "
            f"{'; '.join(facts)}. {rate_of(kinds[SOFT].certificate)}.",
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
    options.add_argument("--workers", type=int, help="processes; default: one for every core")
    given = options.parse_args(arguments)
    torch.set_num_threads(1)
    wanted = [
        (network, tables_of(graph, network, given.runs))
        for graph in GRAPHS
        for network in NETWORKS
        if not given.only or f"{graph}-{network}" in given.only
    ]
    for _, study in wanted:
        print(f"{study.model}: {study.sample(given.workers)}", flush=True)
    sections = []
    for network, study in wanted:
        for noise in noises(EFFORTS[study.graph].localized):
            started = time.perf_counter()
            sections.append(section(study, network, noise))
            seconds = time.perf_counter() - started
            print(f"{study.graph} {network} {noise.name} tabled: {seconds:.0f} s", flush=True)
    write_part(given.out, "tables", "\n".join(sections))


if __name__ == "__main__":
    main()
