"""Why one node is, or is not, certified."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lrscore.graphs.certificate import UNKNOWN, GraphCertificate
from ui.certification.chain import VoteWords, counted_sentence
from ui.graphs.kinds import NAMES
from ui.graphs.picture import class_names, label_names, label_numbers
from ui.graphs.states import NodeStates
from ui.style.palette import STATES, WRONG, Style
from ui.style.words import UNSAMPLED, counted

_MOST_NEIGHBOURS = 12


@dataclass(frozen=True)
class NodeStory:
    """Everything known about one node.

    Args:
        name: of the node.
        cluster: its cluster, from 0.
        label, reference: names of its smoothed and true class; the latter None if unknown.
        trained: whether the model was trained on its label.
        scores: (name, mean score or vote share) in the pilot, highest first.
        bound: lower confidence bound on the label's score.
        threshold: weighted budget the node withstands by its Rényi threshold; 0 if it abstains.
        radii: additions alone, and deletions alone, that it withstands wherever they are made.
        neighbours: (name, label) of its neighbours, at most twelve; degree: how many there are.
        attributes: names of the attributes it has, or empty.
        state: name of the node's state in the picture; "not counted" where it has none.
        verdict: two or three sentences, about that state.
        chain: from votes to verdict in three sentences with their numbers; empty before its cluster was sampled.
    """

    name: str
    cluster: int
    label: str
    reference: str | None
    trained: bool
    scores: tuple[tuple[str, float], ...]
    bound: float
    threshold: float
    radii: tuple[int, ...]
    neighbours: tuple[tuple[str, str], ...]
    degree: int
    attributes: tuple[str, ...]
    state: str
    verdict: str
    chain: tuple[str, ...]


def tell_node_story(
    certificate: GraphCertificate,
    node: int,
    states: NodeStates,
    budgets: tuple[int, ...],
    allocation: np.ndarray,
) -> NodeStory:
    """The story of a node at the budgets (additions, deletions, of edges where they are flipped) and the worst attack
    (2, J) or (4, R) found for them.

    Args:
        states: the picture on screen; the story is about the same state.
    """
    number = int(states.numbers[node])
    state = STATES[number] if number < len(STATES) else None
    names = class_names(certificate)
    scores = certificate.pilot_scores[node]
    order = [int(index) for index in np.argsort(-scores, kind="stable")]
    reference = UNKNOWN if certificate.reference is None else int(certificate.reference[node])
    around = neighbours_of(certificate, node)
    training = certificate.display.training
    radii = tuple(int(radius) for radius in certificate.radii[node])
    alone = bool(certificate.certified_mask(*budgets)[node])
    threshold = float(certificate.thresholds[node])
    spared = bool(certificate.spared(allocation)[node])
    return NodeStory(
        name=node_name(certificate, node),
        cluster=int(certificate.clusters[node]),
        label=_label(certificate, node),
        reference=None if reference == UNKNOWN else names[reference],
        trained=training is not None and bool(training[node]),
        scores=tuple((names[index], float(scores[index])) for index in order[:4]),
        bound=float(certificate.probabilities[node]),
        threshold=threshold,
        radii=radii,
        neighbours=tuple(
            (node_name(certificate, int(other)), _label(certificate, int(other)))
            for other in around[:_MOST_NEIGHBOURS]
        ),
        degree=around.size,
        attributes=attributes_of(certificate, node),
        state=state.name if state is not None else "not counted",
        verdict=_opening(state, alone)
        + _group_words(certificate, node)
        + _verdict(certificate, threshold, spared, alone, budgets)
        if certificate.sampled[node]
        else "Its cluster has not been sampled yet: nothing is claimed about it.",
        chain=_chain(certificate, node, alone, budgets, allocation) if certificate.sampled[node] else (),
    )


def _chain(
    certificate: GraphCertificate, node: int, alone: bool, budgets: tuple[int, ...], allocation: np.ndarray
) -> tuple[str, str, str]:
    """Votes, what they withstand, what the worst attack found asks for: a node in three sentences."""
    votes = None
    if certificate.settings.scores == "votes" and not certificate.settings.margins:
        votes = int(certificate.counts[node].ravel()[-1])
    trials = int(certificate.trials[certificate.sampling_groups[node]])
    rivals = certificate.bounds.rivals
    rival = None if rivals is None or rivals[node] >= 1 else float(rivals[node])
    words = VoteWords(votes, trials, _label(certificate, node), float(certificate.probabilities[node]), rival)
    safe = f"alone it is safe up to {kinds_words(certificate.radii[node], 'or')}"
    budget = f"With {kinds_words(budgets, 'and')}"
    if certificate.thresholds[node] <= 0:
        last = "Where not even the clean vote is certain, nothing is claimed: it abstains."
    elif alone:
        last = f"{budget} not even all changes in one place need a larger share: certified by itself."
    else:
        share = float(certificate.needed(allocation)[node])
        asked = f"a share above {_up(share)}"
        if rival is not None:
            asked += f", or a lead above {_up(2 * share - 1)}"
        if certificate.spared(allocation)[node]:
            fate = "it is proven to stay high enough, so this attack spares it"
        else:
            fate = "that is not proven, so a change of its label can not be excluded"
        last = f"{budget} the worst attack found asks for {asked}: {fate}."
    withstood = f"Whatever the model does elsewhere, {safe}."
    if certificate.thresholds[node] <= 0:
        withstood = "That is no majority for sure, so it withstands nothing."
    return counted_sentence(words, "nodes"), withstood, last


def _up(share: float) -> str:
    """A share in percent, rounded up."""
    return f"{math.ceil(1e4 * share) / 100:.2f} %"


def kinds_words(units: Sequence[int], joint: str) -> str:
    """Units of every kind of budget in words."""
    words = [counted(int(number), NAMES[kind].removesuffix("s")) for kind, number in enumerate(units)]
    return f"{', '.join(words[:-1])} {joint} {words[-1]}"


def _label(certificate: GraphCertificate, node: int) -> str:
    if not certificate.sampled[node]:
        return UNSAMPLED
    return label_names(certificate)[int(label_numbers(certificate)[node])]


def _group_words(certificate: GraphCertificate, node: int) -> str:
    """What a group as label says, and what it leaves open; empty where the label is a class."""
    chosen = certificate.chosen
    if chosen is None or chosen.tree is None or not certificate.coarse[node]:
        return ""
    names = class_names(certificate)
    inside = [names[number] for number in np.flatnonzero(chosen.tree.holds[int(chosen.nodes[node])])]
    sure = "" if certificate.abstained[node] else f"{_label(certificate, node)}: certain. "
    return f"{sure}{', '.join(inside[:-1])} or {inside[-1]}: not certain enough. "


def neighbours_of(certificate: GraphCertificate, node: int) -> np.ndarray:
    """Numbers of the nodes that share an edge with a node, itself left out, in order."""
    sources, ends = certificate.edges
    around = np.union1d(ends[sources == node], sources[ends == node])
    return around[around != node]


def node_name(certificate: GraphCertificate, node: int) -> str:
    """Its name, or its number."""
    names = certificate.display.node_names
    return names[node] if node < len(names) else f"node {node}"


def attributes_of(certificate: GraphCertificate, node: int) -> tuple[str, ...]:
    """Names of the attributes that a node has; empty where names or attributes are unknown."""
    ones, names = certificate.display.ones, certificate.display.attribute_names
    if ones is None or not names:
        return ()
    return tuple(names[int(attribute)] for attribute in ones[1, ones[0] == node])


def _opening(state: Style | None, alone: bool) -> str:
    """What the picture says where it says more than what is proven about the label."""
    if state is WRONG:
        return "Wrong, and provably stays wrong. " if alone else "Wrong: not counted. "
    return "Not counted here. " if state is None else ""


def _verdict(
    certificate: GraphCertificate, threshold: float, spared: bool, alone: bool, budgets: tuple[int, ...]
) -> str:
    if threshold <= 0:
        compared = "the next best class" if certificate.settings.margins else "one half"
        return f"It abstains: its score is not certain to exceed {compared}."
    if alone:
        return (
            f"Its label is certified by itself: however {kinds_words(budgets, 'and')} are placed, its score is proven "
            "to stay high enough."
        )
    if spared:
        return (
            "Not certified by itself: all changes at the worst place would be too much. The worst attack found for all "
            "nodes together leaves it its label, provably."
        )
    return (
        "Not certified: under the worst attack found, its score is not proven to stay high enough. "
        "That need not flip the label; it can not be excluded."
    )
