"""Other seeds: each is certified as a run of its own would be, and mean and range are theirs."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from jobs import JobManager
from lrscore import certify_image
from tests.ui.toy import ToyModel, toy_certificate, toy_image
from ui.certification.repeats import Repeat, RepeatStore, Spread, other_seeds, repeat_work
from ui.images.repeats import proven_count, repeat_run
from ui.running.machine import ModelShelf, Pacemaker


def test_seeds_are_new_ones():
    assert other_seeds(0, 3) == [1, 2, 3]
    assert other_seeds(5, 3, known=(6, 8)) == [7, 9, 10]


def test_a_repeat_is_what_a_run_with_that_seed_gives(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ModelShelf, "get", lambda self, name, device: ToyModel())
    certificate = toy_certificate(grid=(2, 2), samples=64)
    store, key = RepeatStore(), ("toy", certificate.settings, "seeds")
    run = partial(repeat_run, certificate, "toy", ModelShelf(), Pacemaker())
    work = repeat_work(certificate, (7, 8), run, lambda repeat: store.add(key, repeat))
    manager = JobManager()
    identity = manager.submit(work, owner="a", title="seeds")
    assert manager.wait(identity, 60)
    assert manager.close(10)
    found = sorted(store.found(key), key=lambda repeat: repeat.seed)
    assert [repeat.seed for repeat in found] == [7, 8]
    settings = found[0].certificate.settings
    assert (
        replace(settings, batch_size=None) == certificate.settings
    )  # what the page adds is the size of a batch
    alone = certify_image(ToyModel(), toy_image(), settings, generator=torch.Generator().manual_seed(7))
    assert np.array_equal(found[0].certificate.agreements, alone.agreements)
    assert not np.array_equal(found[0].certificate.agreements, found[1].certificate.agreements)
    assert isinstance(found[0], Repeat)


def test_other_weights_make_no_repeat(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ModelShelf, "get", lambda self, name, device: ToyModel())
    certificate = toy_certificate(grid=(2, 2), samples=64)
    changed = replace(certificate, provenance={**certificate.provenance, "model_digest": "another"})
    found = []
    run = partial(repeat_run, changed, "toy", ModelShelf(), Pacemaker())
    like = {"model_digest": "of the toy"}
    monkeypatch.setattr(ToyModel, "digest", like["model_digest"], raising=False)
    manager = JobManager()
    identity = manager.submit(repeat_work(changed, (7,), run, found.append), owner="a", title="seeds")
    assert manager.wait(identity, 60)
    snapshot = manager.snapshot(identity, "a")
    assert manager.close(10)
    assert found == []
    assert "other weights" in str(snapshot and snapshot.error)


def test_mean_and_range():
    assert (Spread((3, 5, 10)).mean, Spread((3, 5, 10)).lowest, Spread((3, 5, 10)).highest) == (6, 3, 10)
    certificate = toy_certificate()
    expected = certificate.collective(np.array([0.1**2]), "envelope", certificate.correct()).certified[0]
    assert proven_count(certificate, 0.1, "correct") == expected
    everything = certificate.collective(np.array([0.1**2]), "envelope").certified[0]
    assert proven_count(certificate, 0.1, "all") == everything > expected
