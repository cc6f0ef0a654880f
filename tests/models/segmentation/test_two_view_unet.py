"""The network of two views: what a tile can see, odd sizes, files, training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from lrscore.errors import InputError
from lrscore.images.leaks import refuse_leaks
from lrscore.images.regions import GridRegions
from lrscore.images.views import TwoViewModel, reader_for
from lrscore.images.windows import View
from models.datasets.classes import CAMVID_CLASSES, CAMVID_PALETTE
from models.segmentation.checkpoint import load_checkpoint, save_checkpoint
from models.segmentation.model import SegmentationModel, TwoViewSegmentationModel
from models.segmentation.names import TWO_VIEW_COST, two_view_cost
from models.segmentation.street_unet import StreetUNet
from models.segmentation.training.loop import Trainer
from models.segmentation.two_view_unet import TwoViewConfig, TwoViewUNet
from tests.models.segmentation.test_training import QUICK, SMALL, halves

TINY = TwoViewConfig(tile=SMALL, context=(4, 8, 8))


def network(seed: int = 0) -> TwoViewUNet:
    torch.manual_seed(seed)
    built = TwoViewUNet(TINY)
    for module in built.modules():  # untrained normalisations would hide a wrong fusion
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.2, 0.2)
            module.running_var.uniform_(0.5, 2.0)
    return built.eval()


@pytest.mark.parametrize(("size", "grid"), [((48, 64), (2, 3)), ((37, 53), (3, 5)), ((40, 33), (1, 1))])
@torch.inference_mode()
def test_a_tile_sees_its_own_near_view_and_the_whole_far_view(
    size: tuple[int, int], grid: tuple[int, int]
) -> None:
    model, regions = network(), GridRegions(*size, *grid)
    random = torch.Generator().manual_seed(1)
    near, far = (torch.rand((2, 3, *size), generator=random) for _ in range(2))
    before = model.two_views(near, far, regions)
    assert before.shape == (2, 11, *size)
    for region in range(regions.count):
        own = torch.zeros(size, dtype=torch.bool)
        own[regions.slices(region)] = True
        changed = torch.where(own, 1 - near, near)
        moved = (model.two_views(changed, far, regions) - before).abs().amax(dim=(0, 1))
        assert moved[own].max() > 0
        assert moved[~own].numel() == 0 or moved[~own].max() == 0  # to the bit
    moved = (model.two_views(near, far.flip(3), regions) - before).abs().amax(dim=(0, 1))
    assert (moved > 0).float().mean() > 0.9
    views = [View(0, 0.3), View(None, 1.0)]
    refuse_leaks(reader_for(model, regions, views), near[0], regions, views)


@torch.inference_mode()
def test_called_with_one_batch_it_reads_both_views_from_it() -> None:
    model, images = network(), torch.rand(1, 3, 48, 80)
    expected = model.two_views(images, images, GridRegions(48, 80, 3, 5))
    torch.testing.assert_close(model(images), expected)


@torch.inference_mode()
def test_fusing_changes_scores_by_rounding_only() -> None:
    model, images = network(), torch.rand(1, 3, 48, 64)
    expected = model(images)
    torch.testing.assert_close(model.fuse()(images), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("size", [(120, 160), (180, 240)])
@pytest.mark.parametrize("grid", [(2, 3), (3, 5), (5, 7)])
def test_a_pair_of_views_costs_what_is_charged(size: tuple[int, int], grid: tuple[int, int]) -> None:
    def work(call: Callable[[], torch.Tensor]) -> int:
        with torch.inference_mode(), FlopCounterMode(display=False) as counter:
            call()
        return counter.get_total_flops()

    two, one, images = TwoViewUNet().eval(), StreetUNet().eval(), torch.rand(1, 3, *size)
    pair = work(lambda: two.two_views(images, images, GridRegions(*size, *grid)))
    ratio = pair / work(lambda: one(images))
    assert ratio == pytest.approx(two_view_cost(*size, grid), rel=0.03)
    if grid in ((2, 3), (3, 5)):
        assert 1 < ratio <= TWO_VIEW_COST


def test_a_checkpoint_brings_the_network_back(tmp_path: Path) -> None:
    model, path = network(), tmp_path / "views.safetensors"
    save_checkpoint(model, path, training="none")
    stored = load_checkpoint(path)
    assert isinstance(stored.network, TwoViewUNet)
    assert stored.network.config == TINY
    images = torch.rand(1, 3, 48, 64)
    torch.testing.assert_close(stored.network(images), model(images), rtol=0, atol=0)


def test_only_the_segmentation_model_of_two_views_is_one() -> None:
    def facts() -> dict[str, object]:
        return {"name": "m", "class_names": CAMVID_CLASSES, "palette": CAMVID_PALETTE, "digest": "d"}

    one = SegmentationModel(StreetUNet(SMALL), **facts())  # type: ignore[arg-type]
    two = TwoViewSegmentationModel(network(), **facts())  # type: ignore[arg-type]
    assert not isinstance(one, TwoViewModel)
    assert isinstance(two, TwoViewModel)
    images, regions = torch.rand(1, 3, 48, 64), GridRegions(48, 64, 2, 2)
    assert two.two_views(images, images, regions).shape == (1, 11, 48, 64)
    with pytest.raises(InputError, match="images must"):
        two.two_views(images, images[:, :2], regions)


def test_training_starts_from_a_street_network_and_learns() -> None:
    settings = replace(QUICK, view=(48, 64), steps=30, batch_size=4)
    trainer = Trainer(halves(), None, settings, TINY)
    street = StreetUNet(SMALL)
    trainer.start_from(street)
    own = trainer.network
    assert isinstance(own, TwoViewUNet)
    torch.testing.assert_close(own.tile.state_dict(), street.state_dict(), rtol=0, atol=0)
    losses = [trainer.step() for _ in range(30)]
    assert sum(losses[-8:]) < 0.7 * sum(losses[:8])
    with pytest.raises(InputError, match="network to start from"):
        trainer.start_from(StreetUNet())


def test_an_interrupted_run_continues_to_the_bit(tmp_path: Path) -> None:
    settings = replace(QUICK, view=(48, 64))

    def trainer() -> Trainer:
        return Trainer(halves(), None, settings, TINY)

    whole = trainer()
    for _ in range(4):
        whole.step()
    first, second = trainer(), trainer()
    first.step()
    first.step()
    first.save(tmp_path / "state.pt")
    second.resume(tmp_path / "state.pt")
    second.step()
    second.step()
    torch.testing.assert_close(second.average.state_dict(), whole.average.state_dict(), rtol=0, atol=0)
