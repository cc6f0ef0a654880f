"""Pictures in shards: open, pilot, labels, estimation, certificate. Every function is pure and runs on any worker."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from lrscore.certificate import Certificate
from lrscore.errors import InputError, SettingsError
from lrscore.images.baselines.center_sampling import center_smooth
from lrscore.images.certificate import ImageCertificate
from lrscore.images.certify import certify_image
from lrscore.images.references import checked_reference, match_reference
from lrscore.images.sampler import ImageSampler
from lrscore.images.settings import ImageSettings
from lrscore.monitor import Monitor, Run
from lrscore.records import compact
from lrscore.study.image_rows import center_row, image_row
from lrscore.study.items import Item, label_options
from lrscore.study.shards import Finished, Heading, Part, Shard, cost_of, file_content, stream_of
from lrscore.study.worker import model_of, provenance_of, sampler_of, source_catalogue


@dataclass(frozen=True, eq=False)
class OpenedImage:
    """A picture on its way through the cluster.

    Args:
        image: (C, H, W), bytes if they hold it exactly, else float32.
        reference: (H, W) in the model's numbering, or None.
        heading: how its work is cut.
        unsmoothed: (H, W) labels of the clean picture.
        classes: of the model.
        sampled: how noisy copies are made, for provenance.
    """

    image: np.ndarray
    reference: np.ndarray | None
    heading: Heading
    unsmoothed: np.ndarray
    classes: int
    sampled: dict[str, str]

    def tensor(self) -> torch.Tensor:
        """(C, H, W) float32."""
        whole = self.image.dtype == np.uint8
        return torch.from_numpy(self.image.astype(np.float32) / np.float32(255) if whole else self.image)


def open_item(item: Item) -> OpenedImage:
    """Read the picture, load the model, and find out whether they, the grid and the reference go together.

    Raises:
        LrscoreError: something does not fit, or the files are others than where the study was started.
    """
    catalogue, study = source_catalogue(item), item.study
    loaded = catalogue.load_image(item.source, study.size, **label_options(study))
    if not item.fingerprint:
        raise InputError(f"{item.source} could not be read when the study was started")
    model = model_of(item)
    names = tuple(getattr(model, "class_names", ()))
    reference = match_reference(loaded.reference, loaded.class_names, names)
    image = np.ascontiguousarray(loaded.image, dtype=np.float32)
    _check(item, image)
    sampler = _sampler(item, torch.from_numpy(image))
    height, width = image.shape[1:]
    if reference is not None:
        reference = checked_reference(reference, (height, width), sampler.classes)
    return OpenedImage(
        image=_exact_bytes(image),
        reference=None if reference is None else compact(reference),
        heading=_heading(item, sampler),
        unsmoothed=compact(sampler.copies.unsmoothed),
        classes=sampler.classes,
        sampled=sampler.provenance,
    )


def pilot_shard(item: Item, opened: OpenedImage, shard: Shard) -> Part:
    """Votes (P, classes) for the pixels of the shard's groups, group by group and row by row."""
    started = time.perf_counter()
    sampler, votes = _sampler(item, opened.tensor()), dict[int, torch.Tensor]()
    for group, labels in _predictions(item, sampler, shard):
        if group not in votes:
            votes[group] = _zeros(sampler, (sampler.classes, labels[0].numel()))
        flat = labels.flatten(1)
        votes[group].scatter_add_(0, flat, votes[group].new_ones(()).expand(flat.shape))
    counts = sampler.copies.to_host(torch.cat([votes[group] for group in shard.groups], dim=1))
    return _part("votes", np.ascontiguousarray(counts.T), started, item, shard)


def choose(merged: Part) -> Part:
    """The labels (P,) that a block's pilot votes choose: the most frequent class, the first of several."""
    return Part({"labels": compact(merged.counts["votes"].argmax(axis=1))})


def estimation_shard(item: Item, opened: OpenedImage, chosen: Part, shard: Shard) -> Part:
    """How often the pixels (P,) of the shard's groups got their labels, in copies that chose none of them."""
    started = time.perf_counter()
    sampler, agreements = _sampler(item, opened.tensor()), dict[int, torch.Tensor]()
    labels, place = dict[int, torch.Tensor](), 0
    for group in shard.groups:
        rows, cols = sampler.regions.slices(group)
        size = (rows.stop - rows.start) * (cols.stop - cols.start)
        own = chosen.counts["labels"][place : place + size].astype(np.int64)
        labels[group] = torch.as_tensor(own, device=sampler.image.device)
        place += size
    for group, predicted in _predictions(item, sampler, shard):
        if group not in agreements:
            agreements[group] = _zeros(sampler, labels[group].shape)
        agreements[group] += (predicted.flatten(1) == labels[group]).sum(dim=0, dtype=torch.int32)
    counts = sampler.copies.to_host(torch.cat([agreements[group] for group in shard.groups]))
    return _part("agreements", counts, started, item, shard)


