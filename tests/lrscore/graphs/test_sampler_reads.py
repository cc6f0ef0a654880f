"""What leaves the device of a graph's scores: one copy a look, counts of the slow way, never of no probabilities."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from lrscore import batches
from lrscore.errors import InputError
from lrscore.graphs.certify import certify_graph
from lrscore.graphs.counting import as_scores, count_in_bins, label_histogram, label_scores
from lrscore.graphs.noisy_attributes import NoisyAttributes
from lrscore.graphs.settings import GraphSettings
from tests.lrscore.host_reads import HostReads

CLUSTERS = np.repeat([0, 1], 4)


def graph():
    random = np.random.default_rng(0)
    x = torch.tensor((random.random((8, 12)) < 0.4).astype(np.float32))
    return SimpleNamespace(x=x, edge_index=torch.tensor([[0, 1, 4, 5], [1, 0, 5, 4]]))


class Shares:
    """Probabilities of three classes from the shares of ones in thirds of the attributes; spoilt on demand."""

    def __init__(self, spoil=None, when=0):
        self.spoil, self.when, self.passes = spoil, when, 0

    def __call__(self, x, edge_index):
        thirds = x.view(len(x), 3, -1).mean(dim=2)
        scores = (thirds + 0.01) / (thirds + 0.01).sum(dim=1, keepdim=True)
        self.passes += 1
        if self.passes == self.when:
            scores[-1, 0] = self.spoil
        return scores


def settings(**values):
    return GraphSettings(partition=CLUSTERS, **{"samples": 12, "pilot_samples": 6, "batch_size": 3} | values)


@pytest.mark.parametrize("kind", [{}, {"scores": "votes"}, {"margins": True}, {"bins": 64}])
def test_counts_are_those_of_the_slow_way(kind):
    random, chosen = np.random.default_rng(1), settings(**kind).reading
    scores = random.dirichlet(np.ones(4), (50, 9)).astype(np.float32)
    scores[:5] = [[0.5, 0.5, 0, 0]]  # ties
    scores[5:8] = [[1, 0, 0, 0]]
    labels = random.integers(0, 4, 9)
    slow = label_histogram(as_scores(scores, chosen), labels, chosen).counts
    values = label_scores(torch.from_numpy(scores), torch.from_numpy(labels), chosen)
    np.testing.assert_array_equal(count_in_bins(values, slow.shape[-1]).numpy(), slow)


@pytest.mark.parametrize("kind", [{}, {"scores": "votes"}, {"margins": True}])
def test_reads_do_not_grow_with_batches(kind, monkeypatch):
    """Drawing sparse noise reads how many flips there are: that is left out, everything else counts."""
    drawn = NoisyAttributes.sample
    monkeypatch.setattr(
        NoisyAttributes,
        "sample",
        lambda *given: _apart(drawn, *given),
    )

    def reads(samples):
        chosen = settings(samples=samples, pilot_samples=samples, **kind)
        with HostReads() as counted:
            certify_graph(Shares(), graph(), chosen, generator=torch.Generator())
        return counted.total

    assert reads(6) == reads(60)


def _apart(draw, *given):
    """In another thread, where the counter does not look."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(draw, *given).result()


@pytest.mark.parametrize("spoil", [np.nan, np.inf, -0.5, 1.5])
@pytest.mark.parametrize("when", [1, 4, 9])
def test_no_count_leaves_if_any_score_of_the_look_was_no_probability(spoil, when):
    with pytest.raises(InputError, match="must return probabilities"):
        certify_graph(Shares(spoil, when), graph(), settings(), generator=torch.Generator())


def test_counts_do_not_wrap_around(monkeypatch):
    monkeypatch.setattr(batches, "MOST_COPIES", 11)
    with pytest.raises(InputError, match="at most 11"):
        certify_graph(Shares(), graph(), settings(), generator=torch.Generator())
