"""Why an output is, or is not, certified: a chain of three sentences, each with its numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ui.style.words import percent_words


@dataclass(frozen=True)
class VoteWords:
    """What was counted for an output.

    Args:
        agreements, trials: estimation votes for the label; None where scores are averaged instead of counted.
        label: its name.
        bound: lower confidence bound on the label's probability or score.
        rival: upper bound on every other class; None where the label is held against one half.
    """

    agreements: int | None
    trials: int
    label: str
    bound: float
    rival: float | None = None


@dataclass(frozen=True, eq=False)
class Attacked:
    """What the worst allocation found means for an output.

    Args:
        costs: (J,) what it costs the output in every region or cluster.
        spent: (J,) what is spent there, in units of the budget.
        place: "region" or "cluster".
        opening: the budget in words, the beginning of a sentence.
    """

    costs: np.ndarray
    spent: np.ndarray
    place: str
    opening: str


def chain_of(
    votes: VoteWords, threshold: float, alone: str, certified: bool, attacked: Attacked, outputs: str
) -> tuple[str, str, str]:
    """The three sentences.

    Args:
        threshold: weighted budget that the output withstands; 0 or less where it abstains.
        alone: what it withstands by itself, in words.
        certified: whether it is certified by itself.
        outputs: the noun, in the plural.
    """
    return (
        counted_sentence(votes, outputs),
        _withstood(threshold, alone),
        _fate(threshold, certified, attacked),
    )


def counted_sentence(votes: VoteWords, outputs: str) -> str:
    if votes.agreements is None:
        said = f"In {votes.trials:,} noisy copies its score for {votes.label} is averaged"
    else:
        said = f"{votes.agreements:,} of {votes.trials:,} noisy copies say {votes.label}"
    sure = f"with the stated confidence, for all {outputs} together, its true share is at least"
    others = "" if votes.rival is None else f", and that of every other class at most {_at_most(votes.rival)}"
    return f"{said}: {sure} {percent_words(votes.bound)}{others}."


def _at_most(share: float) -> str:
    """A share in per cent, rounded up."""
    return f"{math.ceil(1000 * share - 1e-9) / 10:g} %"


def _withstood(threshold: float, alone: str) -> str:
    if threshold <= 0:
        return "That is no majority for sure, so it withstands nothing: its threshold is 0."
    return f"That withstands a weighted budget of {threshold:.2f}, its threshold: {alone}."


def _fate(threshold: float, certified: bool, attacked: Attacked) -> str:
    if threshold <= 0:
        return "Where not even the clean vote is certain, nothing is claimed: it abstains."
    if certified:
        return f"{attacked.opening} not even the whole budget in one place costs it that much: certified by itself."
    total, cost = float(attacked.spent.sum()), float(attacked.costs.sum())
    share = math.floor(100 * float(attacked.spent[np.argmax(attacked.costs)]) / total) if total else 0
    where = f"{share} % of the budget in {attacked.place} {int(np.argmax(attacked.costs))}"
    spends = f"{attacked.opening} the worst allocation found spends {where} and costs it {cost:.2f} in all"
    if cost < threshold:
        return f"{spends}: less than its threshold, so this attack spares it."
    return f"{spends}: not less than its threshold, so a change of its label can not be excluded."
