"""A certificate of a ring of villagers, made from counts written down here: no model, no sampling, no torch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.display import GraphDisplay
from lrscore.graphs.settings import GraphSettings

NODES, WIDTH, CLASSES = 24, 96, 3
SETTINGS = GraphSettings(
    clusters=2,
    flip_to_one=(0.02, 0.1),
    flip_to_zero=(0.3, 0.7),
    pilot_samples=50,
    samples=1000,
    scores="votes",
)


def toy_certificate(settings: GraphSettings = SETTINGS, *, named: bool = True) -> GraphCertificate:
    """Two clusters of twelve; agreements fall from all samples to half of them, so the last nodes abstain.

    Args:
        named: with classes, names, positions and training nodes; without, as an unlabelled upload has it.
    """
    around = np.arange(NODES)
    edges = np.stack([around, np.roll(around, -1)])
    edges = np.concatenate([edges, edges[::-1]], axis=1)
    labels = around % CLASSES
    pilot_votes = np.full(NODES, settings.pilot_samples - 5)
    scores = np.full((NODES, CLASSES), 5 / 2 / settings.pilot_samples, dtype=np.float32)
    scores[around, labels] = pilot_votes / settings.pilot_samples
    agreements = np.linspace(settings.samples, settings.samples / 2, NODES).astype(np.int64)
    reference = labels.copy()
    reference[[2, 9]] = (labels[[2, 9]] + 1) % CLASSES
    reference[5] = -1
    training = around % 6 == 0
    angle = 2 * np.pi * around / NODES
    ones = np.stack([np.repeat(around, 4), np.tile(np.arange(4), NODES)])
    display = GraphDisplay(
        title="ring",
        positions=np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32),
        ones=ones,
        node_names=tuple(f"villager {number}" for number in around),
        attribute_names=tuple(f"habit {number}" for number in range(WIDTH)),
        training=training,
    )
    return GraphCertificate(
        settings=settings,
        edges=edges,
        clusters=around // (NODES // 2),
        labels=labels,
        pilot_scores=scores,
        pilot=np.stack([settings.pilot_samples - pilot_votes, pilot_votes], axis=1),
        counts=np.stack([settings.samples - agreements, agreements], axis=1),
        trials=np.full(2, settings.samples),
        reference=reference if named else None,
        class_names=("red", "green", "blue"),
        provenance={"title": "village", "model": "village-appnp", "seed": "7", "batch_size": "16"},
        display=display if named else GraphDisplay(),
    )


def toy_beginning() -> GraphCertificate:
    """A run that shows its looks: the first cluster is sampled, the second one waits."""
    certificate = toy_certificate(replace(SETTINGS, correction="anytime"))
    waits = certificate.clusters == 1
    kept = {
        name: np.where(waits.reshape(-1, *[1] * (array.ndim - 1)), 0, array)
        for name in ("labels", "pilot_scores", "pilot", "counts")
        if (array := getattr(certificate, name)) is not None
    }
    beginning = replace(certificate, **kept, trials=np.array([SETTINGS.samples, 0]))
    beginning.check_counts()
    return beginning
