"""Edges under attack: one noise for the whole graph against noise per pair of clusters, at equal samples.

    python -m benchmarks.graph_edges citeseer --model gcn --copies 8000 --runs runs/edges
    python -m benchmarks.graph_edges cora_ml --model gcn --copies 8000 --runs runs/edges

Certified are test nodes with their true class, in percent. Every row draws as many noisy graphs in all: one noise for
the whole graph has all of them, noise per pair shares them among the clusters. "each" counts nodes by themselves, by
the exact regions (for one cluster, those of sparse smoothing, Bojchevski et al. 2020); "together" is the exact
collective count. Sampling runs are kept in the folder, and made once; `--only-sample` makes them and no table.
`--seeds 5` tells means over so many runs of every row, with the smallest and largest; `--runner-up` holds labels
against other classes where the pilot expects more of it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from lrscore.collective import Limits
from lrscore.files import load_certificate
from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.certify import certify_graph
from lrscore.graphs.settings import GraphSettings
from models.graphs.registry import load_graph, load_graph_model

if TYPE_CHECKING:
    from torch_geometric.data import Data

BUDGETS = ((0, 0), (1, 0), (2, 0), (3, 0), (5, 0), (0, 1), (0, 2), (0, 5), (0, 10), (1, 1), (2, 5))
"""Edges added and deleted."""
FRESH = 2e-5
"""Chance of a new edge, near and far: about 45 new edges on CiteSeer, 79 on Cora-ML."""


@dataclass(frozen=True)
class Row:
    """One noise.

    Args:
        clusters: 1: one noise for the whole graph.
        near, far: chance that an edge is lost, in a node's own cluster and in the farthest pair.
        falloff: from the one to the other, see `GraphSettings`; 0 gives all other pairs the farthest.
    """

    clusters: int
    near: float
    far: float
    falloff: float = 1.0

    @property
    def name(self) -> str:
        """For people and files."""
        if self.clusters == 1:
            return f"one noise, {self.near:g}"
        spread = "all others" if self.falloff == 0 else "to"
        return f"{self.clusters} clusters, {self.near:g} {spread} {self.far:g}"

    def settings(self, copies: int, *, runner_up: bool = False) -> GraphSettings:
        """With so many noisy graphs in all, and a tenth of it for the pilots."""
        return GraphSettings(
            clusters=self.clusters,
            flip_to_one=(0.0, 0.0),
            flip_to_zero=(0.0, 0.0),
            flip_edges=((FRESH, FRESH), (self.near, self.far)),
            falloff=self.falloff,
            scores="votes",
            samples=copies // self.clusters,
            pilot_samples=copies // self.clusters // 10,
            runner_up=runner_up,
        )


ROWS = (
    Row(1, 0.6, 0.6),
    Row(1, 0.8, 0.8),
    Row(1, 0.9, 0.9),
    Row(1, 0.95, 0.95),
    Row(5, 0.6, 0.95),
    Row(5, 0.8, 0.99),
    Row(5, 0.9, 0.99),
    Row(16, 0.6, 0.99, 0.0),
    Row(16, 0.8, 0.99, 0.0),
    Row(16, 0.9, 0.99, 0.0),
)


def sampled(
    settings: GraphSettings, graph: Data, model: torch.nn.Module, seed: int, path: Path
) -> GraphCertificate:
    """The certificate of a row under one seed, from its file if that is there."""
    if path.is_file():
        return load_certificate(path)
    started = time.process_time()
    certificate = certify_graph(model, graph, settings, generator=torch.Generator().manual_seed(seed))
    print(f"{path.stem}: {time.process_time() - started:.0f} s of processor time", flush=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    certificate = certificate.with_reference(graph.y.numpy())
    certificate.save(path)
    return certificate


def certified_rows(
    certificate: GraphCertificate, tests: np.ndarray, boxes: int
) -> tuple[list[int], list[int]]:
    """Correct test nodes certified each by itself, and together, at every budget."""
    right = certificate.correct() & tests
    budgets = np.array([(0, 0, *budget) for budget in BUDGETS], dtype=np.float64)
    alone = [int((certificate.certified_mask(0, 0, *budget) & right).sum()) for budget in BUDGETS]
    together = certificate.collective(budgets, "exact", right, limits=Limits(node_limit=boxes)).certified
    return alone, np.maximum(together, alone).tolist()


def lines_of(name: str, found: Sequence[GraphCertificate], tests: np.ndarray, boxes: int) -> list[str]:
    """A row of the table from its runs; one line where both ways of counting are the same."""
    facts = [
        (100 * (one.labels == one.reference)[tests].mean(), 100 * one.abstained[tests].mean())
        for one in found
    ]
    counted = np.array([certified_rows(one, tests, boxes) for one in found])  # (runs, ways, budgets)
    same = bool((counted[:, 0] == counted[:, 1]).all()) and max(one.settings.clusters for one in found) == 1
    ways = ("each = together",) if same else ("each", "together")
    lines = []
    for place, way in enumerate(ways):
        shares = 100 * counted[:, place] / tests.sum()
        cells = [_told(column) for column in np.concatenate([np.array(facts), shares], axis=1).T]
        lines.append(f"| {name} | {way} | " + " | ".join(cells) + " |")
    return lines


def _told(values: np.ndarray) -> str:
    """The mean, with smallest and largest where they differ."""
    mean, low, high = (f"{value:.1f}" for value in (values.mean(), values.min(), values.max()))
    return mean if low == high else f"{mean} ({low}–{high})"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table of one graph."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("graph")
    options.add_argument("--model", default="gcn", help="of the bundled ones for this graph, or a checkpoint")
    options.add_argument("--copies", type=int, default=8000, help="noisy graphs of every row, all clusters")
    options.add_argument("--boxes", type=int, default=60, help="boxes of the search at every budget")
    options.add_argument("--rows", type=int, nargs="*", help="numbers of the rows; all by default")
    options.add_argument("--runs", type=Path, default=Path("runs/edges"))
    options.add_argument("--seeds", type=int, default=1, help="runs of every row, with seeds from 0 on")
    options.add_argument("--runner-up", action="store_true")
    options.add_argument("--only-sample", action="store_true")
    given = options.parse_args(arguments)
    torch.set_num_threads(1)
    name = given.model if given.model.endswith(".safetensors") else f"{given.graph}-{given.model}"
    graph, model = load_graph(given.graph), load_graph_model(name).eval()
    tests = graph.test_mask.numpy()
    if not given.only_sample:
        heads = " | ".join(f"+{added} −{deleted}" for added, deleted in BUDGETS)
        print(f"| {given.graph}, {Path(name).stem} | counted | smoothed accuracy | abstain | {heads} |")
        print("|---|---|---|---|" + "---|" * len(BUDGETS))
    for row in ROWS if given.rows is None else [ROWS[number] for number in given.rows]:
        tag = f"{Path(name).stem}-{row.clusters}-{row.near:g}-{row.far:g}-{row.falloff:g}-{given.copies}"
        tag += "-rivals" * given.runner_up
        settings = row.settings(given.copies, runner_up=given.runner_up)
        files = [given.runs / (f"{tag}-{seed}.nc" if seed else f"{tag}.nc") for seed in range(given.seeds)]
        found = [sampled(settings, graph, model, seed, file) for seed, file in enumerate(files)]
        if not given.only_sample:
            print("\n".join(lines_of(row.name, found, tests, given.boxes)), flush=True)


if __name__ == "__main__":
    main()
