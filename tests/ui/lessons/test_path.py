"""The guided path's numbers, from the toy certificate, against definitions that are written out."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

from ui.components.frontend.payload import Payload
from ui.images.states import counted_pixels
from ui.lessons import LESSONS
from ui.lessons.material import FoundAttack, Material, gather
from ui.lessons.single import (
    changes,
    error_level,
    home_box,
    level_map,
    needed_copies,
    spread_change,
    vote_path,
)
from ui.lessons.together import alone_at, attack_spent, concentration, half_index, states_at
from ui.style.palette import CERTIFIED, COLLECTIVE, STATES


@pytest.fixture
def material(gallery: Path) -> Material:
    found = gather(None)
    assert isinstance(found, Material)
    return found


def test_every_step_asks_and_its_right_answer_is_among_the_options(material: Material):
    assert 8 <= len(LESSONS) <= 10
    assert len({lesson.title for lesson in LESSONS}) == len(LESSONS)
    for lesson in LESSONS:
        question = lesson.ask(material)
        assert 2 <= len(question.options) == len(set(question.options))
        assert 0 <= question.right < len(question.options)
        assert question.because
        assert lesson.notes
        act = lesson.act(material)
        if act is not None:
            json.dumps(act.encode(Payload()), allow_nan=False)


def test_votes_end_with_the_stored_counts_bound_and_radius(material: Material):
    certificate = material.certificate
    for place in (material.pixel, (31, 47), (5, 5)):
        votes = vote_path(Material(**{**vars(material), "pixel": place}))
        assert votes.agrees.sum() == certificate.agreements[place]
        assert votes.counts[-1] == len(votes.agrees) == certificate.trials.max()
        assert votes.bounds[-1] == pytest.approx(certificate.probabilities[place])
        assert votes.radii[-1] == pytest.approx(max(0.0, certificate.radii[place]), rel=1e-6, abs=1e-9)
    middle = len(votes.counts) // 2
    said = int(votes.agrees[: votes.counts[middle]].sum())
    level = error_level(material)
    assert binom.sf(said - 1, votes.counts[middle], votes.bounds[middle]) == pytest.approx(level, rel=1e-5)


def test_so_many_unanimous_copies_pass_one_half_and_one_fewer_does_not(material: Material):
    needed, level = needed_copies(material), error_level(material)
    assert level == pytest.approx(0.01 / 4800)
    assert 0.5**needed <= level < 0.5 ** (needed - 1)


def test_every_change_has_the_norm_of_the_budget(material: Material):
    for _, change, _ in changes(material):
        assert math.sqrt(float((change.astype(np.float64) ** 2).sum())) == pytest.approx(
            material.epsilon, rel=1e-5
        )
    assert spread_change(material) == pytest.approx(
        255 * math.sqrt(material.epsilon**2 / (3 * 60 * 80)), rel=1e-9
    )


def test_the_copies_have_the_levels_of_the_certificate(material: Material):
    certificate = material.certificate
    for place in (material.pixel, (5, 5), (58, 78)):
        levels = level_map(replace(material, pixel=place))
        group = certificate.groups[place[0] * 80 + place[1]]
        for region in range(6):
            rows, columns = certificate.regions.slices(region)
            assert (levels[rows, columns] == certificate.noise_levels[group, region]).all()


def test_by_itself_and_together_differ_where_the_allocation_only_spares(material: Material):
    together, alone = states_at(material, material.index), alone_at(material, material.index)
    spared = together == STATES.index(COLLECTIVE)
    assert spared.any()
    assert not (alone == STATES.index(COLLECTIVE)).any()
    assert np.array_equal(together[~spared], alone[~spared])
    targets = counted_pixels(material.certificate, material.count)
    counted = (alone == STATES.index(CERTIFIED)) & targets
    assert counted.sum() == material.curves.naive[material.index]


def test_half_the_budget_and_where_it_goes(material: Material):
    assert material.curves.epsilons[half_index(material)] == pytest.approx(
        material.epsilon / 2, abs=float(material.curves.epsilons[1])
    )
    spent = sorted(material.curves.allocation[material.index], reverse=True)
    used = concentration(material)
    assert sum(spent[:used]) >= 0.9 * sum(spent) > sum(spent[: used - 1])


def test_the_stored_attack_can_be_loaded_into_the_game_with_what_it_spends(material: Material):
    certificate = material.certificate
    change = np.zeros_like(certificate.image)
    generator = np.random.default_rng(0)
    for region, size in ((0, 0.01), (4, 0.02)):
        rows, columns = certificate.regions.slices(region)
        change[:, rows, columns] = size * generator.standard_normal(change[:, rows, columns].shape)
    change *= np.float32(0.99 * material.epsilon / np.linalg.norm(change))
    attack = FoundAttack(change, np.zeros(certificate.shape, bool), 10, material.epsilon)
    spent = attack_spent(replace(material, attack=attack))
    assert spent is not None
    for region in range(certificate.regions.count):
        part = change[:, *certificate.regions.slices(region)].astype(np.float64)
        assert spent[region] == pytest.approx((part**2).sum(), rel=1e-4, abs=1e-12)
    assert spent.sum() <= material.epsilon**2
    assert attack_spent(replace(material, attack=None)) is None
    larger = replace(attack, epsilon=1.01 * material.epsilon)
    assert attack_spent(replace(material, attack=larger)) is None


def test_a_pixels_region_is_outlined_where_the_noise_is_least(material: Material):
    top, left, bottom, right = home_box(material)
    row, column = material.pixel
    assert top <= row < bottom
    assert left <= column < right
    levels = level_map(material)
    assert (levels[top:bottom, left:right] == levels.min()).all()
