"""One run on one image: sampled into a certificate file, and counted into rows, one for every method."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.pareto.plan import Plan, Run
from lrscore.collective import Limits
from lrscore.files import load_certificate
from lrscore.images.baselines import CenterCertificate, CenterSettings, center_smooth, segcertify
from lrscore.images.certificate import ImageCertificate
from lrscore.images.certify import certify_image
from lrscore.metrics import VOID, class_counts

Model = Callable[[torch.Tensor], torch.Tensor]
_SECONDS = "sampling seconds"
_COUNT_LEVEL = ", count-level"


@dataclass(frozen=True)
class Row:
    """A method's result on one image; counts of labelled pixels only.

    Args:
        method: what is plotted as one series, cost included.
        setting: its noise levels in short.
        dataset, image: which image.
        passes: forward passes per image, or pairs of views, all samples together.
        seconds: sampling (of center smoothing: with its search for the center), shared passes counted in full.
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
    model: Model, picture: Picture, run: Run, plan: Plan, stored: Path | None = None, device: str = "cpu"
) -> list[Row]:
    """Sample one image by one run, unless its certificate is stored, and count with every method that can use it.

    The seed depends on nothing but the picture's name, so that a resumed experiment equals an uninterrupted one.

    Args:
        stored: where the certificate is kept; nowhere if None. Center smoothing has no such file.
    """
    epsilons = plan.norms
    if isinstance(run.settings, CenterSettings):
        start, spared = time.perf_counter(), _spared(model)
        center = center_smooth(
            model, picture.image, run.settings, generator=_generator(picture, device), device=device
        )
        seconds = time.perf_counter() - start + _spared(model) - spared
        return [_row(run.family, run, picture, seconds, *_center(center, picture, epsilons))]
    certificate = _certificate(model, picture, run, stored, device)
    named = {
        f"{name}{suffix}": found
        for suffix, own in _corrections(certificate, plan).items()
        for name, found in _counted(own, run, plan, epsilons)
    }
    seconds = float(certificate.provenance[_SECONDS])
    return [_row(name, run, picture, seconds, *found) for name, found in named.items()]


def _certificate(
    model: Model, picture: Picture, run: Run, stored: Path | None, device: str
) -> ImageCertificate:
    if stored is not None and stored.is_file():
        return load_certificate(stored)
    assert not isinstance(run.settings, CenterSettings)
    start, spared = time.perf_counter(), _spared(model)
    certificate = certify_image(
        model, picture.image, run.settings, generator=_generator(picture, device), device=device
    )
    seconds = time.perf_counter() - start + _spared(model) - spared
    known = {**certificate.provenance, _SECONDS: f"{seconds:.3f}", "picture": picture.name}
    certificate = replace(certificate.with_reference(picture.mask), provenance=known)
    if stored is not None:
        stored.parent.mkdir(parents=True, exist_ok=True)
        certificate.save(stored)
    return certificate


def _corrections(certificate: ImageCertificate, plan: Plan) -> dict[str, ImageCertificate]:
    """The same counts under the planned correction and under the count-level one; each holds by itself."""
    found = {"": certificate}
    tolerated = round(plan.tolerated * certificate.labels.size)
    if tolerated > 1:
        settings = replace(certificate.settings, correction="count-level", tolerated=tolerated)
        found[_COUNT_LEVEL] = replace(certificate, settings=settings)
    return found


def _generator(picture: Picture, device: str) -> torch.Generator:
    return torch.Generator(device=device).manual_seed(zlib.crc32(picture.name.encode()))


def _spared(model: Model) -> float:
    """Seconds that remembered passes would have taken."""
    return float(getattr(model, "spared", 0.0))


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
        if certificate.plan.correction == "count-level":
            return  # SegCertify brings a correction of its own
        for tau in plan.taus:
            fixed = segcertify(certificate, tau)
            yield f"SegCertify, tau {tau:g}", (labels, fixed.abstained, fixed.certified(epsilons, correct))
        return
    for method in plan.collective:
        certified = certificate.collective(
            budgets, method, correct, limits=Limits(node_limit=plan.nodes)
        ).certified
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
