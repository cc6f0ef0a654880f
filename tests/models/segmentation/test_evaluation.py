"""Confusion counts, votes and locality against slow definitions and models whose answer is known."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from lrscore.images.regions import GridRegions
from models.datasets.classes import VOID
from models.segmentation import evaluate
from models.segmentation.checkpoint import save_checkpoint
from models.segmentation.evaluation.confusion import Confusion
from models.segmentation.evaluation.locality import measure_locality
from models.segmentation.evaluation.smoothed import (
    isotropic_scores,
    localized_scores,
    pyramid_scores,
    single_pass_scores,
    view_scores,
)
from models.segmentation.evaluation.speed import passes_per_second
from models.segmentation.street_unet import StreetUNet, StreetUNetConfig
from models.segmentation.street_views import StreetViews, StreetViewsConfig
from models.segmentation.training.data import LabelledImages
from tests.models.datasets.test_camvid import write_frames


def test_iou_against_sets_of_pixels() -> None:
    random = np.random.default_rng(0)
    masks = random.choice([0, 1, 2, VOID], size=(6, 7))
    labels = random.integers(4, size=(6, 7))
    confusion = Confusion.of(masks, labels, 4)
    ious = []
    for label in range(4):
        true = {place for place in np.ndindex(6, 7) if masks[place] == label}
        said = {place for place in np.ndindex(6, 7) if labels[place] == label and masks[place] != VOID}
        ious.append(len(true & said) / len(true | said) if true else np.nan)
    np.testing.assert_allclose(confusion.iou, ious)
    assert np.isnan(ious[3])
    assert confusion.mean_iou == pytest.approx(sum(ious[:3]) / 3)
    assert confusion.accuracy == pytest.approx((masks == labels)[masks != VOID].mean())
    assert ((confusion + confusion).counts == 2 * confusion.counts).all()


def bright_is_sky(images: Tensor) -> Tensor:
    """Class 0 where a pixel is brighter than 1/2, else class 1."""
    brightness = images.mean(dim=1, keepdim=True) - 0.5
    others = torch.full((len(images), 9, *images.shape[-2:]), -10.0)
    return torch.cat([brightness, -brightness, others], dim=1)


def pictures(bright: int, dark: int) -> LabelledImages:
    """Left half bright (class 0), right half dark (class 1)."""
    images = torch.full((1, 3, 30, 40), dark, dtype=torch.uint8)
    images[..., :20] = bright
    masks = torch.ones((1, 30, 40), dtype=torch.uint8)
    masks[..., :20] = 0
    return LabelledImages(images, masks)


def test_votes_beat_single_passes() -> None:
    faint = pictures(140, 115)
    assert single_pass_scores(bright_is_sky, faint, level=0.0).accuracy == 1
    single = single_pass_scores(bright_is_sky, faint, level=0.1)
    voted = isotropic_scores(bright_is_sky, faint, level=0.1, votes=65)
    # The mean of three channels has deviation 0.1 / sqrt(3) = 0.058 against a margin of 0.049: 80 % right in a pass.
    assert 0.7 < single.accuracy < 0.9
    assert voted.accuracy > 0.99


def test_localized_votes_use_the_low_level_at_home() -> None:
    faint = pictures(140, 115)
    home = localized_scores(bright_is_sky, faint, grid=(2, 2), levels=(0.001, 5.0), votes=1)
    assert home.accuracy == 1
    assert home.counts.sum() == 30 * 40


def test_votes_of_two_views_draw_each_at_its_level() -> None:
    """A model that reads the near view is right under little near noise, one that reads the far view is lost."""

    class Reader:
        def __init__(self, which: int) -> None:
            self.which = which

        def two_views(self, near: Tensor, far: Tensor, regions: GridRegions) -> Tensor:
            assert (regions.rows, regions.cols) == (2, 3)
            return bright_is_sky((near, far)[self.which])

    faint = pictures(140, 115)
    near, far = (view_scores(Reader(which), faint, near=0.001, far=5.0, votes=3) for which in (0, 1))
    assert near.accuracy == 1
    assert far.accuracy < 0.6


def test_votes_of_a_pyramid_draw_every_view_at_its_level() -> None:
    """Which view a model reads decides how much noise it sees: as much more as that view is averaged over."""
    asked: list[Sequence[float]] = []

    class Reader:
        pools = (1, 40)

        def __init__(self, which: int) -> None:
            self.which = which

        def views(self, copies: Sequence[Tensor], levels: Sequence[float]) -> Tensor:
            asked.append(levels)
            assert not torch.equal(copies[0] / levels[0], copies[1] / levels[1])
            return bright_is_sky(copies[self.which])

    faint = pictures(140, 115)
    fine, rough = (pyramid_scores(Reader(which), faint, level=0.1, votes=65) for which in (0, 1))
    assert asked[0] == [0.1, 4.0]
    assert fine.accuracy > 0.99
    assert rough.accuracy < 0.65
    once = pyramid_scores(Reader(0), faint, level=0.1)
    assert 0.7 < once.accuracy < 0.9  # as one isotropic pass, above


def test_a_pyramid_without_noise_is_one_pass() -> None:
    class Reader:
        pools = (1, 4)
        passes = 0

        def views(self, copies: Sequence[Tensor], levels: Sequence[float]) -> Tensor:
            assert list(levels) == [0.0, 0.0]
            self.passes += len(copies[0])
            return bright_is_sky(copies[1])

    reader = Reader()
    assert pyramid_scores(reader, pictures(140, 115), level=0.0, votes=64).accuracy == 1
    assert reader.passes == 1


def test_a_pointwise_model_is_perfectly_local() -> None:
    locality = measure_locality(bright_is_sky, pictures(140, 115), grid=(2, 3), level=0.3)
    assert locality.distances == (0, 1, 2)
    assert locality.changed[0] > 0.2
    assert (locality.changed[1:] == 0).all()


def test_a_global_model_is_not_local() -> None:
    def mean_brightness(images: Tensor) -> Tensor:
        return bright_is_sky(images.mean(dim=(2, 3), keepdim=True).expand_as(images))

    near_half = pictures(128, 127)
    locality = measure_locality(mean_brightness, near_half, grid=(2, 3), level=0.5, draws=16)
    assert (locality.changed > 0.1).all()


def test_speed_is_a_rate() -> None:
    speed = passes_per_second(bright_is_sky, size=(16, 16), batch_size=2, seconds=0.01)
    assert speed.network > 0
    assert speed.complete > 0


@pytest.mark.parametrize("kind", ["street", "views"])
def test_the_command_line_scores_all_three_sets(kind: str, tmp_path: Path) -> None:
    for split in ("train", "val"):
        write_frames(tmp_path, mask_shape=(32, 48), picture_shape=(32, 48), split=split)
    weights, numbers = tmp_path / "net.safetensors", tmp_path / "numbers.json"
    sizes = StreetUNetConfig(widths=(4, 8, 8, 16), blocks=(1, 1), dilations=(1,))
    small = StreetUNet(sizes) if kind == "street" else StreetViews(StreetViewsConfig(**asdict(sizes)))
    save_checkpoint(small, weights, training="not at all")
    evaluate.main(
        [
            *(
                "--data-root",
                str(tmp_path),
                "--weights",
                str(weights),
                "--json",
                str(numbers),
                "--scenes",
                "1",
            ),
            *(
                "--votes",
                "1",
                "--localized-votes",
                "1",
                "--threads",
                str(torch.get_num_threads()),
                "--seconds",
                "0.1",
            ),
        ]
    )
    stored = json.loads(numbers.read_text())
    for title, pictures in (("held-out drive 0006R0", 1), ("CamVid val", 3), ("fresh procedural scenes", 1)):
        assert stored[title]["pictures"] == pictures
        if kind == "views":
            assert set(stored[title]["smoothed, views"]) == {"0.05", "0.1", "0.25", "0.6", "0.9"}
            assert 0 <= stored[title]["one noisy pass, views"]["0.9"] <= 1
            continue
        assert set(stored[title]["smoothed"]) == {"0.1", "0.2", "0.3"}
        assert 0 <= stored[title]["smoothed, localized 0.1:0.3"] <= 1
    assert stored["passes a second"]["network"] > 0
