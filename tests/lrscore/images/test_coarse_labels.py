"""Coarse labels: whole runs on a model in closed form, coverage, forged files, and what the pilot alone decides."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from lrscore import ImageSettings, certify_image
from lrscore.class_tree import ClassTree
from lrscore.errors import CertificateError, CertificateFileError, InputError
from lrscore.files import load_certificate
from lrscore.images.attack.attack import attack_image
from lrscore.images.attack.settings import AttackSettings
from lrscore.records import read_record, write_record
from lrscore.verify import verify_file
from tests.lrscore.linear import ramp, seeded
from tests.lrscore.shades import Shades, shade_shares

IMAGE = ramp()
GROUPS = {"low": ["black", "dark"], "high": ["light", "white"]}
PAIRS, FLAT = ClassTree.from_names(GROUPS, Shades.class_names), ClassTree(4)


def model(tree=PAIRS):
    shades = Shades()
    shades.class_tree = tree
    return shades


def run(tree=PAIRS, seed=0, **settings):
    values = {
        "grid": (2, 3),
        "samples": 1500,
        "pilot_samples": 200,
        "level_min": 0.2,
        "level_max": 0.2,
        "hierarchy": True,
    }
    return certify_image(model(tree), IMAGE, ImageSettings(**{**values, **settings}), generator=seeded(seed))


def exact_radius(certificate, level=0.2):
    """The least l2 norm that takes a pixel's node its majority, on a fine line of shifts of the mean."""
    shifts = np.linspace(-0.9, 0.9, 3601)
    mean = certificate.image.mean(axis=0).astype(float)
    shares = shade_shares(mean[..., None] + shifts, level)  # (H, W, S, 4)
    holds = certificate.chosen.tree.holds[certificate.chosen.nodes].reshape(*certificate.shape, 1, -1)
    inside = (shares * holds).sum(axis=-1)
    least = np.where(inside <= 0.5, np.abs(shifts), np.inf).min(axis=-1)
    return (least + shifts[1] - shifts[0]) * np.sqrt(3)


@pytest.mark.parametrize("correction", ["bonferroni", "weighted-bonferroni", "anytime", "mixture"])
def test_no_certified_radius_of_a_group_exceeds_the_exact_one(correction):
    certificate = run(correction=correction)
    sure, coarse = ~certificate.abstained, certificate.coarse
    assert (sure & coarse).sum() >= 12
    assert (sure & ~coarse).sum() >= 12
    assert (certificate.radii[sure] <= exact_radius(certificate)[sure]).all()
    flat = run(hierarchy=False, correction=correction)
    np.testing.assert_array_equal(flat.labels, certificate.labels)
    assert flat.abstained.sum() > certificate.abstained.sum()


@pytest.mark.parametrize("runner_up", [False, True])
@pytest.mark.parametrize("correction", ["bonferroni", "weighted-bonferroni", "anytime"])
def test_a_tree_of_one_level_is_flat_to_the_bit(correction, runner_up):
    tree = run(FLAT, correction=correction, runner_up=runner_up)
    flat = run(hierarchy=False, correction=correction, runner_up=runner_up)
    for name in ("labels", "pilot_votes", "agreements", "trials", "probabilities", "thresholds", "radii"):
        np.testing.assert_array_equal(getattr(tree, name), getattr(flat, name))
    budgets = flat.default_budgets(20)
    np.testing.assert_array_equal(tree.collective(budgets).certified, flat.collective(budgets).certified)


def test_the_finest_likely_node_is_chosen_and_the_pilot_alone_is_read():
    certificate = run()
    votes, pilot = certificate.votes_per_pixel, certificate.settings.pilot_samples
    level, samples = 0.01 / certificate.labels.size, certificate.settings.samples
    counts = np.arange(samples + 1)
    lower = np.where(counts > 0, stats.beta.ppf(level, np.maximum(counts, 1), samples - counts + 1), 0.0)
    needed = counts[lower > 0.5][0]
    sets = [{number} for number in range(4)] + [set(group) for group in PAIRS.members]

    def likely(count):
        return np.floor(stats.beta.ppf(0.1, count + 0.5, pilot - count + 0.5) * samples) >= needed

    for row, node in zip(votes, certificate.chosen.nodes, strict=True):
        label = int(row.argmax())
        fits = [number for number in range(4, 6) if likely(sum(row[list(sets[number])]))]
        assert node == (label if likely(row[label]) or not fits else fits[0])
    for agreements in (np.zeros_like(certificate.agreements), np.full_like(certificate.agreements, samples)):
        other = replace(certificate, agreements=agreements)
        assert other.pilot_choice(PAIRS).same_choice(certificate.chosen)


