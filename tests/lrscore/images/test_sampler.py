"""The engine against slow loops and closed forms."""

import numpy as np
import pytest
import torch
from scipy import stats

from lrscore.errors import Cancelled, InputError
from lrscore.images.regions import GridRegions
from lrscore.images.sampler import ImageSampler
from lrscore.images.settings import ImageSettings
from lrscore.monitor import Monitor, Run
from lrscore.noise import additive_noise
from tests.lrscore.linear import Brightness, ramp, seeded

REGIONS = GridRegions(6, 10, 2, 2)
LEVELS = np.array([[0.1, 0.2, 0.3, 0.4], [0.2, 0.1, 0.4, 0.3], [0.3, 0.4, 0.1, 0.2], [0.4, 0.3, 0.2, 0.1]])


def sampler(model=None, levels=LEVELS, *, seed=0, batch_size=8, noise="gaussian"):
    grid = (1, 1) if levels.size == 1 else (2, 2)
    settings = ImageSettings(grid=grid, noise=noise, levels=levels.tolist(), batch_size=batch_size)
    return ImageSampler(
        model or Brightness(), torch.as_tensor(ramp(6, 10)), settings, Run.on("cpu", seeded(seed))
    )


def test_votes_match_a_loop_over_groups_samples_and_pixels():
    """The same noise, applied the slow way."""
    votes = sampler(seed=3).count_votes(8, Monitor(0))
    unit = additive_noise("gaussian").sample((8, 3, 6, 10), seeded(3)).numpy()
    image, index = ramp(6, 10), REGIONS.index_map()
    slow = np.zeros((6, 10, 2), dtype=int)
    for sample in range(8):
        for row in range(6):
            for col in range(10):
                noisy = (
                    image[:, row, col] + unit[sample, :, row, col] * LEVELS[index[row, col], index[row, col]]
                )
                slow[row, col, int(noisy.mean() > 0.5)] += 1
    np.testing.assert_array_equal(votes, slow)


class Leaky:
    """Looks at one far corner only: label 1 where the top left pixel is brighter than 1/2."""

    def __call__(self, batch):
        margin = (batch[:, :1, :1, :1] - 0.5).expand(-1, 1, *batch.shape[2:])
        return torch.cat([-margin, margin], dim=1)


def test_each_group_sees_its_own_level_on_a_far_region():
    """Group i sees region 0 with level LEVELS[i, 0]: the share of label 1 gives it away."""
    samples = 6000
    votes = sampler(Leaky(), batch_size=500).count_votes(samples, Monitor(0))
    for group in range(4):
        cell = votes[REGIONS.slices(group)]
        share = cell[0, 0, 1] / samples
        expected = stats.norm.cdf(-0.5 / LEVELS[group, 0])
        assert abs(share - expected) < 4 * np.sqrt(expected * (1 - expected) / samples) + 1e-3
        assert (cell == cell[0, 0]).all()


HALVES = np.repeat([[0.1, 0.2, 0.3, np.inf], [0.3, 0.1, 0.2, 0.2]], [3, 1], axis=0)[[0, 3, 1, 2]]


def test_groups_with_equal_levels_share_their_copies_and_count_as_they_would_alone():
    """Groups 0, 2, 3 have equal rows: two passes a batch instead of four, and the counts of a loop over groups."""
    calls = []

    class Spy(Brightness):
        def __call__(self, batch):
            calls.append(len(batch))
            return super().__call__(batch)

    assert sampler(levels=HALVES).alike == [[0, 2, 3], [1]]
    labels = np.zeros((6, 10), dtype=int)
    reports = []
    monitor = Monitor(80, progress=lambda done, total: reports.append(done))
    together = sampler(Spy(), HALVES, seed=4).count_agreements(labels, 20, monitor)
    assert len(calls) == 2 + 3 * 2  # two looks at the clean image; batches of 8, two distributions
    assert reports[-1] == 80  # every group has its 20 samples
    alone = np.zeros_like(together)
    for group in range(4):
        own = sampler(Spy(), HALVES, seed=4).count_agreements(labels, 20, Monitor(0), [group])
        assert (own[REGIONS.index_map() != group] == 0).all()
        alone += own
    np.testing.assert_array_equal(together, alone)
    assert len(np.unique(together)) > 5


def test_isotropic_levels_on_a_grid_cost_one_set_of_samples_and_count_like_one_cell():
    calls = []

    class Spy(Brightness):
        def __call__(self, batch):
            calls.append(len(batch))
            return super().__call__(batch)

    votes = sampler(Spy(), np.full((4, 4), 0.2), seed=1).count_votes(16, Monitor(0))
    assert len(calls) == 2 + 2  # two looks at the clean image
    single = sampler(levels=np.array([[0.2]]), seed=1)
    np.testing.assert_array_equal(votes, single.count_votes(16, Monitor(0)))


