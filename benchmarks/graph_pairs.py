"""What the strict condition for a label and its rival would add to exact shares: python -m benchmarks.graph_pairs.

Exact counts hold a label against its rivals by one number, the share `s = max(p, (1 + p - q) / 2)`; the strict
condition for votes `(p, q)` is `f(p) + f(1 - q) > 1` (docs/theory.md, 2.10). Here both are counted on the bundled
village, over every whole allocation of a few small budgets.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np
import torch
from scipy.stats import binom

from lrscore.files import load_certificate
from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.certify import certify_graph
from lrscore.graphs.neyman_pearson.sharing import every_allocation
from models.graphs.registry import bundled_certificate, load_graph, load_graph_model

BUDGETS = ((1, 0), (2, 0), (0, 1), (0, 2), (0, 4), (1, 1))
_MARGIN = 1e-9


def curve_of(
    certificate: GraphCertificate, group: int, allocation: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Corners of `f`: masses before and after an allocation (2, J), of the outcomes as they are filled."""
    before = after = np.ones(1)
    to_one, to_zero = certificate.noise_levels[:, group]
    for place, (added, deleted) in enumerate(allocation.T.tolist()):
        for units, clean, attacked in (
            (added, to_one[place], 1 - to_zero[place]),
            (deleted, to_zero[place], 1 - to_one[place]),
        ):
            seen = np.arange(units + 1)
            before = np.outer(before, binom.pmf(seen, units, clean)).ravel()
            after = np.outer(after, binom.pmf(seen, units, attacked)).ravel()
    order = np.argsort(after / before)
    return np.append(0, np.cumsum(before[order])), np.append(0, np.cumsum(after[order]))


def standing(certificate: GraphCertificate, allocation: np.ndarray) -> tuple[int, int]:
    """Nodes that survive an allocation (2, J) by their shares, and by shares or the strict condition."""
    nodes = certificate.exact_bounds.nodes
    assert nodes.rivals is not None
    by_share, by_pair = np.zeros((2, certificate.nodes), dtype=bool)
    for group in range(len(certificate.ranks)):
        own = (certificate.clusters == group) & (nodes.thresholds > 0)
        label, rival, share = nodes.probabilities[own], nodes.rivals[own], nodes.shares[own]
        corners = curve_of(certificate, group, allocation)
        by_share[own] = np.interp(share, *corners) > 0.5 + _MARGIN
        led = np.interp(label, *corners) + np.interp(1 - rival, *corners)
        by_pair[own] = by_share[own] | ((rival < label) & (led > 1 + _MARGIN))
    return int(by_share.sum()), int(by_pair.sum())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", default="village-strong", help="of the bundled village, for its noise")
    parser.add_argument("--samples", type=int, default=2000)
    options = parser.parse_args()
    folder = bundled_certificate("village").parent / "presets"
    stored = load_certificate(folder / f"{options.preset}.nc")
    assert isinstance(stored, GraphCertificate)
    settings = replace(stored.settings, runner_up=True, samples=options.samples, correction="bonferroni")
    certificate = certify_graph(
        load_graph_model("village-appnp"),
        load_graph("village"),
        settings,
        generator=torch.Generator().manual_seed(0),
    )
    rivals = certificate.exact_bounds.nodes.rivals
    assert rivals is not None
    print(f"{certificate.nodes} nodes, {int((rivals < 1).sum())} of them held against rivals")
    print("| additions, deletions | by shares | with the strict condition |\n| --- | --- | --- |")
    for budget in BUDGETS:
        room = np.full((2, len(certificate.ranks)), max(budget))
        allocations = every_allocation(budget, room).reshape(-1, *room.shape)
        least = np.array([standing(certificate, allocation) for allocation in allocations]).min(axis=0)
        print(f"| {budget[0]}, {budget[1]} | {least[0]} | {least[1]} |")


if __name__ == "__main__":
    main()