def test_agreements_count_what_falls_into_the_node():
    """Exact shares lie in Clopper-Pearson intervals of the counts; those of the single class would not."""
    certificate = run(samples=4000)
    shares = shade_shares(IMAGE.mean(axis=0).astype(float), 0.2).reshape(-1, 4)
    holds = PAIRS.holds[certificate.chosen.nodes]
    expected = (shares * holds).sum(axis=1)
    assert (np.abs(certificate.agreements.ravel() / 4000 - expected) < 5 * 0.5 / np.sqrt(4000)).all()
    coarse = certificate.chosen.coarse
    single = shares[np.arange(len(shares)), certificate.labels.ravel()]
    assert (expected - single)[coarse].min() > 5 * 0.5 / np.sqrt(4000)


def test_coverage_of_groups_near_one_half():
    """A group of exactly half of the votes is claimed no more often than alpha, whatever the pilot makes of it."""
    from lrscore.noise import additive_noise
    from lrscore.statistics import ConfidencePlan
    from lrscore.vote_choice import choose

    alpha, runs, rng, shares = 0.2, 3000, np.random.default_rng(0), np.array([0.3, 0.2, 0.26, 0.24])
    plan, noise = ConfidencePlan.for_samples(alpha, "bonferroni", 1, 100), additive_noise("gaussian")
    pilot, votes = rng.multinomial(100, shares, runs), rng.multinomial(100, shares, runs)
    choice = choose(pilot, plan, 100, noise.threshold_against, runner_up=False, tree=PAIRS)
    inside = PAIRS.holds[choice.nodes]
    lower = plan.bound(np.where(inside, votes, 0).sum(axis=1), 100, alpha)
    wrong = lower > (inside * shares).sum(axis=1)
    assert choice.coarse.sum() > 20
    assert wrong[choice.coarse].mean() <= alpha + 3 * np.sqrt(alpha * (1 - alpha) / choice.coarse.sum())
    assert wrong.mean() <= alpha
    lucky = plan.bound(np.where(inside, pilot, 0).sum(axis=1), 100, alpha) > (inside * shares).sum(axis=1)
    assert lucky[choice.coarse].mean() > 2 * alpha, "counted in the pilot itself, luck would be claimed"


def test_truth_in_the_group_is_correct(tmp_path):
    certificate = run().with_reference(np.zeros((12, 20), dtype=np.int64))
    coarse = certificate.coarse
    held = PAIRS.holds[certificate.chosen.nodes, 0].reshape(certificate.shape)
    np.testing.assert_array_equal(certificate.correct(), held)
    assert (certificate.correct() & coarse & (certificate.labels != 0)).any()
    void = certificate.with_reference(np.full((12, 20), 255))
    assert not void.correct().any()
    certificate.save(tmp_path / "a.nc")
    verify_file(tmp_path / "a.nc")


FORGED = {
    "coarser nodes": lambda a: {"nodes": np.full_like(a["nodes"], 4)},
    "finer nodes": lambda a: {"nodes": a["labels"]},
    "another group": lambda a: {"nodes": np.where(a["nodes"] == 4, 5, a["nodes"])},
    "more agreements": lambda a: {"probabilities": np.where(a["nodes"] >= 4, 0.99, a["probabilities"])},
    "a threshold": lambda a: {
        "thresholds": np.where(a["nodes"] >= 4, a["thresholds"] + 0.1, a["thresholds"])
    },
}


@pytest.mark.parametrize("claim", sorted(FORGED))
def test_forged_sets_do_not_verify(tmp_path, claim):
    path = tmp_path / "a.nc"
    run().save(path)
    verify_file(path)
    record = read_record(path)
    write_record(replace(record, arrays={**record.arrays, **FORGED[claim](record.arrays)}), path)
    with pytest.raises(CertificateError):
        verify_file(path)


@pytest.mark.parametrize(
    "tree",
    [
        ClassTree.from_names({"low": ["black", "dark"]}, Shades.class_names),
        ClassTree.from_names({"low": ["black", "light"], "high": ["dark", "white"]}, Shades.class_names),
        ClassTree(5, ("low",), ((0, 1),)),
        None,
    ],
)
def test_another_tree_is_refused(tmp_path, tree):
    path = tmp_path / "a.nc"
    run().save(path)
    record = read_record(path)
    texts = {name: text for name, text in record.texts.items() if name != "class_tree"}
    write_record(
        replace(record, texts=texts if tree is None else {**texts, "class_tree": tree.to_text()}), path
    )
    with pytest.raises((CertificateError, CertificateFileError)):
        verify_file(path)


