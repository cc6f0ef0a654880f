"""Labels against rivals by exact shares: no worst model, made by a linear program, undoes what is claimed."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from lrscore.errors import CertificateError
from lrscore.graphs.certify import certify_graph
from lrscore.graphs.neyman_pearson.needed_shares import NeededShares
from lrscore.graphs.settings import GraphSettings
from lrscore.graphs.verify_exact import share_of_lead
from lrscore.graphs.vote_thresholds import share_against, vote_threshold, vote_threshold_against
from lrscore.noise.flips import RESOLUTION
from lrscore.records import read_record, write_record
from lrscore.verify import verify_file
from tests.lrscore.graphs.toy_graph import CLUSTERS, graph

COINS = [(round(u * RESOLUTION), round(v * RESOLUTION)) for u, v in ((0.01, 0.4), (0.2, 0.5), (0.6, 0.99))]
SHARES = st.floats(0.02, 0.999)


def outcomes(counts) -> tuple[np.ndarray, np.ndarray]:
    """Clean and perturbed probability of every joint outcome of the coins, one by one."""
    coins = [coin for coin, many in zip(COINS, counts, strict=True) for _ in range(many)]
    clean, perturbed = [], []
    for outcome in itertools.product((0, 1), repeat=len(coins)):
        sides = [
            [chance if shown else RESOLUTION - chance for chance in coin]
            for shown, coin in zip(outcome, coins, strict=True)
        ]
        clean.append(np.prod([one / RESOLUTION for one, _ in sides]))
        perturbed.append(np.prod([one / RESOLUTION for _, one in sides]))
    return np.array(clean), np.array(perturbed)


def least_lead(counts, label: float, rival: float) -> float:
    """By how much the label leads under the worst model: a program gives each outcome to label, rival or others."""
    p, q = outcomes(counts)
    size = len(p)
    found = linprog(
        np.concatenate([q, -q]),
        A_ub=np.vstack(
            [
                np.concatenate([-p, np.zeros(size)]),
                np.concatenate([np.zeros(size), p]),
                np.hstack([np.eye(size), np.eye(size)]),
            ]
        ),
        b_ub=np.concatenate([[-label, rival], np.ones(size)]),
        bounds=(0, 1),
    )
    assert found.status == 0
    return float(found.fun)


@settings(max_examples=80, deadline=None)
@given(st.tuples(*[st.integers(0, 2)] * 3), SHARES, SHARES)
def test_no_model_with_such_votes_undoes_a_claim(counts, label, rival):
    assume(label + rival <= 1)
    share = float(share_against(np.array(label), np.array(rival)))
    needed = NeededShares(COINS).between(np.array([counts]))[0]
    lead = least_lead(counts, label, rival)
    if share > needed[1]:
        assert lead > -1e-9
    if lead < -1e-9:
        assert share <= needed[1]


@pytest.mark.parametrize("counts", [(1, 0, 0), (0, 2, 0)])
def test_on_one_piece_the_worst_model_is_as_bad_as_the_share_says(counts):
    """Where label and the rest lie between the same two jumps of the likelihood ratio."""
    needed = NeededShares(COINS).between(np.array([counts]))[0].mean()
    clean, perturbed = outcomes(counts)
    order = np.argsort(perturbed / clean)
    slopes, jumps = np.sort(perturbed / clean), np.cumsum(clean[order])
    tried = 0
    for rival in np.linspace(0.005, 0.3, 40):
        label = 2 * needed - 1 + rival
        pieces = np.searchsorted(jumps, [label - 0.005, 1 - rival]).clip(max=slopes.size - 1)
        if label + rival < 0.99 and np.isclose(*slopes[pieces]):
            tried += 1
            assert least_lead(counts, label - 0.005, rival) < 0 < least_lead(counts, label + 0.005, rival)
    assert tried


@settings(deadline=None)
@given(SHARES, SHARES)
def test_the_share_is_rounded_down_and_never_below_the_label(label, rival):
    share = float(share_against(np.array(label), np.array(rival)))
    lead = (1 + Fraction(label) - Fraction(rival)) / 2
    assert Fraction(share) <= max(lead, Fraction(label))
    assert share >= label
    assert share <= share_of_lead(label, rival) <= max(lead, Fraction(label))
    assert share == pytest.approx(float(max(lead, Fraction(label))), abs=1e-14)
    assert float(share_against(np.array(label), np.array(1.0))) == label
    for order in (1.5, 2.0, np.inf):
        against = float(vote_threshold_against(np.array(label), np.array(rival), order))
        assert against >= float(vote_threshold(np.array(share), order)) * (1 - 1e-9) - 1e-9


class Torn:
    """Votes of a node by its own attributes and a coin of the copy's other nodes, so that two rivals share the rest."""

    def __call__(self, x: torch.Tensor, edge_index: torch.Tensor) -> torch.Tensor:
        nodes = len(CLUSTERS)
        copies = x.view(-1, nodes, x.shape[1])
        other = copies.roll(1, dims=1)[..., 0] > 0
        lost = copies.sum(dim=2) == 0
        chosen = torch.where(lost, torch.where(other, 1, 2), 0).reshape(-1)
        return torch.nn.functional.one_hot(chosen, 3).float()


def certified(**more):
    noise = {"flip_to_one": (0.25, 0.25), "flip_to_zero": (0.4, 0.4)}
    given = {
        "partition": CLUSTERS,
        "scores": "votes",
        "samples": 1200,
        "pilot_samples": 200,
        "batch_size": 100,
        **noise,
        **more,
    }
    return certify_graph(Torn(), graph(), GraphSettings(**given), generator=torch.Generator().manual_seed(3))


def test_more_is_certified_under_attack_and_the_file_says_why(tmp_path):
    flat, against = certified(), certified(runner_up=True)
    budgets = np.array([(a, d) for a in range(3) for d in range(3)], dtype=float)
    one, other = (one.collective(budgets, "exact").certified for one in (flat, against))
    assert (other >= one).all()
    assert (other[1:] > one[1:]).any()
    assert against.chosen.contested.any()
    assert (against.probabilities <= flat.probabilities).all()
    alone = [np.stack([one.certified_masks(budgets.astype(int))]).sum() for one in (flat, against)]
    assert alone[1] > alone[0]
    curve = against.collective(budgets[[1, 3, 4]], "exact")
    path = tmp_path / "a.nc"
    replace(against, curves=(curve,)).save(path)
    verify_file(path)
    record = read_record(path)
    rivals = {**record.arrays, "rivals": record.arrays["rivals"] * 0.5}
    more = replace(curve, certified=curve.certified + 1, ceiling=curve.ceiling + 1)
    replace(against, curves=(more,)).save(tmp_path / "more.nc")
    write_record(replace(record, arrays=rivals), path)
    for forged in (path, tmp_path / "more.nc"):
        with pytest.raises(CertificateError):
            verify_file(forged)
