"""The search behind an attack on the smoothed model: gradient steps within the budget."""

from __future__ import annotations

import numpy as np
import torch

from lrscore.errors import InputError
from lrscore.images.attack.budget import Allowance, apply_perturbation
from lrscore.images.attack.settings import AttackSettings
from lrscore.images.certificate import ImageCertificate
from lrscore.images.sampler import ImageSampler
from lrscore.monitor import Monitor

_MOMENTUM = 0.5
_LAST_STEP = 0.2  # length of the last step, as a share of the budget's radius; the first one is 1
_RENEWAL = 0.3  # weight of a step's own margins in the running ones
_NEAR = 0.05  # share of the standing pixels that sets the scale of what is near its boundary
_SHARED = 4  # times as many copies where several groups share them
_CHUNK = {"cpu": 8, "cuda": 32}  # noisy copies in one backward pass


class AttackSearch:
    """The search: gradient steps on the perturbation."""

    def __init__(
        self,
        sampler: ImageSampler,
        certificate: ImageCertificate,
        settings: AttackSettings,
        attacked: np.ndarray,
    ) -> None:
        self.sampler, self.certificate, self.settings = sampler, certificate, settings
        device = sampler.image.device
        self.labels = torch.as_tensor(certificate.labels, device=device)
        self.margins: torch.Tensor | None = None  # (H, W) running means
        # What is certified by itself can not fall: no effort there
        open_pixels = attacked & ~certificate.certified_mask(settings.epsilon)
        self.owners = torch.as_tensor(certificate.regions.index_map(), device=device)
        self.open = torch.as_tensor(open_pixels, device=device)
        wanted = set() if settings.epsilon == 0 else set(np.unique(self.owners[self.open].cpu()).tolist())
        # One copy serves all groups of a turn
        self.turns = [mine for alike in sampler.alike if (mine := [one for one in alike if one in wanted])]
        served = torch.zeros((len(self.turns), certificate.regions.count), dtype=torch.bool)
        for turn, mine in enumerate(self.turns):
            served[turn, mine] = True
        self.served = served.to(device)
        self.draws = [settings.copies * min(len(mine), _SHARED) for mine in self.turns]
        self.allowance = _allowance(certificate, settings)
        self.chunk = settings.batch_size or _CHUNK[device.type if device.type in _CHUNK else "cpu"]

    @property
    def passes(self) -> int:
        """Noisy copies that the search takes."""
        return self.settings.steps * sum(self.draws)

    def run(self, monitor: Monitor) -> np.ndarray:
        """The perturbed image, (C, H, W) float32."""
        clean, steps = self.certificate.image, self.settings.steps
        perturbation = np.zeros(clean.shape)
        direction = np.zeros(clean.shape)
        if not self.turns:
            return clean.copy()
        for step in range(steps):
            gradient = self._gradient(apply_perturbation(clean, perturbation), monitor)
            direction = _MOMENTUM * direction + (1 - _MOMENTUM) * gradient
            length = _LAST_STEP ** (step / max(1, steps - 1))
            moved = perturbation + length * self.allowance.steepest(direction)
            perturbation = self.allowance.project(moved)
        if not perturbation.any() and self.allowance.budgets.any():
            raise InputError("the model's scores do not react to its input: every derivative is zero")
        return apply_perturbation(clean, perturbation)

    def _gradient(self, image: np.ndarray, monitor: Monitor) -> np.ndarray:
        """(C, H, W) estimated derivative of the weighed margins; updates the running margins."""
        leaf = torch.from_numpy(image).to(self.sampler.image.device).requires_grad_(True)
        drawn = [turn for turn, draws in enumerate(self.draws) for _ in range(draws)]
        total = torch.zeros_like(leaf)
        seen = torch.zeros(self.labels.shape, device=leaf.device)
        weights = self._weights()
        for start in range(0, len(drawn), self.chunk):
            monitor.check()
            chunk = drawn[start : start + self.chunk]
            shares = [1 / self.draws[turn] for turn in chunk]
            own = (
                self.served[chunk][:, self.owners] * torch.tensor(shares).to(leaf)[:, None, None]
            )  # (b, H, W)
            margin = self._margins(leaf, [self.turns[turn][0] for turn in chunk]) * own
            total += torch.autograd.grad((margin * weights).sum(), leaf)[0]
            seen += margin.detach().sum(dim=0)
            monitor.advance(len(chunk))
        self.margins = seen if self.margins is None else torch.lerp(self.margins, seen, _RENEWAL)
        return self.sampler.copies.to_host(-total.double())

    def _weights(self) -> torch.Tensor:
        """(H, W) effort for every pixel: most at the boundary, little where a label stands firm or has fallen far."""
        if self.margins is None:
            return self.open.float()
        standing = self.margins[self.open & (self.margins > 0)]
        scale = torch.quantile(standing, _NEAR) if standing.numel() else torch.ones(())
        return torch.exp(-((self.margins / scale.clamp_min(1e-12)) ** 2)) * self.open

    def _margins(self, leaf: torch.Tensor, groups: list[int]) -> torch.Tensor:
        """(b, H, W): by how much the label's score leads in one noisy copy as each of the groups sees it."""
        sampler = self.sampler
        scores = sampler.copies.scores(leaf, sampler.draw(len(groups)), groups)
        if not scores.requires_grad:
            raise InputError(
                "the model must be differentiable in its input to be attacked; it gives no gradients"
            )
        index = self.labels.expand(len(groups), 1, *self.labels.shape)
        label = scores.gather(1, index)[:, 0]
        return label - scores.scatter(1, index, -torch.inf).amax(dim=1)


def _allowance(certificate: ImageCertificate, settings: AttackSettings) -> Allowance:
    """The whole budget for the whole image, or a share for every region."""
    noise, regions = certificate.noise, certificate.regions
    total = float(noise.budget(settings.epsilon))
    if settings.allocation is None:
        everywhere = np.zeros(certificate.shape, dtype=np.int64)
        return Allowance(everywhere, np.array([total]), noise.exponent)
    shares = np.asarray(settings.allocation, dtype=np.float64)
    if shares.shape != (regions.count,):
        raise InputError(f"allocation must hold one budget per region ({regions.count}), got {shares.shape}")
    excess = max(1.0, float(shares.sum()) / total) if total > 0 else 1.0
    return Allowance(regions.index_map(), shares / excess, noise.exponent)
