"""Labels that win with less than half of the votes: whole runs, coverage, files that claim too much."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from lrscore import ImageSettings, certify_image, stream_image
from lrscore.errors import CertificateError, InputError, SettingsError
from lrscore.files import load_certificate
from lrscore.records import read_record, write_record
from lrscore.verify import verify_file
from tests.lrscore.linear import ramp, seeded
from tests.lrscore.shades import Shades, exact_shade_radius

IMAGE = ramp()


def run(image=IMAGE, seed=0, **settings):
    values = {"grid": (2, 3), "samples": 3000, "pilot_samples": 300, "level_min": 0.2, "runner_up": True}
    return certify_image(Shades(), image, ImageSettings(**{**values, **settings}), generator=seeded(seed))


@pytest.mark.parametrize("correction", ["bonferroni", "weighted-bonferroni", "anytime", "mixture"])
def test_no_certified_radius_exceeds_the_exact_one(correction):
    certificate = run(correction=correction, level_max=0.2)
    exact = exact_shade_radius(IMAGE.mean(axis=0).astype(float), 0.2)
    sure = ~certificate.abstained
    assert (certificate.radii[sure] <= exact[sure]).all()
    below_half = sure & (certificate.probabilities <= 0.5)
    assert below_half.sum() >= 12, "labels below one half are certified"
    assert (certificate.radii[below_half] > 0).all()
    plain = run(correction=correction, level_max=0.2, runner_up=False)
    np.testing.assert_array_equal(plain.labels, certificate.labels)
    assert plain.abstained.sum() > certificate.abstained.sum()
    assert certificate.radii.mean() > plain.radii.mean()


@pytest.mark.parametrize("noise", ["gaussian", "uniform", "laplace"])
def test_collective_counts_survive_an_explicit_attack(noise, tmp_path):
    """Shift the cheapest pixels past the point where another class is as likely: exact in one dimension."""
    certificate = run(noise=noise, level_max=0.2)
    cost = exact_shade_radius(IMAGE.mean(axis=0).astype(float), 0.2, noise)
    costs = np.sort((cost**2 if noise == "gaussian" else cost).ravel())
    budgets = certificate.default_budgets(25)
    proven = certificate.collective(budgets)
    truth = np.array([(np.cumsum(costs) > budget).sum() for budget in budgets])
    assert (proven.certified <= truth).all()
    assert proven.certified[0] > 0
    certificate.save(tmp_path / "a.nc")
    verify_file(tmp_path / "a.nc")


def test_pixels_that_are_not_contested_keep_the_whole_level():
    with_rivals, plain = run(), run(runner_up=False)
    alone = ~with_rivals.chosen.contested.reshape(with_rivals.shape)
    assert 0 < alone.sum() < alone.size
    np.testing.assert_array_equal(with_rivals.agreements, plain.agreements)
    np.testing.assert_array_equal(with_rivals.probabilities[alone], plain.probabilities[alone])
    flat = alone.ravel()
    np.testing.assert_array_equal(with_rivals.thresholds[flat], plain.thresholds[flat])
    contested = ~alone
    assert (with_rivals.probabilities[contested] < plain.probabilities[contested]).all()


def test_the_choice_reads_the_pilot_only():
    """Other estimation samples of the same pilot choose the same."""
    settings = ImageSettings(grid=(1, 1), samples=3000, pilot_samples=300, level_max=0.1, runner_up=True)
    whole = certify_image(Shades(), IMAGE, settings, generator=seeded(3))
    for agreements in (np.zeros_like(whole.agreements), np.full_like(whole.agreements, 3000)):
        nothing = replace(whole.chosen, rivals=np.zeros_like(whole.chosen.rivals))
        other = replace(whole, agreements=agreements, chosen=nothing)
        assert other.pilot_choice(None).same_choice(whole.chosen)
    looks = list(stream_image(Shades(), IMAGE, replace(settings, correction="mixture"), generator=seeded(3)))
    assert len(looks) > 2
    assert all(look.chosen.same_choice(looks[0].chosen) for look in looks)


def test_coverage_of_thresholds_near_the_truth():
    """One pixel of three nearly equal classes, many runs from exact multinomial counts: too much is rarely claimed."""
    from lrscore.noise import additive_noise
    from lrscore.statistics import ConfidencePlan
    from lrscore.statistics.rivals import PARTS, rival_upper
    from lrscore.vote_choice import choose

    shares, alpha, runs, rng = np.array([0.44, 0.3, 0.26]), 0.3, 1500, np.random.default_rng(0)
    noise, plan = additive_noise("gaussian"), ConfidencePlan.for_samples(0.3, "bonferroni", 1, 200)
    truth = ((stats.norm.ppf(0.44) - stats.norm.ppf(0.3)) / 2) ** 2
    wrong = contested = 0
    for pilot, votes in zip(
        rng.multinomial(200, shares, runs), rng.multinomial(200, shares, runs), strict=True
    ):
        choice = choose(pilot[None], plan, 200, noise.threshold_against, runner_up=True)
        sides = choice.sides(pilot[None])[0]
        counts = [votes[sides == side].sum() for side in range(3)]
        part = 1 / PARTS if choice.contested[0] else 1.0
        lower = plan.lower([counts[0]], [200], parts=part)
        upper = (
            rival_upper(plan, np.array([counts[1:]]), np.array([200]), alpha / PARTS)
            if part < 1
            else np.ones(1)
        )
        eta = noise.threshold_against(lower, upper)[0]
        label = int(choice.nodes[0])
        wrong += eta > (truth if label == 0 else 0.0)
        contested += choice.contested[0]
    assert contested > runs / 2
    assert wrong / runs <= alpha


FORGED = {
    "a rival's bound": lambda a: {"rivals": np.where(a["contested"] > 0, a["rivals"] * 0.9, 1.0)},
    "a rival where there is none": lambda a: {"rivals": a["rivals"] * 0.99},
    "fewer votes of rivals": lambda a: {"rival_votes": np.zeros_like(a["rival_votes"])},
    "everything contested": lambda a: {"contested": np.ones_like(a["contested"])},
    "nothing contested": lambda a: {"contested": np.zeros_like(a["contested"])},
    "a threshold": lambda a: {"thresholds": np.where(a["contested"] > 0, a["thresholds"] * 1.01, 0.0)},
    "a label's bound": lambda a: {
        "probabilities": np.where(a["contested"] > 0, np.minimum(a["probabilities"] * 1.01, 0.99), 0.0)
    },
}


@pytest.mark.parametrize("claim", sorted(FORGED))
def test_forged_files_do_not_verify(tmp_path, claim):
    path = tmp_path / "a.nc"
    run().save(path)
    verify_file(path)
    record = read_record(path)
    arrays = {**record.arrays, **FORGED[claim](record.arrays)}
    write_record(replace(record, arrays=arrays), path)
    with pytest.raises(CertificateError):
        verify_file(path)


def test_a_file_keeps_the_choice_and_says_it(tmp_path):
    certificate = run()
    certificate.save(tmp_path / "a.nc")
    loaded = load_certificate(tmp_path / "a.nc")
    assert loaded.chosen.same_choice(certificate.chosen)
    np.testing.assert_array_equal(loaded.rivals, certificate.rivals)
    np.testing.assert_array_equal(loaded.thresholds, certificate.thresholds)
    assert "upper bounds on the others" in loaded.guarantee()
    record = read_record(tmp_path / "a.nc")
    settings = json.dumps({**json.loads(record.texts["settings"]), "runner_up": False})
    write_record(replace(record, texts={**record.texts, "settings": settings}), tmp_path / "b.nc")
    with pytest.raises(CertificateError):
        verify_file(tmp_path / "b.nc")


def test_reading_the_counts_under_another_plan_keeps_what_was_counted():
    certificate = run(correction="count-level", tolerated=1, offered=(1, 30))
    later = certificate.reconsidered(tolerated=30)
    assert later.chosen is certificate.chosen
    assert later.pilot_choice(None).same_choice(certificate.chosen)
    with pytest.raises(SettingsError, match="runner_up"):
        certificate.reconsidered(runner_up=False)


def test_what_does_not_go_together_is_refused():
    with pytest.raises(SettingsError, match="paper-holm"):
        ImageSettings(runner_up=True, correction="paper-holm")
    with pytest.raises(SettingsError, match="runner_up must be true or false"):
        ImageSettings(runner_up="yes")
    certificate = run()
    with pytest.raises(InputError, match="choice of the pilot"):
        replace(certificate, chosen=None).check_counts()
    with pytest.raises(InputError, match="votes of rivals"):
        replace(
            certificate, chosen=certificate.chosen.counting(certificate.chosen.rivals + 3000)
        ).check_counts()


def test_adaptive_sampling_forecasts_with_rivals():
    settings = {"correction": "anytime", "focus": (0.05,), "tolerance": 0.01, "level_max": 0.2}
    certificate = run(**settings)
    assert certificate.trials.max() == 3000
    assert (~certificate.abstained & (certificate.probabilities <= 0.5)).any()
