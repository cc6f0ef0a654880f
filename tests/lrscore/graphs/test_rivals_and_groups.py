"""Nodes held against rivals and coarse labels of nodes: every input of a toy graph, coverage, forged files."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lrscore.class_tree import ClassTree
from lrscore.collective import certify_collectively
from lrscore.errors import CertificateError, CertificateFileError, InputError, SettingsError
from lrscore.files import load_certificate
from lrscore.graphs.attack import GraphAttackSettings, attack_graph
from lrscore.graphs.certify import certify_graph, stream_graph
from lrscore.graphs.settings import GraphSettings
from lrscore.graphs.verify import tie_divergence
from lrscore.graphs.vote_thresholds import vote_threshold, vote_threshold_against
from lrscore.noise.flips import FlipNoise
from lrscore.records import read_record, write_record
from lrscore.verify import verify_file
from tests.lrscore.graphs.toy_graph import (
    CLEAN,
    CLUSTERS,
    NODES,
    ToyModel,
    all_inputs,
    all_scores,
    clean_number,
    expectations,
    graph,
    surviving,
)

BUDGETS = np.array([(a, d) for a in range(4) for d in range(4)])
ORDERS = st.sampled_from([1.1, 1.5, 2.0, 4.0, 20.0, np.inf])
TREE = ClassTree.from_names({"either": ["a", "b"]}, ("a", "b", "c"))
NOISE = {"flip_to_one": (0.4, 0.45), "flip_to_zero": (0.4, 0.45)}


class Torn:
    """How many ones a node has: under strong noise no class has half of the votes; a bias makes models differ."""

    def __init__(self, seed: int = 0) -> None:
        self.turned = seed % 2

    def __call__(self, x: torch.Tensor, edge_index: torch.Tensor) -> torch.Tensor:
        ones = x.sum(dim=1).long()
        return torch.nn.functional.one_hot((2 - ones) if self.turned else ones, 3).float()


@given(st.floats(0.02, 0.97), st.floats(0.01, 0.96), ORDERS)
def test_the_threshold_is_the_least_divergence_of_a_tie(label, rival, order):
    if not (rival < label and label + rival < 1):
        return
    found = float(vote_threshold_against(np.array(label), np.array(rival), order))
    assert found >= float(vote_threshold(np.array(label), order))
    slow = tie_divergence(label, rival, order)
    assert found <= max(slow, float(vote_threshold(np.array(label), order))) * (1 + 1e-9)
    assert found == pytest.approx(slow, rel=1e-6, abs=1e-12)


@given(st.floats(0.02, 0.97), st.floats(0.01, 0.96), st.floats(0, 1), st.floats(0, 1), ORDERS)
def test_every_lost_vote_is_at_least_that_far_away(label, rival, first, second, order):
    if not (rival < label and label + rival < 0.999):
        return
    lost = (
        np.sort([first, second]) * 0.5
    )  # the label has no more than the rival, and there is room for the rest
    perturbed, clean = np.array([*lost, 1 - lost.sum()]), np.array([label, rival, 1 - label - rival])
    with np.errstate(divide="ignore"):
        ratio = perturbed / clean
        away = np.log(ratio.max()) if np.isinf(order) else np.log((clean * ratio**order).sum()) / (order - 1)
    assert away >= float(vote_threshold_against(np.array(label), np.array(rival), order)) - 1e-9


def test_better_bounds_never_prove_less_and_one_half_is_the_case_of_two_classes():
    grid = np.linspace(0.01, 0.99, 120)
    p, q = np.meshgrid(grid, grid, indexing="ij")
    for order in (1.5, 2.0, np.inf):
        eta = vote_threshold_against(p, q, order)
        assert (np.diff(eta, axis=0) >= -1e-12).all()
        assert (np.diff(eta, axis=1) <= 1e-12).all()
        above = grid[grid > 0.5]
        np.testing.assert_allclose(
            vote_threshold_against(above, 1 - above - 1e-9, order), vote_threshold(above, order), rtol=1e-5
        )


def exact_votes(model, levels):
    scores = all_scores(model)
    votes = (scores.argmax(axis=2)[..., None] == np.arange(3)).astype(float)
    return expectations(votes, levels)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("order", [1.5, 2.0, np.inf])
def test_no_count_exceeds_what_survives_among_all_inputs(seed, order):
    """Thresholds of the exact shares; the truth by going through all 4,096 graphs."""
    levels = np.array([[[0.3, 0.4], [0.4, 0.3]], [[0.3, 0.45], [0.45, 0.3]]])
    noise = FlipNoise.from_levels(levels)
    smoothed = exact_votes(ToyModel(seed=seed), np.stack([noise.to_one, noise.to_zero]))
    clean = smoothed[clean_number()]
    labels, ranked = clean.argmax(axis=1), np.sort(clean, axis=1)
    eta = vote_threshold_against(ranked[:, -1], ranked[:, -2], order)
    proven = certify_collectively(noise.weight(order), eta, np.array(CLUSTERS), BUDGETS).certified
    truth = surviving(smoothed, labels, BUDGETS, np.ones(NODES, dtype=bool))
    assert (proven <= truth).all()
    assert proven[0] == NODES


def certified(seed=0, tree=TREE, model=None, **more):
    toy = model or Torn()
    toy.class_tree = tree
    settings = GraphSettings(
        partition=CLUSTERS,
        **{**NOISE, "scores": "votes", "samples": 3000, "pilot_samples": 200, "batch_size": 100, **more},
    )
    return certify_graph(toy, graph(), settings, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("method", ["envelope", "exact"])
@pytest.mark.parametrize(
    "choice", [{"hierarchy": True}, {"runner_up": True}, {"hierarchy": True, "runner_up": True}]
)
def test_whole_runs_claim_no_more_than_what_survives(choice, method, seed):
    model = Torn(seed) if seed < 2 else ToyModel(seed=seed)
    certificate = certified(model=model, seed=seed, **choice)
    smoothed = exact_votes(model, certificate.noise_levels)
    proven = certificate.collective(BUDGETS.astype(float), method).certified
    holds = TREE.holds[certificate.chosen.nodes]
    inside = (smoothed * holds).sum(axis=2)
    best = np.where(certificate.coarse, inside > 0.5, smoothed.argmax(axis=2) == certificate.labels)
    added, deleted = ((all_inputs() != CLEAN) & (one == CLEAN) for one in (0, 1))
    for (adds, deletes), count in zip(BUDGETS, proven, strict=True):
        within = (added.sum(axis=(1, 2)) <= adds) & (deleted.sum(axis=(1, 2)) <= deletes)
        assert count <= best[within].sum(axis=1).min()
    assert proven[0] > 0


def test_labels_below_one_half_and_groups_are_certified_where_flat_ones_are_not():
    flat, against, coarse = certified(), certified(runner_up=True), certified(hierarchy=True)
    np.testing.assert_array_equal(flat.labels, against.labels)
    assert (~against.abstained & (against.probabilities <= 0.5)).sum() >= 2
    assert (~coarse.abstained & coarse.coarse).sum() >= 2
    assert max(against.abstained.sum(), coarse.abstained.sum()) < flat.abstained.sum()
    budgets = np.array([[0.0, 0.0], [1.0, 0.0]])
    for one in (against, coarse):
        assert (one.collective(budgets).certified >= flat.collective(budgets).certified).all()


@pytest.mark.parametrize("correction", ["bonferroni", "weighted-bonferroni", "anytime", "mixture"])
def test_a_tree_of_one_level_is_flat_to_the_bit(correction):
    tree = certified(tree=ClassTree(3), hierarchy=True, correction=correction)
    flat = certified(correction=correction)
    for name in ("labels", "counts", "trials", "probabilities", "thresholds", "groups"):
        np.testing.assert_array_equal(getattr(tree, name), getattr(flat, name))


@pytest.mark.parametrize("seed", [0, 1])
def test_files_keep_the_choice_and_forged_ones_are_refused(tmp_path, seed):
    certificate = certified(model=Torn(seed), hierarchy=True, runner_up=True)
    certificate = replace(certificate, curves=(certificate.collective(BUDGETS.astype(float), "exact"),))
    path = tmp_path / "a.nc"
    certificate.save(path)
    verify_file(path)
    loaded = load_certificate(path)
    assert loaded.chosen.same_choice(certificate.chosen)
    np.testing.assert_array_equal(loaded.thresholds, certificate.thresholds)
    record = read_record(path)
    forged = {
        "nodes": np.full_like(record.arrays["nodes"], 3),
        "contested": 1 - record.arrays["contested"],
        "rivals": record.arrays["rivals"] * 0.9,
        "thresholds": record.arrays["thresholds"] * 1.01 + 0.01,
        "probabilities": np.minimum(record.arrays["probabilities"] * 1.02 + 0.01, 0.999),
    }
    for name, values in forged.items():
        write_record(replace(record, arrays={**record.arrays, name: values}), path)
        with pytest.raises((CertificateError, CertificateFileError)):
            verify_file(path)


def test_every_look_is_a_certificate_that_verifies(tmp_path):
    toy = Torn()
    toy.class_tree = TREE
    settings = GraphSettings(
        partition=CLUSTERS,
        scores="votes",
        samples=400,
        correction="anytime",
        hierarchy=True,
        runner_up=True,
        **NOISE,
    )
    for number, look in enumerate(
        stream_graph(toy, graph(), settings, generator=torch.Generator().manual_seed(0))
    ):
        look.save(tmp_path / f"{number}.nc")
        verify_file(tmp_path / f"{number}.nc")


def test_information_gain_of_nodes():
    certificate = certified(hierarchy=True).with_reference(np.zeros(NODES, dtype=np.int64))
    right = certificate.correct() & ~certificate.abstained
    assert (right & certificate.coarse).any()
    gain = certificate.information_gain(np.zeros((1, 2)))[0]
    assert gain == pytest.approx(certificate.label_gains[right].sum() / NODES)


def test_an_attack_has_to_take_a_group_its_majority():
    model = Torn()
    certificate = certified(model=model, hierarchy=True, samples=400)
    assert certificate.coarse.any()
    attack = attack_graph(
        model,
        graph(),
        certificate,
        GraphAttackSettings(additions=2, deletions=2),
        generator=torch.Generator().manual_seed(1),
    )
    assert certificate.collective(np.array([[2.0, 2.0]])).certified[0] <= attack.surviving


def test_what_is_not_offered_is_refused():
    with pytest.raises(SettingsError, match="need scores='votes'"):
        GraphSettings(hierarchy=True)
    with pytest.raises(InputError, match="states a tree"):
        certified(tree=None, hierarchy=True)
