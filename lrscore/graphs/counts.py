"""The counts of a graph certificate: whether they belong together, and how the confidence plan reads them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrscore.errors import InputError
from lrscore.graphs.settings import GraphSettings
from lrscore.statistics import ConfidencePlan, ScoreHistogram, weights_from_pilot
from lrscore.statistics.rivals import PARTS
from lrscore.vote_choice import VoteChoice


@dataclass(frozen=True, eq=False)
class GraphCounts:
    """What was counted on `n` nodes in `J` clusters, and how: see `GraphCertificate` for the shapes.

    Args:
        settings: how the graph was smoothed and sampled.
        plan: how confidence is shared among the nodes.
        clusters, labels, pilot_scores, pilot, counts, trials, chosen: as in `GraphCertificate`.
    """

    settings: GraphSettings
    plan: ConfidencePlan
    clusters: np.ndarray
    labels: np.ndarray
    pilot_scores: np.ndarray
    pilot: np.ndarray
    counts: np.ndarray
    trials: np.ndarray
    chosen: VoteChoice | None = None

    @property
    def nodes(self) -> int:
        """Number of nodes `n`."""
        return self.labels.size

    @property
    def planned_trials(self) -> np.ndarray:
        """(n,) estimation samples of every node, as the plan reads them: see `ConfidencePlan.trials_as_read`."""
        return self.plan.trials_as_read(self.trials, self.settings.samples)[self.clusters]

    def check(self) -> None:
        """Counts, labels and settings belong together.

        Raises:
            InputError: a shape or count contradicts another one.
        """
        nodes, trials, clusters = self.nodes, self.trials, self.clusters
        shape = self._histogram_shape()
        samples = trials[clusters] if trials.size > clusters.max(initial=0) else None
        facts = {
            "clusters": clusters.shape == (nodes,)
            and np.array_equal(np.unique(clusters), np.arange(trials.size)),
            "pilot scores": self.pilot_scores.ndim == 2 and len(self.pilot_scores) == nodes,
            "labels": np.array_equal(self.labels, self.pilot_scores.argmax(axis=1)),
            "pilot": samples is not None
            and self.pilot.shape == shape
            and _adds_up(self.pilot, np.sign(samples) * self.settings.pilot_samples),
            "counts": samples is not None and self.counts.shape == shape and _adds_up(self.counts, samples),
            "trials": bool((trials >= (0 if self.plan.sequential else 1)).all() and trials.any()),
        }
        facts["choice of the pilot"] = (self.chosen is not None) == self.settings.pilot_decides and (
            self.chosen is None or (self.chosen.tree is not None) == self.settings.hierarchy
        )
        refuse(facts)
        if self.chosen is not None and samples is not None:
            self.chosen.check(self.pilot_votes(), self.counts[:, 1], samples)

    def pilot_votes(self) -> np.ndarray:
        """(n, classes) votes of the pilot, of which the pilot scores are the shares."""
        return np.rint(self.pilot_scores.astype(np.float64) * self.settings.pilot_samples).astype(np.int64)

    def parts(self) -> np.ndarray | float:
        """Share of each node's level that one of its bounds may spend."""
        return 1.0 if self.chosen is None else np.where(self.chosen.contested, 1 / PARTS, 1.0)

    def rival_counts(self) -> np.ndarray:
        """(n, 2) estimation votes on each side of the rivals."""
        agreements, trials = self.histograms()[0].counts[:, 1], self.planned_trials
        first = np.zeros_like(agreements) if self.chosen is None else self.chosen.rivals
        return np.stack([first, trials - agreements - first], axis=1)

    def histograms(self) -> tuple[ScoreHistogram, ScoreHistogram]:
        """Estimation and pilot counts as histograms, as the plan reads them.

        A cluster that waits for its turn stands as a first look at which all scores were 0: its thresholds are 0.
        """
        waits = (self.trials == 0)[self.clusters]
        counts, pilot = self.counts.copy(), self.pilot.copy()
        first = self.planned_trials[waits]
        counts[waits] = pilot[waits] = 0
        counts[waits, ..., 0] = first.reshape(-1, *[1] * (counts.ndim - 2))
        pilot[waits, ..., 0] = self.settings.pilot_samples
        return ScoreHistogram(counts), ScoreHistogram(pilot)

    def pilot_weights(self) -> np.ndarray | None:
        """(n,) shares of the weighted correction, fixed by the pilot; None under the others."""
        if self.plan.correction != "weighted-bonferroni":
            return None
        samples = self.settings.pilot_samples
        if self.chosen is not None:
            return self.chosen.weights(self.pilot_votes(), samples)
        scores = self.pilot_scores[np.arange(self.nodes), self.labels]
        return weights_from_pilot(np.clip(np.rint(scores * samples), 0, samples).astype(np.int64), samples)

    def _histogram_shape(self) -> tuple[int, ...]:
        """Shape of `pilot` and `counts` under these settings."""
        reading = self.settings.reading
        margins = (self.pilot_scores.shape[1] - 1,) if reading.margins else ()
        return (self.nodes, *margins, reading.bins)


def refuse(facts: dict[str, bool]) -> None:
    """Raise InputError with the names of the facts that do not hold."""
    wrong = [name for name, holds in facts.items() if not holds]
    if wrong:
        raise InputError(f"counts that do not belong together: {', '.join(wrong)}")


def _adds_up(counts: np.ndarray, samples: np.ndarray) -> bool:
    """Whether counts (n, ..., bins) are counts and hold as many samples (n,) everywhere."""
    return bool((counts >= 0).all() and (samples == counts.sum(axis=-1).T).all())
