"""Train a network under localized, isotropic or mixed noise, keep the weights that score best on pictures kept out."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from lrscore.errors import InputError
from models.datasets.classes import VOID
from models.optimising import averaged, descend, warm_half_cosine
from models.segmentation.evaluation.confusion import Confusion
from models.segmentation.finetuning.pictures import Pictures
from models.segmentation.preprocessing import PreparedNetwork
from models.segmentation.training.noise import NoiseRange, add_noise, draw_noise_plan

_LONGEST_AVERAGE = 0.998  # share of the averaged weights that one step keeps in the end


@dataclass(frozen=True)
class RunSettings:
    """How a network is trained.

    Args:
        steps, batch_size, learning_rate, weight_decay: of AdamW; the rate rises over a tenth of the steps and falls
            along a half cosine.
        class_power: a class of pixel share `f` weighs `f ** -class_power` in the loss.
        view, zoom: size and magnification of the training views.
        noise: what is added to them.
        level: of the noisy score by which weights are chosen.
        seed: of views, noise and dropout.
    """

    steps: int = 2000
    batch_size: int = 8
    learning_rate: float = 1e-3
    weight_decay: float = 1e-2
    class_power: float = 0.3
    view: tuple[int, int] = (96, 128)
    zoom: tuple[float, float] = (0.7, 2.0)
    noise: NoiseRange = field(default_factory=NoiseRange)
    level: float = 0.1
    seed: int = 0


@dataclass(frozen=True)
class Score:
    """Mean IoU and pixel accuracy on the pictures kept out, without and with noise of the settings' level."""

    clean_iou: float
    noisy_iou: float
    clean_accuracy: float
    noisy_accuracy: float

    @property
    def chosen_by(self) -> float:
        """What the weights are chosen by."""
        return (self.clean_iou + self.noisy_iou) / 2


def train_under_noise(
    network: PreparedNetwork,
    pictures: Pictures,
    kept_out: Pictures,
    settings: RunSettings,
    *,
    every: int,
    report: Callable[[int, float, Score, bool], object],
    progress: Callable[[int, int], object] | None = None,
) -> Score:
    """Train in place; the network ends with its best averaged weights, in evaluation mode.

    Args:
        every: steps between two scores; the last step is scored as well.
        report: called as `report(step, mean_loss, score, best)`.
        progress: called as `progress(step, steps)`.

    Raises:
        InputError: the loss is no finite number.
    """
    torch.manual_seed(settings.seed)
    generator, random = torch.Generator().manual_seed(settings.seed), np.random.default_rng(settings.seed)
    average = averaged(network, _LONGEST_AVERAGE)
    optimizer = torch.optim.AdamW(
        network.parameters(), settings.learning_rate, weight_decay=settings.weight_decay
    )
    schedule = warm_half_cosine(optimizer, settings.steps, settings.steps // 10)
    weights, best, losses = pictures.class_weights(settings.class_power), None, []
    kept = copy.deepcopy(average.module.state_dict())
    for step in range(1, settings.steps + 1):
        network.train()
        views, masks = pictures.views(settings.batch_size, settings.view, settings.zoom, generator)
        plan = draw_noise_plan(len(views), *settings.view, ranges=settings.noise, random=random)
        scores = network(add_noise(views, plan.levels, generator=generator))
        loss = _loss(scores, masks, plan.weights, weights)
        if not bool(torch.isfinite(loss)):
            raise InputError(f"the loss is no number at step {step}: lower the learning rate")
        losses.append(descend(loss, network, optimizer, schedule, average, longest=5.0))
        if progress is not None:
            progress(step, settings.steps)
        if step % every == 0 or step == settings.steps:
            score = score_of(cast(PreparedNetwork, average.module), kept_out, settings.level)
            better = best is None or score.chosen_by > best.chosen_by
            if better:
                best, kept = score, copy.deepcopy(average.module.state_dict())
            report(step, float(np.mean(losses)), score, better)
            losses.clear()
    assert best is not None
    network.load_state_dict(kept)
    network.eval().requires_grad_(False)
    return best


@torch.inference_mode()
def score_of(network: PreparedNetwork, pictures: Pictures, level: float) -> Score:
    """One pass over every picture, clean and under isotropic noise; the noise is the same at every call."""
    generator = torch.Generator().manual_seed(0)
    none = np.zeros((pictures.classes, pictures.classes), dtype=np.int64)
    clean, noisy = Confusion(none), Confusion(none)
    for image, mask in zip(pictures.images, pictures.masks, strict=True):
        picture = image[None].float() / 255
        both = torch.cat([picture, picture + level * torch.randn(picture.shape, generator=generator)])
        labels = network(both).argmax(dim=1).numpy()
        clean += Confusion.of(mask.numpy(), labels[0], pictures.classes)
        noisy += Confusion.of(mask.numpy(), labels[1], pictures.classes)
    return Score(clean.mean_iou, noisy.mean_iou, clean.accuracy, noisy.accuracy)


def _loss(scores: Tensor, masks: Tensor, places: Tensor, weights: Tensor) -> Tensor:
    """Cross entropy of the labelled pixels, weighed by class and place; 0 where a batch has none."""
    losses = F.cross_entropy(scores.float(), masks, weights, ignore_index=VOID, reduction="none")
    counted = torch.where(masks == VOID, 0.0, weights[masks.clamp(max=len(weights) - 1)]) * places
    return (losses * places).sum() / counted.sum().clamp(min=1e-12)
