"""The three sentences say what the certificate's numbers say."""

from __future__ import annotations

import re

import numpy as np

from tests.ui.graphs.toy_certificate import toy_certificate as graph_certificate
from tests.ui.toy import toy_certificate
from ui.graphs.plane import compute_plane
from ui.graphs.states import node_states
from ui.graphs.story import tell_node_story
from ui.images.curves import compute_curves
from ui.images.states import pixel_states
from ui.images.story import tell_story


def numbers(text: str) -> list[float]:
    return [float(found.replace(",", "")) for found in re.findall(r"\d[\d,]*\.?\d*", text.rstrip("."))]


def test_the_chain_of_a_pixel_has_its_numbers_and_ends_as_the_map_says():
    certificate = toy_certificate()
    curves = compute_curves(certificate, "all")
    ends = set()
    for index in range(0, 151, 10):
        epsilon, allocation = float(curves.epsilons[index]), curves.allocation[index]
        states = pixel_states(certificate, epsilon, allocation, "all")
        for place in ((5, 5), (31, 47), (40, 10), (20, 60)):
            chain = tell_story(certificate, place, states, epsilon, allocation).chain
            n = place[0] * 80 + place[1]
            group = certificate.groups[n]
            assert len(chain) == 3
            bound = numbers(chain[0])[2]
            assert numbers(chain[0])[:2] == [certificate.agreements[place], certificate.trials[group]]
            assert bound <= 100 * certificate.probabilities[place] < bound + 0.1, "rounded down"
            cost = sum(certificate.weights[group, j] * allocation[j] for j in range(6))
            if certificate.thresholds[n] <= 0:
                expected = "it abstains"
            elif certificate.radii[place] > epsilon:
                expected = "certified by itself"
            elif cost < certificate.thresholds[n]:
                expected = "this attack spares it"
            else:
                expected = "can not be excluded"
            assert expected in chain[2]
            ends.add(expected)
            if "worst allocation" in chain[2]:
                assert abs(numbers(chain[2])[-1] - cost) < 0.006
    assert len(ends) >= 3


def test_the_chain_of_a_node_counts_its_votes():
    certificate = graph_certificate()
    plane = compute_plane(certificate, "all", boxes=3)
    point = plane.index(0, 2)
    states = node_states(certificate, plane.budgets(point), plane.allocation[point], "all")
    for node in range(0, certificate.nodes, 5):
        chain = tell_node_story(
            certificate, node, states, plane.budgets(point), plane.allocation[point]
        ).chain
        said = numbers(chain[0])
        assert said[0] == certificate.counts[node][1]
        assert said[1] == certificate.trials[certificate.clusters[node]] == certificate.counts[node].sum()
        if certificate.thresholds[node] > 0 and not certificate.certified_mask(*plane.budgets(point))[node]:
            needed = float(certificate.needed(plane.allocation[point])[node])
            assert np.isclose(float(chain[2].split("above ")[1].split(" %")[0]) / 100, needed, atol=1e-4)
            assert ("spares it" in chain[2]) == (certificate.probabilities[node] > needed)
