"""Steps 9 and 10: flips on a graph, node by node; and what a certificate does not say."""

from __future__ import annotations

import numpy as np

from lrscore.graphs.certificate import GraphCertificate
from ui.components.stage import Act, NodeSteps, Wipe
from ui.graphs.counting import Count, possible_counts
from ui.graphs.layout import force_layout
from ui.graphs.plane import DELETIONS, Plane
from ui.graphs.states import node_states
from ui.lessons import flips
from ui.lessons.lesson import Lesson, Question, choice
from ui.lessons.material import Material
from ui.lessons.planes import village_plane
from ui.lessons.together import states_at
from ui.style.palette import STATES, UNCERTIFIED
from ui.style.pictures import grey_picture
from ui.style.words import counted, share


def plane_of(certificate: GraphCertificate) -> tuple[Plane, Count]:
    """The plane of budgets of the village, counting what its page counts."""
    count = possible_counts(certificate)[0]
    return village_plane(certificate, count), count


def deletions_row(plane: Plane) -> list[int]:
    """Positions of the deletions shown, without any addition."""
    return list(range(plane.deletions.size))


def fall_maps(certificate: GraphCertificate, plane: Plane, count: Count) -> np.ndarray:
    """(M, n) numbers of the states at each number of deletions, under the worst attack found there."""
    return np.stack(
        [
            node_states(certificate, plane.budgets((0, place)), plane.allocation[0, place], count).numbers
            for place in deletions_row(plane)
        ]
    )


def _nodes(material: Material) -> Act | None:
    certificate = material.village
    if certificate is None:
        return None
    plane, count = plane_of(certificate)
    maps = fall_maps(certificate, plane, count)
    fallen = maps == STATES.index(UNCERTIFIED)
    newly = [np.flatnonzero(fallen[place] & ~fallen[max(0, place - 1)]) for place in deletions_row(plane)]
    positions = certificate.display.positions
    captions = [
        f"{counted(int(plane.deletions[place]), 'deletion')}: at least {plane.proven[0, place]:,} of "
        f"{plane.outputs:,} nodes stay, "
        f"proven. The worst attack found deletes {_where(plane.allocation[0, place][DELETIONS])}; "
        f"{counted(len(newly[place]), 'node')} more could fall, ringed."
        for place in deletions_row(plane)
    ]
    return NodeSteps(
        force_layout(certificate.edges, certificate.nodes) if positions is None else positions,
        certificate.edges,
        maps,
        captions,
        "Attributes deleted",
        [str(int(number)) for number in plane.deletions],
        marked=newly,
    )


def _where(spent: np.ndarray) -> str:
    parts = [f"{amount:.0f} in cluster {cluster}" for cluster, amount in enumerate(spent) if amount > 0]
    return ", ".join(parts) if parts else "nothing"


def _ask_nodes(material: Material) -> Question:
    if material.village is None:
        return Question(
            "The noise of a graph flips bits. What replaces brightness?",
            ("colour", "flips of attributes"),
            1,
            "A node's attributes are there or not: zeros become ones and ones become zeros, each with a "
            "probability.",
        )
    plane, _ = plane_of(material.village)
    place = min(max(1, plane.deletions.size // 4), plane.deletions.size - 1)
    number, outputs = int(plane.deletions[place]), plane.outputs
    lost = int(plane.proven[0, 0] - plane.proven[0, place])
    return choice(
        f"{counted(material.village.nodes, 'villager')} filled in questionnaires; the model guesses their "
        "trade from them and "
        f"from their neighbours. The adversary deletes {counted(number, 'answer')}, anywhere in the village. "
        "How many of the "
        f"{int(plane.proven[0, 0]):,} certain guesses could change at most?",
        f"{lost}",
        (f"{number}", f"{outputs}"),
        f"At most {lost}, proven: one deleted answer reaches the neighbours, too, and the noise decides how "
        "much it costs. "
        f"{share(int(plane.proven[0, place]), outputs)} of the nodes stay, whatever is deleted.",
        place=1,
    )


def _limits(material: Material) -> Act | None:
    attack = material.attack
    if attack is None:
        return None
    certified = states_at(material, material.curves.index(attack.epsilon))
    actual = certified.copy()
    shown_safe = (actual != 255) & ~attack.changed & (certified == STATES.index(UNCERTIFIED))
    actual[shown_safe] = 255
    return Wipe(
        grey_picture(material.certificate.image),
        certified,
        actual,
        ("what the proof leaves open", "of that, what the attack changed"),
    )


def _ask_limits(material: Material) -> Question:
    attack, curves = material.attack, material.curves
    if attack is None:
        opening = "Some pixels are neither certified nor felled by any attack that was tried."
    else:
        index = curves.index(attack.epsilon)
        most = max(0, attack.asked - int(curves.proven[index]))
        opening = (
            f"The best attack found with ε = {attack.epsilon:.3g} changed {int(attack.changed.sum()):,} "
            "labels. The certificate "
            f"says: no attack changes more than {most:,}."
        )
    return Question(
        f"{opening} What is known about the pixels between?",
        ("they are safe", "they will fall", "nothing: the proof and the attack both stop here"),
        2,
        "A certificate bounds every adversary, an attack shows one. Between them lies what nobody knows yet. "
        "And the "
        "promise is about this norm, this smoothed model and this picture, not about rain, rotation or the "
        "next picture.",
    )


NODES_STEP = Lesson(
    "Graphs: flips, node by node",
    "The attributes of a node are there or not. Noise **flips** them, and the adversary adds and deletes "
    "some, anywhere in "
    "the village. Move the slider and watch nodes fall, cluster by cluster.",
    "Ask which cluster goes first, and why there. The chart below shows which numbers of flips a single node "
    "withstands: "
    "with a chance of zero for additions, none.",
    _ask_nodes,
    _nodes,
    lambda theme: flips.play(theme),
)
LIMITS_STEP = Lesson(
    "What it does not say",
    "On the left every pixel that the proof leaves open, on the right those that a real attack changed.",
    "End with the limits: the page About lists them. The guarantee is a count, with stated confidence, for "
    "one norm.",
    _ask_limits,
    _limits,
)
