"""Groups of classes on the graph page: names in the readout, a look of their own, the story of a node."""

import numpy as np
import pytest
import torch

from lrscore.class_tree import ClassTree
from lrscore.graphs.certify import certify_graph
from lrscore.graphs.settings import GraphSettings
from tests.lrscore.graphs.toy_graph import CLUSTERS, graph
from ui.graphs.picture import colourings, label_values
from ui.graphs.states import node_states
from ui.graphs.story import tell_node_story


class Ones:
    """How many ones a node has."""

    class_names = ("none", "one", "two")
    class_tree = ClassTree.from_names({"few": ["none", "one"]}, class_names)

    def __call__(self, x, edge_index):
        return torch.nn.functional.one_hot(x.sum(dim=1).long(), 3).float()


@pytest.fixture(scope="module")
def certificate():
    settings = GraphSettings(
        partition=CLUSTERS,
        scores="votes",
        flip_to_one=(0.4, 0.45),
        flip_to_zero=(0.4, 0.45),
        samples=2000,
        pilot_samples=200,
        hierarchy=True,
        runner_up=True,
    )
    return certify_graph(Ones(), graph(), settings, generator=torch.Generator().manual_seed(0))


def test_readout_and_colours_name_groups(certificate):
    group = int(np.flatnonzero(certificate.coarse)[0])
    values = label_values(certificate, "label")
    assert values.names[int(values.values[group])] == "few"
    states = node_states(certificate, (0, 0), np.zeros((2, 2)), "all")
    painted = next(one for one in colourings(certificate, states) if one.name == "smoothed label")
    style = painted.styles[int(painted.numbers[group])]
    assert style.name == "few (group)"
    assert style.pattern != "none"


def test_the_story_of_a_node_in_a_group(certificate):
    group = int(np.flatnonzero(certificate.coarse & ~certificate.abstained)[0])
    allocation = np.zeros((2, 2))
    states = node_states(certificate, (0, 0), allocation, "all")
    told = tell_node_story(certificate, group, states, (0, 0), allocation)
    assert told.label == "few"
    assert told.verdict.startswith("few: certain. none or one: not certain enough.")
    contested = np.flatnonzero(certificate.chosen.contested)
    if contested.size:
        told = tell_node_story(certificate, int(contested[0]), states, (0, 0), allocation)
        assert "that of every other class at most" in told.chain[0]