def finish(
    item: Item,
    opened: OpenedImage,
    blocks: Sequence[tuple[int, ...]],
    pilots: Sequence[Part],
    estimations: Sequence[Part],
) -> Finished:
    """The certificate of the merged counts of every block of groups, and its row."""
    started = time.perf_counter()
    settings, tensor = item.setting.values, opened.tensor()
    regions = settings.regions(*tensor.shape[1:])
    votes = np.zeros((regions.height, regions.width, opened.classes), dtype=np.int64)
    agreements = np.zeros((regions.height, regions.width), dtype=np.int64)
    for groups, pilot, estimation in zip(blocks, pilots, estimations, strict=True):
        place = 0
        for group in groups:
            cell = regions.slices(group)
            height, width = agreements[cell].shape
            own = slice(place, place + height * width)
            votes[cell] = pilot.counts["votes"][own].reshape(height, width, -1)
            agreements[cell] = estimation.counts["agreements"][own].reshape(height, width)
            place += height * width
    certificate = ImageCertificate(
        settings=settings,
        image=tensor.numpy(),
        labels=votes.argmax(axis=2),
        pilot_votes=votes,
        agreements=agreements,
        trials=np.full(regions.count, settings.samples, dtype=np.int64),
        class_names=tuple(getattr(model_of(item), "class_names", ())),
        provenance=_provenance(item, opened),
        unsmoothed=opened.unsmoothed.astype(np.int64),
    )
    certificate.check_counts()
    return finished(item, _at_cost(certificate, *cost_of([*pilots, *estimations])), opened, started)


def is_about(opened: OpenedImage, certificate: Certificate) -> bool:
    """Whether a certificate is about this very picture, in every value."""
    return isinstance(certificate, ImageCertificate) and np.array_equal(
        certificate.image, opened.tensor().numpy()
    )


def whole(item: Item, opened: OpenedImage) -> Finished:
    """An item that can not be cut: adaptive sampling, center smoothing."""
    started = time.perf_counter()
    study, settings, tensor = item.study, item.setting.values, opened.tensor()
    generator = stream_of(item, None, study.device)
    if not isinstance(settings, ImageSettings):
        center = center_smooth(
            model_of(item),
            tensor,
            settings,
            generator=generator,
            device=study.device,
            batch_size=opened.heading.batch,
        )
        facts = _provenance(item, opened)
        return Finished(center_row(item, center, opened.reference, facts, time.perf_counter() - started))
    sized = replace(settings, batch_size=opened.heading.batch)  # this worker may have less memory
    certificate = certify_image(model_of(item), tensor, sized, generator=generator, device=study.device)
    facts = _provenance(item, opened)
    certificate = replace(certificate, settings=settings, provenance=facts)
    spent = time.perf_counter() - started
    drawn = len(settings.shared_copies()) / certificate.trials.size
    passes = int((certificate.trials.sum() + certificate.trials.size * settings.pilot_samples) * drawn)
    return finished(item, _at_cost(certificate, spent, passes), opened, time.perf_counter())


def _provenance(item: Item, opened: OpenedImage) -> dict[str, str]:
    return provenance_of(item, opened.heading.batch) | opened.sampled


def _at_cost(certificate: ImageCertificate, seconds: float, passes: int) -> ImageCertificate:
    known = {**certificate.provenance, "seconds": f"{seconds:.3f}", "passes": str(passes)}
    return replace(certificate, provenance=known)


def finished(item: Item, certificate: ImageCertificate, opened: OpenedImage, started: float) -> Finished:
    """The item's certificate with its reference, and its row; `started` is when certifying began."""
    if opened.reference is not None:
        certificate = certificate.with_reference(opened.reference.astype(np.int64))
    row, curve = image_row(item, certificate)
    if curve is not None:
        certificate = replace(certificate, curves=(curve,))
    content = file_content(item, certificate)
    row["certifying_seconds"] = time.perf_counter() - started
    return Finished(row, content)


def _check(item: Item, image: np.ndarray) -> None:
    """The grid fits, before a sampler allocates anything for it."""
    settings = item.setting.values
    if isinstance(settings, ImageSettings):
        settings.regions(*image.shape[1:])
    elif item.setting.kind != "center":
        raise SettingsError(f"{item.source} is a picture, the settings are not for pictures")


def _sampler(item: Item, image: torch.Tensor) -> ImageSampler:
    def make() -> ImageSampler:
        settings = item.setting.values
        if not isinstance(settings, ImageSettings):  # center smoothing samples like an isotropic run
            level = settings.level
            settings = ImageSettings(grid=(1, 1), level_min=level, level_max=level)
        device = item.study.device
        return ImageSampler(model_of(item), image, settings, Run.on(device, torch.Generator(device)))

    return sampler_of(item, make)


def _predictions(item: Item, sampler: ImageSampler, shard: Shard) -> Iterator[tuple[int, torch.Tensor]]:
    """Labels of the shard's copies, from its own stream."""
    sampler.batch_size = (
        shard.batch
    )  # chosen where the picture was opened: another machine may have less memory
    sampler.generator = stream_of(item, shard, item.study.device)
    return sampler.predictions(shard.samples, Monitor(0), shard.groups)


def _zeros(sampler: ImageSampler, shape: tuple[int, ...]) -> torch.Tensor:
    """Counts to add to where the model runs; they are read once, through the check of the model's scores."""
    return torch.zeros(shape, dtype=torch.int32, device=sampler.image.device)


def _heading(item: Item, sampler: ImageSampler) -> Heading:
    settings = item.setting.values
    if not isinstance(settings, ImageSettings):
        return Heading((), sampler.batch_size, 0, settings.forward_passes)
    alike = tuple(tuple(groups) for groups in sampler.alike)
    return Heading(alike, sampler.batch_size, settings.pilot_samples, settings.samples)


def _part(name: str, counts: np.ndarray, started: float, item: Item, shard: Shard) -> Part:
    settings = item.setting.values
    sets = sum(1 for alike in settings.shared_copies() if set(alike) & set(shard.groups))
    return Part({name: compact(counts)}, time.perf_counter() - started, shard.samples * sets)


def _exact_bytes(image: np.ndarray) -> np.ndarray:
    lattice = np.rint(image * 255).clip(0, 255).astype(np.uint8)
    return lattice if np.array_equal(lattice.astype(np.float32) / np.float32(255), image) else image
