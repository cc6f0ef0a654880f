"""Augmentation, training noise, the loop and its command line."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from lrscore.errors import InputError, SettingsError
from lrscore.images.levels import interpolate_levels
from lrscore.images.regions import GridRegions
from lrscore.provenance import digest_of_file
from models.datasets.classes import VOID
from models.segmentation import train
from models.segmentation.checkpoint import load_checkpoint
from models.segmentation.street_unet import StreetUNet, StreetUNetConfig
from models.segmentation.street_views import StreetViews, StreetViewsConfig
from models.segmentation.training.augment import VIEW, augment
from models.segmentation.training.data import LabelledImages
from models.segmentation.training.loop import Trainer, TrainingSettings
from models.segmentation.training.noise import (
    GRIDS,
    NoiseRange,
    PyramidRange,
    ViewRange,
    add_noise,
    draw_noise_plan,
    draw_pyramid_levels,
    draw_view_levels,
)
from models.segmentation.two_view_unet import TwoViewUNet
from tests.models.datasets.test_camvid import write_frames

SMALL = StreetUNetConfig(widths=(4, 8, 8, 16), blocks=(1, 1), dilations=(1,))
QUICK = TrainingSettings(steps=6, batch_size=2, warmup=2, learning_rate=1e-2, bfloat16=False)


def halves(count: int = 4) -> LabelledImages:
    """Dark road below, bright sky above; the first column is unlabelled."""
    images = torch.full((count, 3, 60, 80), 40, dtype=torch.uint8)
    images[:, :, :30] = 210
    masks = torch.full((count, 60, 80), 3, dtype=torch.uint8)
    masks[:, :30] = 0
    masks[:, :, 0] = VOID
    return LabelledImages(images, masks)


def test_views_and_labels_move_together() -> None:
    pictures = halves(16)
    views, labels = augment(pictures.images, pictures.masks, generator=torch.Generator().manual_seed(1))
    assert views.shape == (16, 3, *VIEW)
    assert labels.shape == (16, *VIEW)
    assert 0 <= views.min() <= views.max() <= 1
    assert set(labels.unique().tolist()) == {0, 3, VOID}
    brightness = views.mean(dim=1)
    agreed = 0.0
    for view, label in zip(brightness, labels, strict=True):
        if (label == 0).any() and (label == 3).any():
            middle = (view[label == 0].median() + view[label == 3].median()) / 2
            agreed = ((view > middle) == (label == 0))[label != VOID].float().mean().item()
            assert agreed > 0.97  # all but the interpolated edge
    assert agreed > 0


def test_views_depend_on_the_generator_only() -> None:
    pictures = halves()
    first, second = (
        augment(pictures.images, pictures.masks, generator=torch.Generator().manual_seed(3))[0]
        for _ in range(2)
    )
    other = augment(pictures.images, pictures.masks, generator=torch.Generator().manual_seed(4))[0]
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


def test_noise_plan_uses_the_levels_of_one_cell() -> None:
    ranges = NoiseRange(clean=0.0, isotropic=0.0, blanked=0.0)
    plan = draw_noise_plan(20, 48, 60, ranges=ranges, random=np.random.default_rng(0))
    for levels, weights in zip(plan.levels.numpy(), plan.weights.numpy(), strict=True):
        low, high = levels.min(), levels.max()
        assert ranges.lowest <= low <= high <= ranges.highest
        assert weights.mean() == pytest.approx(1.0, abs=1e-5)
        own = weights == weights.max()
        assert weights[own].sum() / weights.sum() == pytest.approx(ranges.cell_share, abs=1e-4)
        assert (levels[own] == low).all()
        matches = 0
        for rows, cols in GRIDS:
            grid = GridRegions(48, 60, rows, cols)
            for cell in range(grid.count):
                expected = interpolate_levels(grid.distances(), float(low), 1.0)[cell][grid.index_map()]
                matches += np.array_equal(own, grid.index_map() == cell) and np.array_equal(
                    np.argsort(np.unique(levels)), np.argsort(np.unique(expected))
                )
        assert matches >= 1


def test_noise_plan_kinds() -> None:
    random = np.random.default_rng(0)
    clean = draw_noise_plan(3, 32, 40, ranges=NoiseRange(clean=1.0), random=random)
    assert (clean.levels == 0).all()
    assert (clean.weights == 1).all()
    isotropic = draw_noise_plan(3, 32, 40, ranges=NoiseRange(clean=0.0, isotropic=1.0), random=random)
    assert (isotropic.levels.amin(dim=(1, 2)) == isotropic.levels.amax(dim=(1, 2))).all()
    ranges = NoiseRange(clean=0.0, isotropic=0.0, blanked=1.0)
    assert draw_noise_plan(8, 32, 40, ranges=ranges, random=random).levels.isinf().any()


def test_noise_has_its_level_and_blanks_where_it_is_infinite() -> None:
    levels = torch.full((1, 100, 200), 0.2)
    levels[:, :, 100:] = 0.4
    levels[:, :10] = torch.inf
    noisy = add_noise(torch.full((1, 3, 100, 200), 0.5), levels, generator=torch.Generator().manual_seed(0))
    assert (noisy[:, :, :10] == 0).all()
    near, far = noisy[:, :, 10:, :100], noisy[:, :, 10:, 100:]
    for part, level in ((near, 0.2), (far, 0.4)):
        samples = part.numel()
        assert part.mean().item() == pytest.approx(0.5, abs=5 * level / samples**0.5)
        assert part.std().item() == pytest.approx(level, rel=5 / (2 * samples) ** 0.5)
    assert noisy.max() > 1  # unclamped


def test_training_lowers_the_loss() -> None:
    trainer = Trainer(halves(), None, replace(QUICK, steps=40, noise=NoiseRange(highest=0.1)), SMALL)
    losses = [trainer.step() for _ in range(40)]
    assert np.mean(losses[-10:]) < 0.5 * np.mean(losses[:10])


def weights(trainer: Trainer) -> dict[str, torch.Tensor]:
    return {**trainer.network.state_dict(prefix="network."), **trainer.average.state_dict(prefix="average.")}


def test_resuming_gives_the_weights_of_an_uninterrupted_run(tmp_path: Path) -> None:
    reports: list[int] = []
    whole = Trainer(halves(), halves(), QUICK, SMALL)
    whole.run(every=4, report=lambda step, loss: reports.append(step))
    assert reports == [4, 6]
    begun = Trainer(halves(), halves(), QUICK, SMALL)
    for _ in range(3):
        begun.step()
    begun.save(tmp_path / "state.pt")
    resumed = Trainer(halves(), halves(), QUICK, SMALL)
    resumed.resume(tmp_path / "state.pt")
    resumed.run(every=100, report=lambda step, loss: None)
    assert resumed.step_number == QUICK.steps
    ours, theirs = weights(resumed), weights(whole)
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_a_resumed_run_remembers_its_best_score(tmp_path: Path) -> None:
    trainer = Trainer(halves(), None, QUICK, SMALL)
    trainer.best_score = 0.25
    trainer.save(tmp_path / "state.pt")
    resumed = Trainer(halves(), None, QUICK, SMALL)
    resumed.resume(tmp_path / "state.pt")
    assert resumed.best_score == 0.25


def test_resuming_another_run_is_refused(tmp_path: Path) -> None:
    Trainer(halves(), None, QUICK, SMALL).save(tmp_path / "state.pt")
    with pytest.raises(InputError, match="belongs to another run: its settings"):
        Trainer(halves(), None, replace(QUICK, seed=1), SMALL).resume(tmp_path / "state.pt")


def test_starting_from_weights_of_other_sizes_is_refused() -> None:
    trainer = Trainer(halves(), None, QUICK, SMALL)
    with pytest.raises(InputError, match="network to start from must be"):
        trainer.start_from(Trainer(halves(), None, QUICK, replace(SMALL, dilations=(2,))).network)


def test_the_loss_leaves_unlabelled_pixels_out() -> None:
    """Wrong labels under the void value must not matter: all-void pictures beside labelled ones change nothing."""
    trainer = Trainer(halves(), None, QUICK, SMALL)
    scores = torch.randn(1, 11, 16, 20)
    masks = torch.randint(0, 11, (1, 32, 40))
    plan = draw_noise_plan(1, 32, 40, ranges=NoiseRange(clean=1.0), random=np.random.default_rng(0))
    half = masks.clone()
    half[:, :, 20:] = VOID
    trainer.random = np.random.default_rng(5)
    loss = trainer._loss(scores, half, plan.weights, 2)
    down, across = np.random.default_rng(5).integers(2, size=2)
    left = half[0, down::2, across::2][:, :10]
    log_shares = scores[0].log_softmax(dim=0)[:, :, :10]
    picked = torch.gather(log_shares, 0, left[None])[0]
    importance = trainer._class_weights[left]
    assert loss.item() == pytest.approx((-(picked * importance).sum() / importance.sum()).item(), rel=1e-5)


def run_command_line(folder: Path, steps: int, *more: str) -> tuple[Path, list[dict[str, Any]]]:
    """Train on two made-up drives; the checkpoint and the records of the log."""
    root = write_frames(folder, mask_shape=(32, 48), picture_shape=(32, 48))
    out, log = folder / "net.safetensors", folder / "log.jsonl"
    options = ["--data-root", str(root), "--steps", str(steps), "--batch-size", "2", "--every", "1"]
    files = ["--out", str(out), "--log", str(log), "--threads", str(torch.get_num_threads())]
    train.main([*options, *files, *more])
    return out, [json.loads(line) for line in log.read_text().splitlines()]


def test_the_command_line_writes_checkpoint_and_log(tmp_path: Path) -> None:
    out, (first, *records) = run_command_line(tmp_path, 2, "--state", str(tmp_path / "state.pt"))
    assert first["settings"]["steps"] == 2
    assert [record["step"] for record in records] == [1, 2]
    assert records[0]["best"]
    assert load_checkpoint(out).training.startswith("python -m models.train --data-root")
    card = out.with_suffix(".md").read_text()
    assert digest_of_file(out) in card
    assert f"step {records[-1]['step'] if records[-1]['best'] else 1} of at most 2" in card
    assert "Drive 0006R0 was kept out" in card


def test_the_command_line_trains_a_network_of_two_views(tmp_path: Path) -> None:
    views = ["--architecture", "two-view", "--view", "48", "64", "--zoom", "0.9", "1.1", "--lowest", "0.1"]
    out, (first, *_) = run_command_line(tmp_path, 1, *views)
    assert isinstance(load_checkpoint(out).network, TwoViewUNet)
    assert first["settings"]["views"]["lowest"] == 0.1
    card = out.with_suffix(".md").read_text()
    assert "TwoViewUNet" in card
    assert "near levels 0.1 to 0.5" in card


def test_the_command_line_trains_a_network_of_a_pyramid_of_views(tmp_path: Path) -> None:
    views = ["--architecture", "views", "--sharp-blocks", "2", "--view", "48", "64", "--lowest", "0.1"]
    out, (first, *records) = run_command_line(tmp_path, 1, *views, "--highest", "0.6")
    network = load_checkpoint(out).network
    assert isinstance(network, StreetViews)
    assert network.config == StreetViewsConfig(sharp_blocks=2)
    assert (first["settings"]["pyramid"]["lowest"], first["settings"]["pyramid"]["highest"]) == (0.1, 0.6)
    assert 0 <= records[0]["holdout_noisy_0.1_miou"] <= 1
    card = out.with_suffix(".md").read_text()
    assert "StreetViews" in card
    assert "levels of the finest view 0.1 to\n  0.6" in card


def test_a_network_of_views_follows_a_teacher(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("teacher", "views", "street", "pupil")]
    for folder in folders:
        folder.mkdir()
    teacher, _ = run_command_line(folders[0], 1)
    more = [
        "--teacher",
        str(teacher),
        "--teacher-share",
        "0.7",
        "--flatter",
        "1",
        "2",
        "--core",
        "0.1",
        "0.2",
    ]
    out, (first, *_) = run_command_line(folders[1], 1, "--architecture", "views", *more)
    assert first["settings"]["teacher_share"] == 0.7
    assert first["settings"]["pyramid"]["flatter"] == [1.0, 2.0]
    assert first["settings"]["pyramid"]["core"] == [0.1, 0.2]
    assert "divided by 1 to 2" in out.with_suffix(".md").read_text()
    with pytest.raises(InputError, match="only a network of views"):
        run_command_line(folders[2], 1, "--teacher", str(teacher))
    with pytest.raises(InputError, match="must be a street network"):
        run_command_line(folders[3], 1, "--architecture", "views", "--teacher", str(out))


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_what_a_teacher_says_takes_the_share_of_the_labels(share: float) -> None:
    pictures = LabelledImages(
        torch.randint(256, (4, 3, 48, 64), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)),
        torch.ones((4, 48, 64), dtype=torch.uint8),
    )
    others = LabelledImages(pictures.images, torch.full_like(pictures.masks, 2))
    losses, teacher = [], StreetUNet().eval()
    for source in (pictures, others):
        settings = TrainingSettings(
            steps=1, batch_size=2, view=(48, 64), bfloat16=False, teacher_share=share, class_power=0.0
        )
        trainer = Trainer(source, None, settings, StreetViewsConfig())
        trainer.teach(teacher)
        losses.append(float(trainer.loss().detach()))
    assert (losses[0] == losses[1]) == (share == 1.0)


def test_ranges_of_levels_that_are_none_are_refused() -> None:
    for wrong in (
        {"flatter": (0.5, 2.0)},
        {"flatter": (2.0, 1.0)},
        {"core": (0.0, 0.2)},
        {"core": (0.3, 0.2)},
    ):
        with pytest.raises(SettingsError, match=next(iter(wrong))):
            PyramidRange(**wrong)
    with pytest.raises(SettingsError, match="teacher_share"):
        TrainingSettings(teacher_share=1.5)


def test_too_few_sharp_blocks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="sharp-blocks"):
        run_command_line(tmp_path, 1, "--architecture", "views", "--sharp-blocks", "-1")


def test_a_flatter_pyramid_and_its_core() -> None:
    ranges = PyramidRange(
        clean=0, blanked=0, lowest=0.05, highest=0.8, spread=1.0, flatter=(1.0, 16.0), core=(0.2, 0.3)
    )
    near, middle, far = draw_pyramid_levels(4000, (1, 4, 8), ranges=ranges, random=np.random.default_rng(0))
    uniform = np.log(0.3 / 0.2) / np.log(0.8 / 0.05)
    inside = ((near >= 0.2) & (near <= 0.3)).float().mean()
    assert inside == pytest.approx(0.5 + 0.5 * uniform, abs=0.03)
    assert ((middle / near >= 0.999) & (middle / near <= 4.001)).all()
    assert ((far / near >= 0.999) & (far / near <= 8.001)).all()
    # Log-uniform: half of the divisors are above the geometric mean, and a view is never cleaner than the first
    assert (far / near < 8 / 4).float().mean() == pytest.approx(0.5, abs=0.03)
    assert (middle / near < 1.001).float().mean() == pytest.approx(0.5, abs=0.03)


def test_the_levels_of_a_pyramid() -> None:
    ranges = PyramidRange(clean=0.2, blanked=0.3, lowest=0.1, highest=0.4, spread=1.5)
    near, middle, far = draw_pyramid_levels(4000, (1, 4, 8), ranges=ranges, random=np.random.default_rng(0))
    clean = near == 0
    assert clean.float().mean() == pytest.approx(0.2, abs=0.03)
    assert (middle[clean] == 0).all()
    assert (far[clean] == 0).all()
    near, middle, far = near[~clean], middle[~clean], far[~clean]
    assert 0.1 <= near.min() <= near.max() <= 0.4 + 1e-6
    assert middle.isfinite().all()
    assert far.isinf().float().mean() == pytest.approx(0.3, abs=0.03)
    for pool, level in ((4, middle), (8, far)):
        ratio = (level / near)[level.isfinite()] / pool
        assert 1 / 1.5 - 1e-4 <= ratio.min() < 0.7
        assert 1.4 < ratio.max() <= 1.5 + 1e-4


def test_the_levels_of_two_views() -> None:
    ranges = ViewRange(clean=0.2, blanked=0.3, lowest=0.1, highest=0.4, ratio=(2.0, 5.0))
    near, far = draw_view_levels(4000, ranges=ranges, random=np.random.default_rng(0))
    clean = near[:, 0, 0] == 0
    assert clean.float().mean() == pytest.approx(0.2, abs=0.03)
    assert (far[clean] == 0).all()
    near, far = near[~clean], far[~clean]
    assert 0.1 <= near.min() <= near.max() <= 0.4 + 1e-6
    assert far.isinf().float().mean() == pytest.approx(0.3, abs=0.03)
    ratio = (far / near)[far.isfinite()]
    assert 2 - 1e-5 <= ratio.min() <= ratio.max() <= 5 + 1e-5


def test_the_kinds_of_noise_of_the_command_line() -> None:
    random = np.random.default_rng(0)
    for kind in ("isotropic", "localized", "mixed"):
        ranges = NoiseRange.of_kind(kind, 0.1, 0.4)
        plan = draw_noise_plan(200, 24, 32, ranges=ranges, random=random)
        flat = np.array([float(view.max()) == float(view.min()) for view in plan.levels])
        noisy = plan.levels.flatten(1).max(dim=1).values.numpy() > 0
        assert 0.7 < noisy.mean() < 0.9
        assert {"isotropic": (flat & noisy).sum() == noisy.sum(), "localized": not (flat & noisy).any()}.get(
            kind, 0 < (flat & noisy).sum() < noisy.sum()
        )
        finite = plan.levels[torch.isfinite(plan.levels) & (plan.levels > 0)]
        assert 0.1 <= finite.min() <= finite.max() <= 0.4


def test_patience_ends_a_run_that_no_longer_improves_and_is_remembered(tmp_path: Path) -> None:
    settings = replace(QUICK, steps=50)
    trainer = Trainer(halves(), None, settings, SMALL)
    scores = iter([0.5, 0.4, 0.6, 0.5, 0.5, 0.9])

    def report(step: int, loss: float) -> bool:
        score = next(scores)
        trainer.reports_since_best = 0 if score > trainer.best_score else trainer.reports_since_best + 1
        trainer.best_score = max(score, trainer.best_score)
        return trainer.reports_since_best >= 2

    done: list[int] = []
    trainer.run(every=1, report=report, progress=lambda step, total: done.append(step))
    assert done == [1, 2, 3, 4, 5]
    trainer.save(tmp_path / "state.pt")
    again = Trainer(halves(), None, settings, SMALL)
    again.resume(tmp_path / "state.pt")
    assert (again.reports_since_best, again.best_score) == (2, 0.6)


def test_the_command_line_stops_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_frames(tmp_path, mask_shape=(32, 48), picture_shape=(32, 48))
    monkeypatch.setattr(
        train, "single_pass_scores", lambda *arguments, **options: SimpleNamespace(mean_iou=0.25)
    )
    out, log = tmp_path / "net.safetensors", tmp_path / "log.jsonl"
    options = [
        "--steps",
        "30",
        "--batch-size",
        "1",
        "--every",
        "1",
        "--patience",
        "2",
        "--noise",
        "isotropic",
    ]
    threads = str(torch.get_num_threads())
    train.main(
        ["--data-root", str(root), "--out", str(out), "--log", str(log), "--threads", threads, *options]
    )
    records = [json.loads(line) for line in log.read_text().splitlines()][1:]
    assert [record["best"] for record in records] == [True, False, False]
    assert "80% isotropic,\n  0% localized" in out.with_suffix(".md").read_text()
