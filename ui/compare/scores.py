"""What is compared: every chosen way to count of every chosen certificate or set, in numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lrscore.metrics import average_certified_radius, certified_ratio, mean_iou_of_counts, pareto_front
from ui.certification.stopped import STOPPED
from ui.compare.methods import METHODS, Counting, Method, hollow
from ui.compare.outcomes import Counted, Outcome
from ui.compare.sets import Choice, choice_words, family, levels_words
from ui.images.curves import CurveSet

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SAME_COST = 1.1
_BY_ENVELOPE = ("envelope", "exact", "radii")


@dataclass(frozen=True)
class Entrant:
    """One row of the comparison.

    Args:
        letter: names the certificate or set on this page.
        choice: which one.
        counting: how it is counted.
    """

    letter: str
    choice: Choice
    counting: Counting

    @property
    def method(self) -> Method:
        """Name and style of the way to count."""
        return METHODS[self.counting]

    @property
    def name(self) -> str:
        """Letter, family and way to count, and whether a run was stopped before its end."""
        settings, stopped = self.choice.settings, len(self.choice.stopped)
        name = f"{self.letter} · {family(settings)}{choice_words(settings)}, {self.method.name}"
        if not stopped:
            return name
        return f"{name} ({STOPPED if len(self.choice.members) == 1 else f'some {STOPPED}'})"

    @property
    def short(self) -> str:
        """What stands beside its point."""
        return f"{self.letter} {self.method.short}"

    @property
    def levels(self) -> str:
        """Its noise levels in short."""
        return levels_words(self.choice.settings)

    @property
    def hollow(self) -> bool:
        """Whether its symbol is drawn without filling."""
        return hollow(self.choice.settings)


@dataclass(frozen=True, eq=False)
class Score:
    """One row in numbers. Means are over pictures; classes are pooled over all pictures together.

    Args:
        entrant: whose.
        pictures: how many.
        miou: mean intersection over union of the smoothed prediction, abstentions wrong; None without references.
        accuracy: share of the labelled pixels predicted correctly, pooled; None without references.
        answered: share of the pixels with a prediction, pooled.
        radius: average certified radius: area under each picture's certified curve, mean over the pictures.
        epsilons, curve: (M,) certified share, mean over the pictures; between two budgets the larger one's.
        passes: forward passes per picture, mean.
        error: bound on the probability that any of the row's statements is wrong (sum over its pictures).
        valid: False if one of them carries no guarantee.
        norm: of the budgets.
        gain: (M,) certified information gain by the envelope, mean over the pictures; None for other ways to count.
        coarse: whether labels may be groups of classes.
        stopped: how far each run came that was stopped before its end.
        searched: for branch and bound: pictures that have been searched or need no search; else None.
    """

    entrant: Entrant
    pictures: int
    miou: float | None
    accuracy: float | None
    answered: float
    radius: float
    epsilons: np.ndarray
    curve: np.ndarray
    passes: float
    error: float
    valid: bool
    norm: str
    searched: int | None = None
    gain: np.ndarray | None = None
    coarse: bool = False
    stopped: tuple[str, ...] = ()

    @property
    def sound(self) -> float:
        """The horizontal axis: mean IoU, or without references the share of the pixels with a prediction."""
        return self.answered if self.miou is None else self.miou

    def at(self, epsilon: float) -> float:
        """Certified share at a budget, never overstated: that of the next grid budget; 0 beyond the grid."""
        return float(at_next(np.array([epsilon]), self.epsilons, self.curve)[0])

    def gain_at(self, epsilon: float) -> float | None:
        """Certified information gain at a budget, as `at`; None where the way to count has none."""
        return None if self.gain is None else float(at_next(np.array([epsilon]), self.epsilons, self.gain)[0])


def score(entrant: Entrant, outcomes: Sequence[Outcome], *, referenced: bool) -> Score:
    """Add up the pictures of one entrant.

    Args:
        outcomes: one for every picture, without problems; for branch and bound with its findings in their curves.
        referenced: whether to read off the references (all pictures of all entrants have one).
    """
    found = [(outcome, *_counted(outcome, entrant.counting)) for outcome in outcomes]
    longest = max((curves for _, curves, _ in found), key=lambda curves: float(curves.epsilons[-1]))
    shares = [
        (curves.epsilons, certified_ratio(counted.certified, curves.outputs)) for _, curves, counted in found
    ]
    classes = [counted.classes for _, _, counted in found if counted.classes is not None]
    pooled = np.sum(classes, axis=0) if referenced and classes else None
    return Score(
        entrant=entrant,
        pictures=len(found),
        miou=None if pooled is None else mean_iou_of_counts(pooled),
        accuracy=None if pooled is None else float(pooled[0].sum() / max(pooled[1].sum(), 1)),
        answered=sum(counted.answered for *_, counted in found) / sum(outcome.pixels for outcome in outcomes),
        radius=float(np.mean([average_certified_radius(*share) for share in shares])),
        epsilons=longest.epsilons,
        curve=np.mean([at_next(longest.epsilons, *share) for share in shares], axis=0),
        passes=float(np.mean([outcome.passes for outcome in outcomes])),
        error=min(1.0, math.fsum(outcome.alpha for outcome in outcomes)),
        valid=all(outcome.valid for outcome in outcomes),
        norm=outcomes[0].norm,
        gain=_mean_gain(outcomes, longest.epsilons) if entrant.counting in _BY_ENVELOPE else None,
        coarse=any(outcome.coarse for outcome in outcomes),
        stopped=tuple(outcome.stopped for outcome in outcomes if outcome.stopped),
        searched=sum(bool(curves.searched) or outcome.closed for outcome, curves, _ in found)
        if entrant.counting == "exact"
        else None,
    )


def _mean_gain(outcomes: Sequence[Outcome], epsilons: np.ndarray) -> np.ndarray | None:
    """Certified information gain on a grid, mean over the pictures; None if one has none."""
    found = [
        at_next(epsilons, outcome.curves.epsilons, outcome.gains)
        for outcome in outcomes
        if outcome.curves is not None and outcome.gains is not None
    ]
    return np.mean(found, axis=0) if len(found) == len(outcomes) else None


def at_next(wanted: np.ndarray, epsilons: np.ndarray, curve: np.ndarray) -> np.ndarray:
    """A non-increasing curve on another grid, never overstated: the value at the next larger budget, 0 beyond."""
    slack = 1e-9 * float(epsilons[-1])
    places = np.searchsorted(epsilons, wanted - slack)
    return np.append(curve, 0.0)[places]


def front_of(scores: Sequence[Score]) -> set[int]:
    """Positions of the rows that no other row beats in both coordinates."""
    return set(pareto_front([score.sound for score in scores], [score.radius for score in scores]))


def cost_sentence(scores: Sequence[Score]) -> str:
    """Whether the rows cost the same, and what; which of them are of runs that were stopped before their end."""
    return " ".join([_equal_cost(scores), *_stopped_sentences(scores)])


def stopped_in_words(score: Score) -> str:
    """How far the runs of a row came that were stopped before their end; nothing if there are none."""
    if not score.stopped:
        return ""
    return (
        score.stopped[0]
        if score.pictures == 1
        else f"{len(score.stopped):,} of {score.pictures:,} pictures, the first with {score.stopped[0]}"
    )


def _stopped_sentences(scores: Sequence[Score]) -> list[str]:
    rows = {score.entrant.letter: stopped_in_words(score) for score in scores if score.stopped}
    if not rows:
        return []
    listed = "; ".join(f"{letter} ({words})" for letter, words in rows.items())
    return [f"Stopped early: {listed}. What was certified by then holds, and is less than was planned."]


def _equal_cost(scores: Sequence[Score]) -> str:
    passes = [score.passes for score in scores]
    least, most = min(passes), max(passes)
    if most <= _SAME_COST * least:
        return f"Equal cost: about {most:,.0f} forward passes a picture in every row."
    return (
        f"Unequal cost: from {least:,.0f} to {most:,.0f} forward passes a picture. "
        "Only rows with about equal passes are a fair comparison."
    )


def confidence_sentence(scores: Sequence[Score]) -> str:
    """With what probability everything on the page holds at once."""
    statements: dict[tuple[str, bool], float] = {}
    for score in scores:
        own_test = score.entrant.counting.startswith("segcertify")
        key = (score.entrant.choice.identity, own_test)
        statements[key] = statements.get(key, 0.0) + score.error if own_test else score.error
    together = 1 - math.fsum(statements.values())
    if not all(score.valid for score in scores):
        return "One of the rows carries no guarantee: see its confidence."
    if together <= 0:
        return (
            "Each certificate holds with its own confidence, picture by picture; with this many of them nothing is "
            "promised about all at once."
        )
    percent = math.floor(1e4 * together + 1e-9) / 100  # rounded down
    return (
        "Each certificate holds with its own confidence; all statements on this page hold together with probability "
        f"at least {percent:g} % (union bound). Ways to count one certificate share its samples and cost nothing; a "
        "SegCertify test is a statement of its own."
    )


def _counted(outcome: Outcome, counting: Counting) -> tuple[CurveSet, Counted]:
    assert outcome.curves is not None
    if counting != "exact":
        return outcome.curves, outcome.counted[counting]
    envelope = outcome.counted["envelope"]
    return outcome.curves, Counted(outcome.curves.proven, envelope.answered, envelope.classes)
