"""What leaves the device: one copy a look, never of scores that are not finite, never of the clean picture."""

import numpy as np
import pytest
import torch

from lrscore import batches
from lrscore.errors import InputError
from lrscore.images.attack.attack import attack_image
from lrscore.images.attack.settings import AttackSettings
from lrscore.images.baselines.center import CenterSettings
from lrscore.images.baselines.center_sampling import center_smooth
from lrscore.images.certify import certify_image
from lrscore.images.sampler import ImageSampler
from lrscore.images.settings import ImageSettings
from lrscore.monitor import Monitor, Run
from tests.lrscore.host_reads import HostReads
from tests.lrscore.linear import Brightness, ramp, seeded

IMAGE = torch.as_tensor(ramp(6, 10))


def sampler(model=None, *, levels=(0.1, 0.4), grid=(2, 2), seed=0):
    settings = ImageSettings(grid=grid, level_min=levels[0], level_max=levels[1], batch_size=4)
    return ImageSampler(model or Brightness(), IMAGE, settings, Run.on("cpu", seeded(seed)))


def reads(work):
    with HostReads() as counted:
        work()
    return counted.total


def test_the_counter_sees_what_waits():
    values, other = torch.arange(6.0), torch.arange(3.0)
    with HostReads() as counted:
        values.cpu()
        values.tolist()
        float(values[0])
        bool(values[1] > 0)
        values[values > 2]
        other.numpy()
        values.add(1)
    assert counted.total == 6
    with HostReads() as counted:
        values.cpu().numpy()
    assert counted.total == 1


