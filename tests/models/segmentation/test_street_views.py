"""The network of a pyramid of views: windows, levels, files, what it starts from, training."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from lrscore.errors import InputError
from lrscore.images.leaks import refuse_leaks
from lrscore.images.regions import GridRegions
from lrscore.images.views import TwoViewModel, ViewsModel, fitting_views, reader_for
from models.datasets.classes import CAMVID_CLASSES, CAMVID_PALETTE
from models.segmentation.checkpoint import load_checkpoint, save_checkpoint
from models.segmentation.model import SegmentationModel, ViewsSegmentationModel
from models.segmentation.names import VIEWS_COST, VIEWS_FIELDS, VIEWS_MODEL
from models.segmentation.registry import available_models, load_model
from models.segmentation.street_unet import StreetUNet, StreetUNetConfig
from models.segmentation.street_views import POOLS, StreetViews, StreetViewsConfig
from models.segmentation.training.loop import Trainer
from tests.models.segmentation.test_training import QUICK, SMALL, halves

TINY = StreetViewsConfig(**asdict(SMALL))
THIN = StreetViewsConfig(classes=2, widths=(1, 1, 1, 1))
LEVELS = (0.2, 0.8, 1.6)


def network(config: StreetViewsConfig = TINY, seed: int = 0) -> StreetViews:
    torch.manual_seed(seed)
    built = StreetViews(config)
    for name, weight in built.named_parameters():
        if name.endswith("told.weight"):  # idle until trained
            torch.nn.init.normal_(weight)
    for module in built.modules():  # untrained normalisations would hide a wrong fusion
        if isinstance(module, torch.nn.BatchNorm2d):
            module.weight.data.uniform_(0.5, 1.0)
            module.running_mean.uniform_(-0.2, 0.2)
            module.running_var.uniform_(0.5, 2.0)
    return built.eval()


def positive(config: StreetViewsConfig) -> StreetViews:
    """All weights 1, so that nothing cancels and every rectifier is open: what can be seen, is seen."""
    built = StreetViews(config).eval()
    with torch.no_grad():
        for weight in built.parameters():
            weight.fill_(1.0)
    return built


def seen(model: StreetViews, size: tuple[int, int], pixel: tuple[int, int]) -> list[tuple[int, int]]:
    """Farthest distance (down, across) from an output pixel to a pixel of each view that it depends on."""
    copies = [torch.ones((1, 3, *size), requires_grad=True) for _ in POOLS]
    scores = model.views(copies, LEVELS)
    gradients = torch.autograd.grad(scores[0, :, *pixel].sum(), copies)
    places = [gradient.abs().amax(dim=(0, 1)).nonzero() for gradient in gradients]
    assert all(place.numel() for place in places)
    return [tuple((place - torch.tensor(pixel)).abs().amax(dim=0).tolist()) for place in places]


@pytest.mark.parametrize("blocks", [0, 2])
@pytest.mark.parametrize("size", [(208, 224), (200, 213)])
def test_windows_are_what_the_network_states(blocks: int, size: tuple[int, int]) -> None:
    model = positive(replace(THIN, sharp_blocks=blocks))
    middle = size[0] // 2
    found = [
        seen(model, size, (middle + step, middle - step)) for step in range(16)
    ]  # every place of the grids
    for view, field in enumerate(model.receptive_fields[:-1]):
        down, across = (max(one[view][axis] for one in found) for axis in range(2))
        assert (down, across) == (field, field)
    assert model.receptive_fields[-1] is None
    assert max(one[-1][0] for one in found) > model.receptive_fields[1]  # type: ignore[operator]


@pytest.mark.parametrize("size", [(16, 16), (37, 53), (100, 97), (180, 240)])
def test_no_border_and_no_padding_lets_a_pixel_see_farther(size: tuple[int, int]) -> None:
    model = positive(THIN)
    for down in (0, 1, size[0] // 2, size[0] - 2, size[0] - 1):
        for across in (0, 3, size[1] - 5, size[1] - 1):
            for field, found in zip(model.receptive_fields, seen(model, size, (down, across)), strict=True):
                assert field is None or max(found) <= field


@torch.inference_mode()
def test_pixels_outside_the_window_change_nothing_to_the_bit() -> None:
    model, size = network(), (150, 170)
    random = torch.Generator().manual_seed(1)
    copies = [torch.rand((2, 3, *size), generator=random) for _ in POOLS]
    before = model.views(copies, LEVELS)
    assert before.shape == (2, 11, *size)
    own = torch.zeros(size, dtype=torch.bool)
    own[70:75, 100:110] = True
    for view, field in enumerate(model.receptive_fields[:-1]):
        assert field is not None
        window = torch.zeros(size, dtype=torch.bool)
        window[max(0, 70 - field) : 75 + field, max(0, 100 - field) : 110 + field] = True
        changed = list(copies)
        changed[view] = torch.where(window, copies[view], 9 * copies[view] - 4)
        moved = (model.views(changed, LEVELS) - before).abs().amax(dim=(0, 1))
        assert moved[own].max() == 0
        assert moved.max() > 0


@torch.inference_mode()
def test_coarse_views_are_averaged_before_anything_else() -> None:
    model, size = network(), (48, 64)
    copies = [torch.rand((1, 3, *size)) for _ in POOLS]
    before = model.views(copies, LEVELS)
    for view, pool in enumerate(POOLS):
        ripple = torch.zeros(1, 3, *size)
        ripple[..., 8:16, 8:16] = 50.0 * (-1.0) ** torch.arange(
            8
        )  # far beyond any picture; its mean over blocks is 0
        changed = list(copies)
        changed[view] = copies[view] + ripple
        moved = (model.views(changed, LEVELS) - before).abs().max()
        assert moved > 0.1 if pool == 1 else moved < 1e-3


@torch.inference_mode()
def test_levels_are_read_and_a_blank_view_is_one() -> None:
    model = network()
    copies = [torch.rand((1, 3, 48, 64)) for _ in POOLS]
    before = model.views(copies, LEVELS)
    for view in range(len(POOLS)):
        levels = list(LEVELS)
        levels[view] *= 1.5
        assert (model.views(copies, levels) - before).abs().max() > 1e-3
    blank = [*copies[:2], torch.zeros_like(copies[2])]
    scores = model.views(blank, [*LEVELS[:2], math.inf])
    assert scores.isfinite().all()
    torch.testing.assert_close(model.views(copies, [*LEVELS[:2], math.inf]), scores)  # nothing of it is read


@torch.inference_mode()
def test_called_with_one_batch_it_reads_every_view_from_it() -> None:
    model, images = network(), torch.rand(2, 3, 48, 80)
    torch.testing.assert_close(model(images), model.views([images] * 3, [0.0] * 3), rtol=0, atol=0)


@torch.inference_mode()
def test_fusing_changes_scores_by_rounding_only() -> None:
    model, images = network(), torch.rand(1, 3, 48, 64)
    expected = model.views([images] * 3, LEVELS)
    torch.testing.assert_close(model.fuse().views([images] * 3, LEVELS), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("size", [(120, 160), (180, 240)])
def test_a_pass_costs_what_is_charged(size: tuple[int, int]) -> None:
    def work(call: Callable[[], Tensor]) -> int:
        with torch.inference_mode(), FlopCounterMode(display=False) as counter:
            call()
        return counter.get_total_flops()

    images = torch.rand(1, 3, *size)
    bundled = load_model(VIEWS_MODEL)
    assert isinstance(bundled, ViewsSegmentationModel)
    assert bundled.receptive_fields == VIEWS_FIELDS
    views, street = bundled.network, StreetUNet().eval()
    assert VIEWS_COST - 0.05 < work(lambda: views(images)) / work(lambda: street(images)) <= VIEWS_COST <= 1.3


def test_a_checkpoint_brings_the_network_back_and_is_a_model_of_views_by_its_file(tmp_path: Path) -> None:
    built, path = network(), tmp_path / "pyramid.safetensors"
    save_checkpoint(built, path, training="none")
    stored = load_checkpoint(path)
    assert isinstance(stored.network, StreetViews)
    assert stored.network.config == TINY
    copies = [torch.rand(1, 3, 48, 64) for _ in POOLS]
    expected = built.views(copies, LEVELS)
    torch.testing.assert_close(stored.network.views(copies, LEVELS), expected, rtol=0, atol=0)
    model = load_model(str(path))
    assert isinstance(model, ViewsSegmentationModel)
    assert isinstance(model, ViewsModel)
    assert not isinstance(model, TwoViewModel)
    assert model.receptive_fields == built.receptive_fields
    torch.testing.assert_close(model.views(copies, LEVELS), expected, rtol=1e-4, atol=1e-4)
    plain = SegmentationModel(
        StreetUNet(SMALL), name="m", class_names=CAMVID_CLASSES, palette=CAMVID_PALETTE, digest="d"
    )
    assert not isinstance(plain, ViewsModel)


def test_the_bundled_network_of_views_opens_by_its_name_and_has_a_card() -> None:
    entry = next(one for one in available_models() if one.name == VIEWS_MODEL)
    model, card = load_model(VIEWS_MODEL), entry.card.read_text(encoding="utf-8")
    assert isinstance(model, ViewsSegmentationModel)
    assert entry.weights.stat().st_size < 10_000_000
    assert model.digest in card
    assert entry.limits
    assert f"{model.parameter_count:,} parameters" in card
    windows = ", ".join(str(field) for field in model.receptive_fields if field is not None)
    assert f"windows of {windows} pixels and everything" in card
    assert load_checkpoint(entry.weights).training.startswith("python -m models.train --architecture views")
    regions = GridRegions(180, 240, 18, 24)
    assert [view.window for view in fitting_views(model, regions, LEVELS)] == [2, 7, None]
    image = torch.rand(3, 180, 240, generator=torch.Generator().manual_seed(0))
    views = fitting_views(model, regions, LEVELS)
    refuse_leaks(reader_for(model, regions, views), image, regions, views)


@pytest.mark.parametrize(
    ("copies", "levels", "said"),
    [
        ([(1, 3, 48, 64)] * 2, (0.1, 0.4), "reads 3 views"),
        ([(1, 3, 48, 64)] * 3, (0.1, 0.4), "2 levels"),
        ([(1, 3, 48, 64), (1, 3, 48, 64), (1, 3, 48, 63)], LEVELS, "one shape"),
        ([(1, 4, 48, 64)] * 3, LEVELS, "images must be a float tensor"),
        ([(1, 3, 48, 12)] * 3, LEVELS, "at least 16x16"),
        ([(1, 3, 48, 64)] * 3, (0.1, -0.4, 0.8), "at least 0"),
        ([(1, 3, 48, 64)] * 3, (0.1, math.nan, 0.8), "at least 0"),
    ],
)
def test_what_is_no_pyramid_is_refused(
    copies: list[tuple[int, ...]], levels: tuple[float, ...], said: str
) -> None:
    model = ViewsSegmentationModel(
        network(), name="m", class_names=CAMVID_CLASSES, palette=CAMVID_PALETTE, digest="d"
    )
    with pytest.raises(InputError, match=said):
        model.views([torch.rand(shape) for shape in copies], levels)


def test_training_starts_from_a_street_network_idle_where_that_has_nothing() -> None:
    street = StreetUNet(SMALL).eval()
    for module in street.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_var.uniform_(0.5, 2.0)
    built = {}
    for blocks in (0, 2):
        trainer = Trainer(halves(), None, QUICK, replace(TINY, sharp_blocks=blocks))
        trainer.start_from(street)
        assert isinstance(trainer.average, StreetViews)
        built[blocks] = trainer.average
    own = built[2].state_dict()
    for name, value in street.state_dict().items():
        fine = name.split(".")[0] in ("stem", "down4", "stage4")
        torch.testing.assert_close(own[f"sharp.{name}" if fine else name], value, rtol=0, atol=0)
        if name.split(".")[0] in ("stem", "down4"):
            torch.testing.assert_close(own[f"middle.{name}"], value, rtol=0, atol=0)
    built[0].far.load_state_dict(built[2].far.state_dict())
    images = torch.rand(1, 3, 48, 64)
    torch.testing.assert_close(built[2](images), built[0](images), rtol=0, atol=0)
    with pytest.raises(InputError, match="network to start from"):
        Trainer(halves(), None, QUICK, TINY).start_from(StreetUNet(StreetUNetConfig()))


def test_training_learns_and_an_interrupted_run_continues_to_the_bit(tmp_path: Path) -> None:
    settings = replace(QUICK, view=(48, 64), steps=30, batch_size=4)

    def trainer() -> Trainer:
        return Trainer(halves(), None, settings, TINY)

    whole = trainer()
    losses = [whole.step() for _ in range(30)]
    assert sum(losses[-8:]) < 0.7 * sum(losses[:8])
    first, second = trainer(), trainer()
    for _ in range(10):
        first.step()
    first.save(tmp_path / "state.pt")
    second.resume(tmp_path / "state.pt")
    for _ in range(20):
        second.step()
    torch.testing.assert_close(second.average.state_dict(), whole.average.state_dict(), rtol=0, atol=0)
