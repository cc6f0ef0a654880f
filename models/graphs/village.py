"""The bundled graph: an invented village of 360 people, generated, not observed.

    python -m models.graphs.village models/graphs/bundled/village.npz

People live in five hamlets and belong to one of six clubs. Friendships join people of one club, one hamlet, or both;
everybody has ticked habits on a questionnaire, more often those of their own club. The task: guess the club from
friendships and questionnaires. The adversary: somebody who secretly adds and removes ticks.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from models.graphs.attributed import AttributedGraph
from models.graphs.sparse_graph import write_sparse_graph
from models.graphs.village_words import CLUBS, EVERYDAY, FIRST_NAMES, HAMLETS, SURNAMES

SEED = 7
_SHARES = (0.14, 0.24, 0.16, 0.18, 0.12, 0.16)  # of the clubs, in the order of `CLUBS`
_OWN_HABIT, _OTHER_HABIT, _EVERYDAY_HABIT = 0.40, 0.05, 0.25
_FRIENDS = {(True, True): 0.22, (True, False): 0.028, (False, True): 0.02, (False, False): 0.0012}
"""Chance of a friendship by (same club, same hamlet)."""
_HOME_CLUB = 0.35  # people whose club is the one that meets in their hamlet


def build_village(seed: int = SEED) -> AttributedGraph:
    """The village, with a layout; the same for every run with the same seed and library versions."""
    random = np.random.default_rng(seed)
    people = len(FIRST_NAMES) * len(SURNAMES)
    hamlets = random.integers(len(HAMLETS), size=people)
    clubs = np.where(
        random.random(people) < _HOME_CLUB, hamlets, random.choice(len(CLUBS), size=people, p=_SHARES)
    )
    friends = sp.csr_array(_friendships(clubs, hamlets, random))
    names = [f"{first} {last}" for last in SURNAMES for first in FIRST_NAMES]
    graph = AttributedGraph(
        adjacency=friends,
        attributes=sp.csr_array(_questionnaire(clubs, random)),
        labels=clubs.astype(np.int64),
        class_names=tuple(CLUBS),
        node_names=tuple(f"{name}, {HAMLETS[hamlet]}" for name, hamlet in zip(names, hamlets, strict=True)),
        attribute_names=(*(habit for habits in CLUBS.values() for habit in habits), *EVERYDAY),
        positions=layout(friends, seed),
    )
    return graph.undirected().largest_component()


def layout(adjacency: sp.csr_array, seed: int) -> np.ndarray:
    """(n, 2) float32 force-directed positions, centred, largest coordinate 1."""
    import random

    import igraph

    random.seed(seed)  # igraph draws from Python's generator
    edges = sp.triu(adjacency).tocoo()
    graph = igraph.Graph(
        n=adjacency.shape[0], edges=list(zip(edges.row.tolist(), edges.col.tolist(), strict=True))
    )
    positions = np.array(graph.layout_fruchterman_reingold(niter=2000).coords)
    positions -= positions.mean(axis=0)
    return (positions / np.abs(positions).max()).astype(np.float32)


def _friendships(clubs: np.ndarray, hamlets: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """(n, n) upper triangle of friendships."""
    same_club, same_hamlet = clubs[:, None] == clubs, hamlets[:, None] == hamlets
    chance = np.zeros((clubs.size, clubs.size))
    for (club, hamlet), value in _FRIENDS.items():
        chance[(same_club == club) & (same_hamlet == hamlet)] = value
    return np.triu(random.random(chance.shape) < chance, 1).astype(np.float64)


def _questionnaire(clubs: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """(n, d) ticked habits."""
    owners = np.repeat(np.arange(len(CLUBS)), [len(habits) for habits in CLUBS.values()])
    typical = np.where(clubs[:, None] == owners, _OWN_HABIT, _OTHER_HABIT)
    chance = np.hstack([typical, np.full((clubs.size, len(EVERYDAY)), _EVERYDAY_HABIT)])
    return (random.random(chance.shape) < chance).astype(np.float64)


def main(arguments: Sequence[str] | None = None) -> None:
    """Generate and write."""
    (path,) = sys.argv[1:] if arguments is None else arguments
    write_sparse_graph(build_village(), path)


if __name__ == "__main__":
    main()
