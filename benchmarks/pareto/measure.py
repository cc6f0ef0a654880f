"""One run on one image, as rows: what was predicted, and how much of it is certified at each eps."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from benchmarks.pareto.plan import Plan, Run
from lrscore.baselines import CenterCertificate, CenterSettings, center_smooth, segcertify
from lrscore.certificates import ImageCertificate, discounted
from lrscore.collective import certify_collectively
from lrscore.images import certify_image
from lrscore.metrics import VOID, class_counts


@dataclass(frozen=True)
class Row:
    """A method's result on one image; counts of labelled pixels only.

    Args:
        method: what is plotted as one series, cost included.
        setting: its noise levels in short.
        dataset, image: which image.
        passes: forward passes per image, all samples together.
        seconds: sampling and counting.
        labelled: pixels with a reference label.
        hit, true, predicted: (classes,) pixels predicted right, present, and predicted; abstentions predict nothing.
        certified: (M,) correct pixels that are certified at each eps.
    """

    method: str
    setting: str
    dataset: str
    image: str
    passes: int
    seconds: float
    labelled: int
    hit: tuple[int, ...]
    true: tuple[int, ...]
    predicted: tuple[int, ...]
    certified: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Picture:
    """An image of a data set: (C, H, W) float32 in [0, 1] and its labels (H, W), 255 = void."""

    dataset: str
    name: str
    image: np.ndarray
    mask: np.ndarray


def measure(
    model: Callable[[torch.Tensor], torch.Tensor], picture: Picture, run: Run, plan: Plan, device: str = "cpu"
) -> list[Row]:
    """Sample one image by one run and count with every method that can use those counts.

    The seed depends on nothing but the picture's name, so that a resumed experiment equals an uninterrupted one.
    """
    start = time.perf_counter()
    generator = torch.Generator(device=device).manual_seed(zlib.crc32(picture.name.encode()))
    epsilons = np.linspace(0, plan.epsilon_max, plan.epsilons)
    if isinstance(run.settings, CenterSettings):
        center = center_smooth(model, picture.image, run.settings, generator=generator, device=device)
        named = {run.family: _center(center, picture, epsilons)}
    else:
        certificate = certify_image(model, picture.image, run.settings, generator=generator, device=device)
        certificate = certificate.with_reference(picture.mask)
        named = dict(_counted(certificate, run, plan, epsilons))
    seconds = time.perf_counter() - start
    return [_row(name, run, picture, seconds, *found) for name, found in named.items()]


_Found = tuple[np.ndarray, np.ndarray, np.ndarray]  # labels, abstained, certified correct pixels per eps


def _counted(
    certificate: ImageCertificate, run: Run, plan: Plan, epsilons: np.ndarray
) -> Iterator[tuple[str, _Found]]:
    labels, abstained = certificate.labels, certificate.abstained
    correct = certificate.correct()
    budgets = certificate.noise.budget(epsilons)
    if run.family == "isotropic":
        certified = certificate.collective(budgets, "naive", correct).certified
        yield "isotropic, adaptive radii", (labels, abstained, certified)
        for tau in plan.taus:
            fixed = segcertify(certificate, tau)
            yield f"SegCertify, tau {tau:g}", (labels, fixed.abstained, fixed.certified(epsilons, correct))
        return
    chosen = correct.ravel()
    for method in plan.collective:
        result = certify_collectively(
            certificate.weights,
            certificate.thresholds[chosen],
            certificate.groups[chosen],
            budgets,
            method=method,
            time_limit=plan.time_limit if method == "exact" else None,
        )
        certified = discounted(result, certificate.plan.discount).certified
        yield f"{run.family}, {method}", (labels, abstained, certified)


def _center(center: CenterCertificate, picture: Picture, epsilons: np.ndarray) -> _Found:
    """Of the correct pixels all but the certified distance stay correct, whichever pixels change."""
    correct = int(((center.labels == picture.mask) & (picture.mask != VOID)).sum())
    certified = np.maximum(correct - center.certified_distance(epsilons), 0)
    return center.labels, np.full(center.labels.shape, center.abstained), certified


def _row(
    name: str,
    run: Run,
    picture: Picture,
    seconds: float,
    labels: np.ndarray,
    abstained: np.ndarray,
    certified: np.ndarray,
) -> Row:
    hit, true, predicted = class_counts(labels, picture.mask, VOID, abstained).tolist()
    return Row(
        method=f"{name}, {run.cost}",
        setting=run.name,
        dataset=picture.dataset,
        image=picture.name,
        passes=run.forward_passes,
        seconds=round(seconds, 3),
        labelled=sum(true),
        hit=tuple(hit),
        true=tuple(true),
        predicted=tuple(predicted),
        certified=tuple(int(count) for count in certified),
    )
