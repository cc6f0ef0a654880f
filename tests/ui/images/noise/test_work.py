"""The works behind measured locality and proposed levels, run by a real queue with the toy model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from jobs import JobManager, JobState
from lrscore import ImageSettings
from lrscore.images.ladder import Picture, climb
from lrscore.images.tuning.locality import measure_locality
from lrscore.images.tuning.proposal import ProposalSettings, propose_levels
from lrscore.images.tuning.search import Trial
from models.datasets.classes import CAMVID_CLASSES
from models.scenes import render_scene
from tests.ui.toy import ToyModel, toy_image
from ui.images.noise.ladder_panel import ladder_work
from ui.images.noise.work import (
    DRAWS,
    LEAST_TRIALS,
    MOST_TRIALS,
    VOTES,
    FoundLevels,
    best_trial,
    locality_work,
    pilot_example,
    plan_proposal,
    proposal_work,
)
from ui.images.request import Request
from ui.images.sources import Source
from ui.running.machine import ModelShelf

SOURCE = Source("Toy", "toy", toy_image(), None)
SETTINGS = ImageSettings(grid=(1, 2), level_min=0.1, level_max=0.1, samples=128)


class OnCpu(ToyModel):
    def to(self, device: str) -> OnCpu:
        return self


class OtherClasses(OnCpu):
    class_names = tuple(f"animal {number}" for number in range(11))


def finished(work):
    manager = JobManager()
    identity = manager.submit(work, owner="me", title="test")
    assert manager.wait(identity, 120)
    return manager.snapshot(identity, "me")


def shelf(model: type[OnCpu] = OnCpu) -> ModelShelf:
    return ModelShelf(lambda name: model())


def test_locality_shows_gradients_first_and_ends_with_the_measurement():
    job = finished(locality_work(SOURCE, (2, 2), "toy", shelf()))
    assert job.state is JobState.DONE, job.error
    assert job.partial.preview
    assert not job.result.preview
    assert job.result.source is SOURCE
    assert (job.done, job.total) == (1 + 4 * DRAWS, 1 + 4 * DRAWS)
    expected = measure_locality(
        ToyModel(), SOURCE.image, grid=(2, 2), draws=4000, generator=torch.Generator().manual_seed(9)
    )
    np.testing.assert_allclose(job.result.locality.influence, expected.influence, atol=0.06)


def test_a_model_without_gradients_is_measured_all_the_same():
    class Stepped(OnCpu):
        def __call__(self, batch: torch.Tensor) -> torch.Tensor:
            return super().__call__(batch.detach())

    job = finished(locality_work(SOURCE, (2, 2), "toy", shelf(Stepped)))
    assert job.state is JobState.DONE
    assert "no gradients" in job.remarks[0]
    assert job.result.locality.influence.max() > 0


def test_a_proposal_is_the_librarys_on_pilots_that_are_not_the_picture():
    plan = replace(plan_proposal(SETTINGS, "toy", "toy", 5, lambda passes: 1e9), trials=4)
    job = finished(proposal_work(plan, shelf()))
    assert job.state is JobState.DONE, job.error
    examples = [pilot_example(seed, CAMVID_CLASSES) for seed in plan.pilots]
    search = ProposalSettings(evaluations=4, votes=VOTES, seed=5)
    expected = propose_levels(ToyModel(), examples, SETTINGS, search)
    assert (job.result.before, job.result.after) == (expected.before, expected.after)
    assert job.published == job.result.tried == 4
    assert isinstance(job.partial, FoundLevels)
    assert job.partial.after == job.result.after, "the best so far at the end is the proposal"
    assert job.total == plan.passes


def test_pilots_are_never_the_certified_picture():
    plan = plan_proposal(SETTINGS, "toy", "scene:3000000", 0, lambda passes: 1.0)
    assert 3_000_000 not in plan.pilots
    assert len(set(plan.pilots)) == len(plan.pilots) == 2


@pytest.mark.parametrize(("seconds", "trials"), [(1e-3, MOST_TRIALS), (3.5, 20), (600.0, LEAST_TRIALS)])
def test_the_number_of_trials_follows_the_speed_of_the_device(seconds: float, trials: int):
    plan = plan_proposal(SETTINGS, "toy", "toy", 0, lambda passes: seconds)
    assert plan.trials == trials
    assert plan.passes_per_trial == 2 * VOTES * 2


def test_a_model_of_other_classes_is_refused_with_a_way_out():
    plan = plan_proposal(SETTINGS, "toy", "toy", 0, lambda passes: 1.0)
    job = finished(proposal_work(plan, shelf(OtherClasses)))
    assert job.state is JobState.FAILED
    assert "other classes than they" in job.error
    assert "python -m lrscore propose" in job.error


def test_pilots_are_on_the_lattice_and_renumbered_by_name():
    example, scene = pilot_example(3, tuple(reversed(CAMVID_CLASSES))), render_scene(3)
    np.testing.assert_array_equal(example.reference, 10 - scene.mask.astype(np.int64))
    np.testing.assert_allclose(example.image * 255, np.rint(example.image * 255), atol=1e-4)


def test_the_best_trial_is_as_accurate_as_the_start():
    start = Trial(((0.1,),), 0.2, 0.8)
    louder, finer = Trial(((0.9,),), 0.9, 0.79), Trial(((0.3,),), 0.3, 0.8)
    assert best_trial([start, louder]) is start
    assert best_trial([start, louder, finer]) is finer


def test_the_ladder_is_the_command_s():
    """The page's job and `python -m lrscore check` climb by one function, with the same numbers at the same seed."""
    found = finished(ladder_work(SOURCE, Request(SETTINGS, 3), shelf())).result
    expected = climb(OnCpu(), [Picture(SOURCE.image)], votes=16, generator=torch.Generator().manual_seed(3))
    assert list(found.rungs) == expected
    assert found.rungs[0].agreement == 1