LOOKS = {
    "votes": lambda asked, samples: asked.count_votes(samples, Monitor(0)),
    "agreements": lambda asked, samples: asked.count_agreements(
        np.zeros((6, 10), dtype=int), samples, Monitor(0)
    ),
    "maps": lambda asked, samples: asked.label_maps(samples, Monitor(0)),
    "changes": lambda asked, samples: asked.count_changes(np.zeros((6, 10), dtype=int), samples, Monitor(0)),
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_a_look_reads_the_device_once_however_many_batches_it_takes(look):
    one, many = sampler(grid=(1, 1)), sampler(grid=(1, 1))
    assert reads(lambda: look(one, 4)) == 1
    assert reads(lambda: look(many, 40)) == 1


def test_localized_groups_read_no_more_than_one_group():
    asked = sampler()
    assert reads(lambda: asked.count_votes(24, Monitor(0))) == 1


def test_a_whole_certificate_reads_as_often_for_many_batches_as_for_few():
    def certify(samples):
        settings = ImageSettings(grid=(2, 2), pilot_samples=samples, samples=samples, batch_size=4)
        return reads(lambda: certify_image(Brightness(), IMAGE, settings, generator=seeded()))

    assert certify(8) == certify(80)


def test_center_smoothing_reads_as_often_for_many_batches_as_for_few():
    def smooth(samples):
        settings = CenterSettings(level=0.1, center_samples=samples, samples=samples)
        return reads(lambda: center_smooth(Brightness(), IMAGE, settings, generator=seeded(), batch_size=4))

    assert smooth(40) == smooth(400)


def test_an_attack_reads_once_a_step_however_many_copies_it_takes():
    settings = ImageSettings(grid=(2, 2), pilot_samples=64, samples=400, batch_size=40)
    certificate = certify_image(Brightness(), IMAGE, settings, generator=seeded())

    def attack(copies, samples):
        chosen = AttackSettings(
            epsilon=0.4, copies=copies, steps=3, batch_size=2, pilot_samples=samples, samples=samples
        )
        return reads(lambda: attack_image(Brightness(), certificate, chosen, generator=seeded()))

    assert attack(2, 40) == attack(8, 400)


class Spoiled(Brightness):
    """Not finite in one score of one pass: the last pixel of the last copy."""

    def __init__(self, value, spoiled_pass):
        self.value, self.spoiled_pass, self.passes = value, spoiled_pass, 0

    def __call__(self, batch):
        scores = super().__call__(batch).clone()
        self.passes += 1
        if self.passes == self.spoiled_pass:
            scores[-1, -1, -1, -1] = self.value
        return scores


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("spoiled", [3, 4, 12])
@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_no_count_leaves_if_any_score_of_the_look_was_not_finite(look, value, spoiled):
    """Passes 3 to 12 are the ten of the look; the first two look at the clean picture."""
    asked = sampler(Spoiled(value, spoiled), grid=(1, 1))
    with pytest.raises(InputError, match="not finite"):
        look(asked, 40)
    with pytest.raises(InputError, match="not finite"):  # nor does a later one
        look(asked, 40)


def test_scores_outside_of_the_group_that_is_asked_must_be_finite_as_well():
    asked = sampler(Spoiled(np.nan, 3))
    with pytest.raises(InputError, match="not finite"):
        asked.count_votes(12, Monitor(0), [0])


def test_an_attack_refuses_scores_that_are_not_finite():
    settings = ImageSettings(grid=(1, 1), pilot_samples=64, samples=400, batch_size=40)
    certificate = certify_image(Brightness(), IMAGE, settings, generator=seeded())
    chosen = AttackSettings(epsilon=0.4, copies=4, steps=2, batch_size=2)
    with pytest.raises(InputError, match="not finite"):
        attack_image(Spoiled(np.nan, 3), certificate, chosen, generator=seeded())


@pytest.mark.parametrize("low", [-torch.finfo(torch.float32).max, -1e30])
def test_huge_scores_are_finite(low):
    """Models that rule a class out by the least number there is: a sum of them overflows."""

    class Masked(Brightness):
        class_names = ("dark", "bright", "never")

        def __call__(self, batch):
            scores = super().__call__(batch)
            return torch.cat([scores, torch.full_like(scores[:, :1], low)], dim=1)

    votes = sampler(Masked(), seed=2).count_votes(20, Monitor(0))
    assert (votes[..., 2] == 0).all()
    np.testing.assert_array_equal(votes[..., :2], sampler(seed=2).count_votes(20, Monitor(0)))


def test_the_look_at_the_clean_picture_is_never_counted():
    """Class 2 wins where the clean copy comes first, and nowhere else."""

    class Clean(Brightness):
        class_names = ("dark", "bright", "never")

        def __call__(self, batch):
            scores = super().__call__(batch)
            clean = bool((batch[0] == IMAGE).all())
            return torch.cat([scores, torch.full_like(scores[:, :1], 9.0 if clean else -9.0)], dim=1)

    asked = sampler(Clean())
    assert (asked.copies.unsmoothed == 2).all()
    votes = asked.count_votes(24, Monitor(0))
    assert (votes[..., 2] == 0).all()
    assert (votes.sum(axis=2) == 24).all()
    assert not asked.count_agreements(np.full((6, 10), 2), 24, Monitor(0)).any()


def test_counts_do_not_wrap_around(monkeypatch):
    with pytest.raises(InputError, match="at most 2147483647"):
        sampler().count_votes(2**31, Monitor(0))
    monkeypatch.setattr(batches, "MOST_COPIES", 8)
    sampler().count_agreements(np.zeros((6, 10), dtype=int), 8, Monitor(0))
    with pytest.raises(InputError, match="at most 8"):
        sampler().count_agreements(np.zeros((6, 10), dtype=int), 9, Monitor(0))


@pytest.mark.parametrize("classes", [2, 255, 256, 257, 300])
def test_label_maps_hold_every_class(classes):
    class Many:
        def __call__(self, batch):
            level = batch.mean(dim=1, keepdim=True)
            return -(level * classes - torch.arange(classes)[None, :, None, None]).abs()

    maps = sampler(Many(), grid=(1, 1), levels=(0.5, 0.5), seed=1).label_maps(40, Monitor(0))
    again = sampler(Many(), grid=(1, 1), levels=(0.5, 0.5), seed=1)
    slow = [labels.flatten(1) for _, labels in again.predictions(40, Monitor(0))]
    np.testing.assert_array_equal(maps, torch.cat(slow).numpy())
    assert maps.max() == classes - 1
