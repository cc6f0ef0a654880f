"""Why one pixel is, or is not, certified."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrscore.images.certificate import ImageCertificate
from lrscore.metrics import VOID
from ui.certification.chain import Attacked, VoteWords, chain_of
from ui.images.coarse import group_sentence, label_name
from ui.images.states import StateMap
from ui.style.palette import STATES, WRONG, Style
from ui.style.words import UNSAMPLED, radius_words


@dataclass(frozen=True)
class PixelStory:
    """Everything known about one pixel.

    Args:
        row, column, region: where it is.
        label, reference: names of its smoothed and true class; the latter None if unknown.
        votes: (name, pilot votes) of the classes that got any, most first.
        agreements, trials: estimation votes for the label.
        bound: lower confidence bound on the label's probability.
        threshold: weighted budget the pixel withstands; 0 if it abstains.
        radius: its own certified eps.
        spent: weighted cost of the worst allocation found, to compare with the threshold.
        state: name of the pixel's state on the map; "not counted" where it has none.
        verdict: one or two sentences, about that state.
        chain: from votes to verdict in three sentences with their numbers; empty before its region was sampled.
    """

    row: int
    column: int
    region: int
    label: str
    reference: str | None
    votes: tuple[tuple[str, int], ...]
    agreements: int
    trials: int
    bound: float
    threshold: float
    radius: float
    spent: float
    state: str
    verdict: str
    chain: tuple[str, ...]


def tell_story(
    certificate: ImageCertificate,
    place: tuple[int, int],
    states: StateMap,
    epsilon: float,
    allocation: np.ndarray,
) -> PixelStory:
    """The story of the pixel at (row, column), at one budget and the worst allocation found for it.

    Args:
        states: the map on screen; the story is about the same state.
    """
    row, column = place
    number = int(states.numbers[row, column])
    state = STATES[number] if number < len(STATES) else None
    n = row * certificate.shape[1] + column
    group = int(certificate.groups[n])
    votes = certificate.pilot_votes[row, column]
    order = [int(index) for index in np.argsort(-votes, kind="stable") if votes[index] > 0]
    reference = None if certificate.reference is None else int(certificate.reference[row, column])
    threshold = float(certificate.thresholds[n])
    radius = float(certificate.radii[row, column])
    spent = float(certificate.weights[group] @ allocation)
    return PixelStory(
        row=row,
        column=column,
        region=group,
        label=_label(certificate, row, column) if certificate.trials[group] else UNSAMPLED,
        reference=None if reference is None else class_name(certificate, reference),
        votes=tuple((class_name(certificate, index), int(votes[index])) for index in order),
        agreements=int(certificate.agreements[row, column]),
        trials=int(certificate.trials[group]),
        bound=float(certificate.probabilities[row, column]),
        threshold=threshold,
        radius=radius,
        spent=spent,
        state=state.name if state is not None else "not counted",
        verdict=_opening(state, radius > epsilon)
        + group_sentence(
            certificate, row, column, [(class_name(certificate, index), int(votes[index])) for index in order]
        )
        + _verdict(threshold, radius, spent, epsilon)
        if certificate.trials[group]
        else "Its region has not been sampled yet: nothing is claimed about it.",
        chain=_chain(certificate, n, epsilon, allocation) if certificate.trials[group] else (),
    )


def _chain(
    certificate: ImageCertificate, n: int, epsilon: float, allocation: np.ndarray
) -> tuple[str, str, str]:
    """Votes, what they withstand, what the worst allocation found spends: pixel `n` in three sentences."""
    group = int(certificate.groups[n])
    radius = float(certificate.radii.ravel()[n])
    votes = VoteWords(
        int(certificate.agreements.ravel()[n]),
        int(certificate.trials[group]),
        _label(certificate, *divmod(n, certificate.shape[1])),
        float(certificate.probabilities.ravel()[n]),
        None if certificate.rivals is None else _rival(float(certificate.rivals.ravel()[n])),
    )
    alone = f"alone it is safe below ε = {radius_words(radius)}"
    costs = certificate.weights[group] * allocation
    paid = Attacked(costs, allocation, "region", f"At ε = {epsilon:.4g}")
    return chain_of(votes, float(certificate.thresholds[n]), alone, radius > epsilon, paid, "pixels")


def _label(certificate: ImageCertificate, row: int, column: int) -> str:
    """Name of the class or group that a pixel is labelled with."""
    group = label_name(certificate, row, column)
    return class_name(certificate, int(certificate.labels[row, column])) if group is None else group


def _rival(bound: float) -> float | None:
    """The bound on every other class, where there is one."""
    return bound if bound < 1 else None


def class_name(certificate: ImageCertificate, number: int) -> str:
    """The class's name, "void" for 255, else its number."""
    if number == VOID:
        return "void"
    return certificate.class_names[number] if number < len(certificate.class_names) else f"class {number}"


def _opening(state: Style | None, alone: bool) -> str:
    """What the map says where it says more than what is proven about the label."""
    if state is None:
        return "Void in the reference: not counted. "
    if state is WRONG:
        return "Wrong, and provably stays wrong. " if alone else "Wrong: not counted. "
    return ""


def _verdict(threshold: float, radius: float, spent: float, epsilon: float) -> str:
    if threshold <= 0:
        return "It abstains: the bound on its label's probability does not exceed one half."
    if radius > epsilon:
        return f"Its label is certified by itself: its radius {radius:.4f} exceeds the budget {epsilon:.4f}."
    if spent < threshold:
        return (
            f"Not certified by itself (radius {radius:.4f}), but the worst allocation found costs it only "
            f"{spent:.2f} of the {threshold:.2f} it withstands."
        )
    return (
        f"Not certified: the worst allocation found costs {spent:.2f}, more than the {threshold:.2f} it withstands. "
        "That need not flip the label; it can not be excluded."
    )