def test_files_keep_tree_and_nodes(tmp_path):
    certificate = run(runner_up=True)
    certificate.save(tmp_path / "a.nc")
    loaded = load_certificate(tmp_path / "a.nc")
    assert loaded.chosen.tree == PAIRS
    assert loaded.chosen.same_choice(certificate.chosen)
    np.testing.assert_array_equal(loaded.thresholds, certificate.thresholds)
    assert "group of classes" in loaded.guarantee()
    assert not (loaded.chosen.contested & loaded.chosen.coarse).any()


def test_a_model_without_a_tree_is_refused():
    settings = ImageSettings(grid=(1, 1), samples=20, pilot_samples=5, hierarchy=True)
    with pytest.raises(InputError, match="states a tree of its classes"):
        certify_image(Shades(), IMAGE, settings, generator=seeded())
    with pytest.raises(InputError, match="5 classes, its scores have 4"):
        certify_image(model(ClassTree(5)), IMAGE, settings, generator=seeded())


def test_an_attack_has_to_take_a_group_its_majority():
    """Certified counts stay below what survives, though single classes inside a group overtake each other."""

    class Soft(Shades):
        def __call__(self, batch):
            mean = batch.mean(dim=1, keepdim=True)
            centres = np.array([0.2, 0.45, 0.65, 0.9], dtype=np.float32).reshape(1, 4, 1, 1)
            return -((mean - mean.new_tensor(centres)) ** 2)

    soft = Soft()
    soft.class_tree = PAIRS
    settings = ImageSettings(
        grid=(1, 1), samples=800, pilot_samples=100, level_min=0.2, level_max=0.2, hierarchy=True
    )
    certificate = certify_image(soft, IMAGE, settings, generator=seeded(1))
    assert certificate.coarse.any()
    attack = attack_image(
        soft, certificate, AttackSettings(epsilon=0.6, steps=5, samples=400), generator=seeded(2)
    )
    proven = certificate.collective(certificate.noise.budget(np.array([0.6]))).certified[0]
    assert proven <= attack.surviving
    coarse = certificate.coarse & attack.attacked
    crossed = (certificate.labels < 2) != (attack.labels < 2)
    assert not (attack.changed & coarse & ~crossed).any()


def test_information_gain_is_accuracy_for_classes_and_counts_groups_by_what_they_say():
    reference = np.tile((np.arange(20) // 5), (12, 1))
    flat = run(hierarchy=False).with_reference(reference)
    budgets = flat.noise.budget(np.array([0.0, 0.05, 0.1]))
    proven = flat.collective(budgets, targets=flat.correct()).certified
    np.testing.assert_allclose(flat.information_gain(budgets), proven / reference.size)
    coarse = run().with_reference(reference)
    gains = coarse.information_gain(budgets)
    sizes = np.where(coarse.coarse, 2, 1)
    right = coarse.correct() & ~coarse.abstained
    assert gains[0] == pytest.approx((np.log(4 / sizes) / np.log(4))[right].sum() / reference.size)
    shares = coarse.collective(budgets, targets=coarse.correct()).certified / reference.size
    assert (gains < shares).all()
    assert (gains >= shares / 2 - 1e-12).all()
    assert run().information_gain(budgets)[0] == pytest.approx(
        (np.log(4 / sizes) / np.log(4))[~coarse.abstained].sum() / reference.size
    )


def test_information_gain_survives_an_explicit_attack():
    """Move the pixels that give most per cost past one half: what is left is never below what is proven."""
    certificate = run(grid=(1, 1))
    gains, costs = certificate.label_gains, (exact_radius(certificate).ravel() ** 2)
    sure = ~certificate.abstained.ravel()
    order = np.argsort(costs / np.maximum(gains, 1e-9))
    for epsilon in (0.05, 0.1, 0.2, 0.4):
        budget, left = epsilon**2, sure.copy()
        for pixel in order[sure[order]]:
            if costs[pixel] <= budget:
                budget, left[pixel] = budget - costs[pixel], False
        kept = gains[left].sum() / sure.size
        assert certificate.information_gain(certificate.noise.budget(np.array([epsilon])))[0] <= kept + 1e-12
