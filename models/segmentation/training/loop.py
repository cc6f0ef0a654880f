"""The training loop: localized noise, weighted cross entropy, averaged weights, resumable to the bit."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from lrscore.errors import InputError, SettingsError
from lrscore.images.regions import GridRegions
from models.datasets.classes import VOID
from models.optimising import SteppedTraining, averaged, warm_half_cosine
from models.segmentation.checkpoint import Config, Network, build_network
from models.segmentation.street_unet import StreetUNet, StreetUNetConfig
from models.segmentation.street_views import StreetViews
from models.segmentation.training.augment import VIEW, ZOOM, augment
from models.segmentation.training.data import LabelledImages
from models.segmentation.training.noise import (
    NoiseRange,
    PyramidRange,
    ViewRange,
    add_noise,
    draw_noise_plan,
    draw_pyramid_levels,
    draw_view_levels,
)
from models.segmentation.two_view_unet import TwoViewUNet


@dataclass(frozen=True)
class TrainingSettings:
    """What a training run depends on besides its pictures.

    Args:
        steps: optimizer steps of the whole run; the learning rate falls to 0 along a half cosine over them.
        batch_size: views in one step.
        scene_share: share of every batch that procedural scenes fill (0 when there are none).
        learning_rate, weight_decay: of AdamW; `warmup` steps rise linearly.
        averaging: decay of the exponential average of the weights, which is what is kept.
        class_power: a class of pixel share `f` weighs `f ** -class_power` in the loss.
        bfloat16: multiply in bfloat16 (weights, sums and normalisation stay float32).
        view, zoom: size and magnification of the views, see `augment`.
        noise: for a `StreetUNet`.
        views: noise for a `TwoViewUNet`.
        pyramid: noise for a `StreetViews`.
        teacher_share: share of the loss that follows a teacher's probabilities instead of the labels, see `teach`.
    """

    steps: int = 8000
    batch_size: int = 8
    scene_share: float = 0.25
    learning_rate: float = 1e-3
    weight_decay: float = 0.03
    warmup: int = 300
    averaging: float = 0.998
    class_power: float = 0.3
    bfloat16: bool = True
    seed: int = 0
    view: tuple[int, int] = VIEW
    zoom: tuple[float, float] = ZOOM
    noise: NoiseRange = field(default_factory=NoiseRange)
    views: ViewRange = field(default_factory=ViewRange)
    pyramid: PyramidRange = field(default_factory=PyramidRange)
    teacher_share: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.teacher_share <= 1:
            raise SettingsError(f"teacher_share must be from 0 to 1, got {self.teacher_share:g}")


class Trainer(SteppedTraining):
    """One training run: the state that a checkpoint holds, and the loss that advances it.

    Args:
        photographs: real pictures.
        scenes: procedural pictures, or None.
        settings: see `TrainingSettings`.
        config: sizes of the network.
    """

    longest = 5.0

    def __init__(
        self,
        photographs: LabelledImages,
        scenes: LabelledImages | None,
        settings: TrainingSettings,
        config: Config | None = None,
    ) -> None:
        super().__init__(settings.seed)
        self.settings, self.steps = settings, settings.steps
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            self.network: Network = build_network(config or StreetUNetConfig()).channels_last()
        self.averaged = averaged(self.network, settings.averaging)
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), settings.learning_rate, weight_decay=settings.weight_decay, fused=True
        )
        self.schedule = warm_half_cosine(self.optimizer, settings.steps, settings.warmup)
        # Of what the caller chooses by; kept here so that a resumed run remembers it
        self.best_score = -math.inf
        self.reports_since_best = 0  # the same, for stopping early
        from_scenes = round(settings.batch_size * settings.scene_share) if scenes is not None else 0
        self._sources = [(photographs, settings.batch_size - from_scenes)]
        if scenes is not None:
            self._sources.append((scenes, from_scenes))
        self._class_weights = _class_weights(photographs, settings.class_power)
        self._teacher: StreetUNet | None = None

    @property
    def average(self) -> Network:
        """The averaged weights, in evaluation mode: what is kept."""
        return cast(Network, self.averaged.module)

    def start_from(self, network: Network) -> None:
        """Take over another network's weights before the first step; a network of views, also a street network's.

        Raises:
            InputError: the network has other sizes.
        """
        for own in (self.network, self.average):
            if isinstance(own, StreetViews) and isinstance(network, StreetUNet):
                if not own.fits(network):
                    raise InputError(f"network to start from must fit {own.config}, got {network.config}")
                own.start_from(network)
                continue
            target: Network = own
            if isinstance(own, TwoViewUNet) and isinstance(network, StreetUNet):
                target = own.tile
            if network.config != target.config:
                raise InputError(f"network to start from must be {target.config}, got {network.config}")
            target.load_state_dict(network.state_dict())

    def teach(self, teacher: Network) -> None:
        """Let a network of views follow a street network, which sees all of the finest view (Hinton et al. 2015).

        The teacher has seen as much noise in a pixel as the finest view has, but looks at it everywhere: its
        probabilities say, for every pixel, labelled or not, how sure that makes one.

        Raises:
            InputError: this network is none of views, or the teacher no street network of equally many classes.
        """
        if not isinstance(self.network, StreetViews):
            raise InputError("only a network of views (--architecture views) can follow a teacher")
        if not isinstance(teacher, StreetUNet) or teacher.config.classes != self.network.config.classes:
            raise InputError(f"the teacher must be a street network of {self.network.config.classes} classes")
        self._teacher = teacher.fuse()

    def loss(self) -> Tensor:
        """The loss of the next step, on newly drawn views under newly drawn noise."""
        views, masks = augment(
            *self._draw_pictures(),
            generator=self.generator,
            size=self.settings.view,
            zoom=self.settings.zoom,
        )
        self.network.train()
        return self._loss_on(views, masks)

    def save(self, path: Path) -> None:
        """Write everything that `resume` needs, atomically."""
        more = {
            "settings": asdict(self.settings),
            "config": asdict(self.network.config),
            "best_score": self.best_score,
            "reports_since_best": self.reports_since_best,
        }
        self.write_state(path, more)

    def resume(self, path: Path) -> None:
        """Continue where `save` stopped; the weights come out as if the run had never been interrupted.

        Raises:
            InputError: the file belongs to a run with other settings.
        """
        try:
            state = torch.load(path, weights_only=True)
            found = {name: state[name] for name in ("settings", "config", "step", "network", "optimizer")}
        except Exception as error:  # whatever a damaged archive provokes
            raise InputError(f"{path} holds no state of a training run") from error
        for name, own in (("settings", asdict(self.settings)), ("config", asdict(self.network.config))):
            if found[name] != own:
                raise InputError(
                    f"{path.name} belongs to another run: its {name} are {found[name]}, ours {own}"
                )
        self.best_score = state["best_score"]
        self.reports_since_best = state.get("reports_since_best", 0)
        self.restore(state)

    def _draw_pictures(self) -> tuple[Tensor, Tensor]:
        images, masks = [], []
        for source, count in self._sources:
            chosen = torch.randint(len(source), (count,), generator=self.generator)
            images.append(source.images[chosen])
            masks.append(source.masks[chosen])
        return torch.cat(images), torch.cat(masks)

    def _loss_on(self, views: Tensor, masks: Tensor) -> Tensor:
        """The loss under newly drawn noise."""
        settings, network = self.settings, self.network
        height, width = masks.shape[-2:]
        if isinstance(network, TwoViewUNet):
            near, far = draw_view_levels(len(views), ranges=settings.views, random=self.random)
            grid = settings.views.grids[int(self.random.integers(len(settings.views.grids)))]
            near_views = add_noise(views, near, generator=self.generator)
            far_views = add_noise(views, far, generator=self.generator)
            with torch.autocast("cpu", torch.bfloat16, enabled=settings.bfloat16):
                scores = network.two_views(near_views, far_views, GridRegions(height, width, *grid))
            return self._loss(scores, masks, torch.ones_like(masks), 1)
        if isinstance(network, StreetViews):
            levels = draw_pyramid_levels(
                len(views), network.pools, ranges=settings.pyramid, random=self.random
            )
            copies = [add_noise(views, level.view(-1, 1, 1), generator=self.generator) for level in levels]
            with torch.autocast("cpu", torch.bfloat16, enabled=settings.bfloat16):
                scores = network.half_scores(copies, levels)
            loss = self._loss(scores, masks, torch.ones_like(masks), 2)
            if self._teacher is None or not settings.teacher_share:
                return loss
            with torch.no_grad():
                taught = self._teacher.half_scores(copies[0]).softmax(dim=1)
            followed = F.cross_entropy(scores.float(), taught)
            return torch.lerp(loss, followed, settings.teacher_share)
        plan = draw_noise_plan(len(views), height, width, ranges=settings.noise, random=self.random)
        noisy_views = add_noise(views, plan.levels, generator=self.generator)
        with torch.autocast("cpu", torch.bfloat16, enabled=settings.bfloat16):
            scores = network.half_scores(noisy_views)
        return self._loss(scores, masks, plan.weights, 2)

    def _loss(self, scores: Tensor, masks: Tensor, weights: Tensor, scale: int) -> Tensor:
        """Weighted cross entropy on one random pixel of every 2x2 block.

        Args:
            weights: (B, H, W) of the pixels.
            scale: pixels that one score stands for, in each direction: 1 or 2.
        """
        down, across = (int(value) for value in self.random.integers(2, size=2))
        labels = masks[:, down::2, across::2]
        places = weights[:, down::2, across::2]
        if scale == 1:
            scores = scores[:, :, down::2, across::2]
        losses = F.cross_entropy(
            scores.float(), labels, self._class_weights, ignore_index=VOID, reduction="none"
        )
        classes = torch.where(labels == VOID, 0.0, self._class_weights[labels.clamp(max=scores.shape[1] - 1)])
        return (losses * places).sum() / (classes * places).sum()


def _class_weights(pictures: LabelledImages, power: float) -> Tensor:
    """Rare classes weigh more; classes that do not occur weigh like the rarest that does. Mean over pixels 1."""
    shares = pictures.class_shares()
    weights = np.where(shares > 0, shares, shares[shares > 0].min()) ** -power
    return torch.from_numpy(weights / (weights * shares).sum()).float()
