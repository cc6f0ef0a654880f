"""Certify the bundled graphs, so that a page opens certified.

    python -m models.graphs.certify_bundled

Writes `models/graphs/bundled/NAME.nc`; about three minutes on one core.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

import torch

from lrscore.graphs.certify import certify_graph
from lrscore.graphs.settings import GraphSettings
from models.graphs.registry import bundled_certificate, load_graph, load_graph_model

SETTINGS = {
    "village": GraphSettings(
        clusters=8,
        flip_to_one=(0.03, 0.15),
        flip_to_zero=(0.3, 0.85),  # the farthest cluster's questionnaires tell nothing: 0.15 + 0.85 = 1
        falloff=0.3,
        scores="votes",
        pilot_samples=1000,
        samples=10_000,
    )
}
"""Graph name -> how it is certified."""
MODELS = {"village": "village-appnp"}
METHODS = ("naive", "paper", "envelope", "exact")


def main(arguments: Sequence[str] | None = None) -> None:
    """Certify the graphs named, or all."""
    for name in (sys.argv[1:] if arguments is None else arguments) or SETTINGS:
        data = load_graph(name)
        certificate = certify_graph(
            load_graph_model(MODELS[name]), data, SETTINGS[name], generator=torch.Generator().manual_seed(0)
        ).with_reference(data.y.numpy())
        curves = tuple(
            certificate.collective(certificate.default_budgets(), method) for method in ("naive", "envelope")
        )
        told = {**certificate.provenance, "title": name}
        replace(certificate, curves=curves, provenance=told).save(bundled_certificate(name))
        print(f"written {bundled_certificate(name)}")


if __name__ == "__main__":
    main()