def test_blanked_regions_reach_the_model_as_zeros():
    seen = []

    class Spy(Brightness):
        def __call__(self, batch):
            seen.append(batch.clone())
            return super().__call__(batch)

    levels = np.where(np.eye(4, dtype=bool), 0.1, np.inf)
    sampler(Spy(), levels, batch_size=2).count_votes(2, Monitor(0))
    assert len(seen) == 2 + 4  # two looks at the clean image
    for group, batch in enumerate(seen[2:]):
        outside = REGIONS.index_map() != group
        assert (batch[:, :, outside] == 0).all()
        assert (batch[:, :, ~outside] != 0).all()


def test_same_seed_same_counts_and_batch_sizes_agree_in_law():
    first, second = (sampler(seed=5).count_votes(40, Monitor(0)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, sampler(seed=6).count_votes(40, Monitor(0)))


def test_every_pass_that_counts_has_the_same_batch_size():
    """The first two, of the clean picture, tell classes, labels and whether copies depend on each other; nothing of
    them is counted."""
    sizes = []

    class Spy(Brightness):
        def __call__(self, batch):
            sizes.append(batch.shape[0])
            return super().__call__(batch)

    votes = sampler(Spy(), batch_size=8).count_votes(21, Monitor(0))
    assert sizes == [2, 2] + 3 * 4 * [8]  # three batches of four groups
    assert (votes.sum(axis=2) == 21).all()


def test_agreements_count_votes_for_the_given_label():
    votes = sampler(seed=9).count_votes(50, Monitor(0))
    labels = votes.argmax(axis=2)
    agreements = sampler(seed=9).count_agreements(labels, 50, Monitor(0))
    # count_votes looks at the clean image before it draws; that draws nothing
    np.testing.assert_array_equal(agreements, votes.max(axis=2))


def test_ties_between_scores_go_to_the_first_class():
    class Tie:
        def __call__(self, batch):
            return torch.zeros(batch.shape[0], 5, *batch.shape[2:])

    assert (sampler(Tie()).count_votes(4, Monitor(0))[..., 0] == 4).all()


@pytest.mark.parametrize("level", [0.1, 0.3, 0.7])
def test_levels_are_never_rounded_down(level):
    """The nearest float32 of 0.7 lies below it. Unit noise of ones on a black image shows the level itself."""
    seen = []

    class Spy(Brightness):
        def __call__(self, batch):
            seen.append(batch.double().numpy())
            return super().__call__(batch)

    assert float(np.float32(0.7)) < 0.7
    copies = sampler(Spy(), np.full((4, 4), level)).copies
    copies.scores(torch.zeros(3, 6, 10), torch.ones(1, 3, 6, 10), 0)
    assert (seen[-1] >= level).all()
    assert seen[-1].max() < level * (1 + 1e-6)


def test_progress_counts_copies_and_cancel_stops_between_batches():
    reports = []
    monitor = Monitor(
        4 * 10, progress=lambda done, total: reports.append((done, total)), cancel=lambda: len(reports) > 2
    )
    with pytest.raises(Cancelled):
        sampler(batch_size=4).count_votes(10, monitor)
    assert reports == [(4, 40), (8, 40), (12, 40)]


def failing(result):
    class Model:
        def __call__(self, batch):
            if isinstance(result, Exception):
                raise result
            return result(batch)

    return Model()


@pytest.mark.parametrize(
    ("model", "text"),
    [
        (failing(lambda b: b[:, 0]), "must return scores"),
        (failing(lambda b: b[:, :1]), "at least 2 classes"),
        (failing(lambda b: b[:, :, :3]), "must return scores"),
        (failing(lambda b: b * torch.nan), "not finite"),
        (failing(lambda b: b.numpy()), "must return a tensor"),
        (
            failing(RuntimeError("expected 4 channels\nlong trace")),
            "cannot take a batch .*: expected 4 channels$",
        ),
    ],
)
def test_what_a_model_does_wrong_is_one_sentence(model, text):
    with pytest.raises(InputError, match=text):
        sampler(model).count_votes(4, Monitor(0))


def test_running_out_of_memory_is_not_disguised():
    with pytest.raises(torch.OutOfMemoryError):
        sampler(failing(torch.OutOfMemoryError("full"))).count_votes(4, Monitor(0))
