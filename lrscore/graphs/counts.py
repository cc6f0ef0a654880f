"""The counts of a graph certificate: whether they belong together, and how the confidence plan reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lrscore.errors import InputError
from lrscore.statistics import ScoreHistogram

if TYPE_CHECKING:
    from lrscore.graphs.certificate import GraphCertificate

VOTE_BINS = 2  # votes against the label and for it


def check_graph_counts(certificate: GraphCertificate) -> None:
    """Counts, labels and settings belong together.

    Raises:
        InputError: a shape or count contradicts another one.
    """
    nodes, trials, clusters = certificate.nodes, certificate.trials, certificate.clusters
    shape, reference = _histogram_shape(certificate), certificate.reference
    samples = trials[clusters] if trials.size > clusters.max(initial=0) else None
    facts = {
        "edges": certificate.edges.ndim == 2
        and len(certificate.edges) == 2
        and bool(((certificate.edges >= 0) & (certificate.edges < nodes)).all()),
        "clusters": clusters.shape == (nodes,)
        and np.array_equal(np.unique(clusters), np.arange(trials.size)),
        "pilot scores": certificate.pilot_scores.ndim == 2 and len(certificate.pilot_scores) == nodes,
        "labels": np.array_equal(certificate.labels, certificate.pilot_scores.argmax(axis=1)),
        "pilot": samples is not None
        and certificate.pilot.shape == shape
        and _adds_up(certificate.pilot, np.sign(samples) * certificate.settings.pilot_samples),
        "counts": samples is not None
        and certificate.counts.shape == shape
        and _adds_up(certificate.counts, samples),
        "trials": bool((trials >= (0 if certificate.plan.sequential else 1)).all() and trials.any()),
        "reference": reference is None or reference.shape == (nodes,),
    }
    wrong = [name for name, holds in facts.items() if not holds]
    if wrong:
        raise InputError(f"counts that do not belong together: {', '.join(wrong)}")


def planned_trials(certificate: GraphCertificate) -> np.ndarray:
    """(n,) estimation samples of every node, as the plan reads them: see `histograms`."""
    first = certificate.plan.stops(certificate.settings.samples)[0]
    return np.where(certificate.sampled, certificate.trials[certificate.clusters], first)


def histograms(certificate: GraphCertificate) -> tuple[ScoreHistogram, ScoreHistogram]:
    """Estimation and pilot counts as histograms, as the plan reads them.

    A cluster that waits for its turn stands as a first look at which all scores were 0: its thresholds are 0.
    """
    waits = ~certificate.sampled
    counts, pilot = certificate.counts.copy(), certificate.pilot.copy()
    first = planned_trials(certificate)[waits]
    counts[waits] = pilot[waits] = 0
    counts[waits, ..., 0] = first.reshape(-1, *[1] * (counts.ndim - 2))
    pilot[waits, ..., 0] = certificate.settings.pilot_samples
    return ScoreHistogram(counts), ScoreHistogram(pilot)


def _adds_up(counts: np.ndarray, samples: np.ndarray) -> bool:
    """Whether counts (n, ..., bins) are counts and hold as many samples (n,) everywhere."""
    return bool((counts >= 0).all() and (samples == counts.sum(axis=-1).T).all())


def _histogram_shape(certificate: GraphCertificate) -> tuple[int, ...]:
    """Shape of `pilot` and `counts` under these settings."""
    settings = certificate.settings
    if settings.scores == "votes":
        return (certificate.nodes, VOTE_BINS)
    margins = (certificate.pilot_scores.shape[1] - 1,) if settings.margins else ()
    return (certificate.nodes, *margins, settings.bins)
