"""The work of a job: published certificates, seeds, smaller batches, files, estimates."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from jobs import JobManager, JobSnapshot, JobState
from lrscore import ImageSettings
from lrscore.files import load_certificate
from models.datasets.classes import CAMVID_CLASSES
from models.segmentation.names import two_view_cost
from tests.ui.toy import ToyModel, toy_image, toy_mask
from ui.images.models import BUNDLED, model_to_load
from ui.images.runs import RunRequest, certification_work
from ui.images.sources import Source
from ui.running.machine import PASSES_PER_SECOND, ModelShelf, Pacemaker

SETTINGS = ImageSettings(grid=(1, 2), pilot_samples=16, samples=64, correction="anytime")


class Shelf(ModelShelf):
    """Hands out one model, whatever is asked for."""

    def __init__(self, model: object) -> None:
        super().__init__()
        self._model = model

    def get(self, name: str, device: str):
        return self._model


def source() -> Source:
    return Source("Toy street", "toy", toy_image(24, 32), toy_mask(24, 32))


def run(request: RunRequest, model: object | None = None, pacemaker: Pacemaker | None = None) -> JobSnapshot:
    manager = JobManager()
    work = certification_work(request, Shelf(model or ToyModel()), pacemaker or Pacemaker())
    identity = manager.submit(work, owner="me", title=request.title)
    assert manager.wait(identity, 60)
    return manager.snapshot(identity, "me")


def test_every_look_is_published_and_the_last_one_is_the_result(tmp_path: Path):
    request = RunRequest(source(), SETTINGS, 3, "toy", tmp_path)
    snapshot = run(request)
    assert snapshot.state is JobState.DONE, snapshot.error
    looks = len(SETTINGS.plan(24 * 32).looks)
    assert snapshot.published == 2 + looks - 1, "the first look group by group, then all together"
    assert snapshot.result is snapshot.partial
    assert snapshot.done == snapshot.total == request.work == 2 * (16 + 64)
    assert int(snapshot.result.trials.min()) == 64
    assert np.array_equal(snapshot.result.reference, toy_mask(24, 32))
    assert snapshot.result.provenance["title"] == "toy"


def test_the_result_is_kept_in_a_file_named_by_the_job(tmp_path: Path):
    snapshot = run(RunRequest(source(), SETTINGS, 3, "toy", tmp_path / "mine"))
    stored = load_certificate(tmp_path / "mine" / f"{snapshot.identity}.nc")
    assert np.array_equal(stored.agreements, snapshot.result.agreements)


def test_a_file_that_can_not_be_written_costs_only_the_file():
    snapshot = run(RunRequest(source(), SETTINGS, 3, "toy", Path("/dev/full/folder")))
    assert snapshot.state is JobState.DONE
    assert "could not be stored" in snapshot.remarks[0]


def test_the_seed_decides_the_counts():
    first, same, other = (run(RunRequest(source(), SETTINGS, seed, "toy")).result for seed in (3, 3, 4))
    assert np.array_equal(first.agreements, same.agreements)
    assert not np.array_equal(first.agreements, other.agreements)


def test_running_out_of_memory_halves_the_batch_and_says_so():
    class Hungry(ToyModel):
        def __call__(self, batch: torch.Tensor) -> torch.Tensor:
            if len(batch) > 4:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return super().__call__(batch)

    snapshot = run(RunRequest(source(), SETTINGS, 3, "toy"), Hungry())
    assert snapshot.state is JobState.DONE, snapshot.error
    assert snapshot.result.provenance["batch_size"] == "4"
    assert [remark.split(";")[1].strip() for remark in snapshot.remarks] == [
        "continued with 8.",
        "continued with 4.",
    ]
    assert snapshot.done == snapshot.total


def test_bad_input_is_one_sentence():
    nan = replace(source(), image=np.full((3, 24, 32), np.nan, dtype=np.float32))
    snapshot = run(RunRequest(nan, SETTINGS, 0, "toy"))
    assert (snapshot.state, snapshot.error) == (
        JobState.FAILED,
        "image must hold finite values, got NaN or infinity",
    )
    too_fine = replace(SETTINGS, grid=(40, 1))
    assert "larger than the image" in run(RunRequest(source(), too_fine, 0, "toy")).error


def test_estimates_follow_the_measured_rate():
    pacemaker = Pacemaker()
    assert pacemaker.seconds("cpu", 180 * 240, 300) == pytest.approx(300 / PASSES_PER_SECOND["cpu"])
    assert pacemaker.seconds("cpu", 90 * 120, 300) == pytest.approx(300 / PASSES_PER_SECOND["cpu"] / 4)
    pacemaker.note("cpu", 180 * 240, 1000, 4.0)
    assert pacemaker.seconds("cpu", 180 * 240, 500) == pytest.approx(500 / (1000 / 4.0))
    assert pacemaker.seconds("cuda:0", 180 * 240, 4000) == pytest.approx(1.0)
    run(RunRequest(source(), SETTINGS, 0, "toy"), pacemaker=pacemaker)
    assert pacemaker.seconds("cpu", 180 * 240, 500) != pytest.approx(500 / (1000 / 4.0))


def test_titles_are_for_people():
    assert RunRequest(source(), SETTINGS, 0, "toy").title == "Toy street · 1×2 · 0.1 to 0.3 · 64 samples"


def test_a_reference_of_other_classes_is_not_attached_and_said():
    class Pets(ToyModel):
        class_names = tuple(f"pet {number}" for number in range(11))

    named = replace(source(), class_names=CAMVID_CLASSES)
    snapshot = run(RunRequest(named, SETTINGS, 3, "toy"), Pets())
    assert snapshot.result.reference is None
    assert "The model's classes are not those of the picture's reference labels" in snapshot.remarks[0]
    same = run(RunRequest(named, SETTINGS, 3, "toy"))
    assert np.array_equal(same.result.reference, toy_mask(24, 32))
    assert not same.remarks


def test_a_model_with_the_same_classes_in_another_order_gets_them_renumbered():
    class Reversed(ToyModel):
        class_names = tuple(reversed(CAMVID_CLASSES))

        def __call__(self, batch: torch.Tensor) -> torch.Tensor:
            return super().__call__(batch).flip(1)

    named = replace(source(), class_names=CAMVID_CLASSES)
    turned = run(RunRequest(named, SETTINGS, 3, "toy"), Reversed()).result
    plain = run(RunRequest(named, SETTINGS, 3, "toy")).result
    assert plain.correct().mean() > 0.5
    assert abs(turned.correct().mean() - plain.correct().mean()) < 0.02, (
        "equal but for ties of the pilot votes"
    )


def test_two_views_have_a_network_of_their_own_and_one_set_of_copies():
    views = replace(SETTINGS, two_views=True)
    assert (model_to_load(BUNDLED, SETTINGS), model_to_load(BUNDLED, views)) == (
        "street-unet",
        "street-two-view",
    )
    assert RunRequest(source(), SETTINGS, 0, "toy").work == 2 * (16 + 64)
    height, width = source().image.shape[1:]
    cost = two_view_cost(height, width, views.grid)
    assert RunRequest(source(), views, 0, "toy").work == round(cost * (16 + 64))
