"""What the Monte Carlo engine costs beside the network, against the published loop, in every precision.

    python -m benchmarks.image_sampling [--model street-unet | smp:unet:resnet18] [--size 192x256] [--threads 2]

All variants take the same pictures in batches of the same size, in turn, round by round: whatever else the machine
does meets all of them, and only ratios from one run are to be read. Isotropic noise: every pixel of every pass is
counted, so that the engine's own work is at its largest. The opponent is the published sampler (smoothing code of the
paper, itself after Cohen et al. 2019), written anew, in a process of its own: noise is drawn for every batch, the
network runs in float32 as it was built, one-hot labels are counted and go to the host batch by batch.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from lrscore.images.sampler import ImageSampler
from lrscore.images.settings import ImageSettings
from lrscore.kept_pages import keep_freed_pages
from lrscore.monitor import Monitor, Run
from models.datasets.classes import CAMVID_CLASSES
from models.precision import InPrecision
from models.scenes.gallery import GALLERY, load_gallery_scene
from models.segmentation.architectures import build_network
from models.segmentation.model import SegmentationModel
from models.segmentation.preprocessing import IMAGENET_MEAN, IMAGENET_STD, PreparedNetwork
from models.segmentation.registry import load_model
from models.timing import least_in_turn

LEVEL = 0.2
PUBLISHED, BARE, ENGINE = "published loop", "network alone", "engine"


def published_counts(
    model: Callable[[torch.Tensor], torch.Tensor], image: torch.Tensor, copies: int, batch: int, classes: int
) -> np.ndarray:
    """Votes (H, W, classes) as the published sampler counts them: one-hot labels on the host, batch by batch."""
    votes = np.zeros((*image.shape[1:], classes), dtype=np.int64)
    with torch.no_grad():
        for _ in range(copies // batch):
            repeated = image.repeat(batch, 1, 1, 1)
            noise = torch.randn_like(repeated) * LEVEL
            labels = model(repeated + noise).argmax(dim=1)
            votes += F.one_hot(labels, classes).sum(dim=0).cpu().numpy()
    return votes


def variants(
    name: str, image: torch.Tensor, batch: int, batches: int, device: torch.device
) -> dict[str, Callable[[], object]]:
    """Every way to take `batch * batches` noisy copies."""
    settings = ImageSettings(
        grid=(1, 1), level_min=LEVEL, level_max=LEVEL, batch_size=batch, pilot_samples=batch, samples=batch
    )
    copies, held = batch * batches, image.to(device)
    ready = held + LEVEL * torch.randn((batch, *image.shape), device=device)
    works: dict[str, Callable[[], object]] = {}

    def add(way: str, model: Any) -> None:
        @torch.inference_mode()
        def bare() -> object:
            owner = Monitor(0)
            keep_freed_pages(owner)  # as the engine does: both meet the same allocator
            for _ in range(batches):
                scores = model(ready)
            return scores[0, 0, 0, 0].item()  # waits for a GPU

        def engine() -> object:  # a sampler that lived on would keep pages for the published loop, too
            run = Run.on(device, torch.Generator(device).manual_seed(0))
            return ImageSampler(model, image, settings, run).count_votes(copies, Monitor(0))

        works[f"{BARE}, {way}"], works[f"{ENGINE}, {way}"] = bare, engine

    told = (name, image, copies, batch, str(device), torch.get_num_threads())
    opponent = multiprocessing.get_context("spawn").Pool(1, _meet, told)
    works[PUBLISHED] = lambda: opponent.apply(_published)
    add("as it is", network(name).to(device))
    for precision in ("float32", "bfloat16", *(["float16"] if device.type == "cuda" else [])):
        add(precision, InPrecision(network(name).to(device), precision))
    return works


_round: list[Callable[[], np.ndarray]] = []


def _meet(name: str, image: torch.Tensor, copies: int, batch: int, device: str, threads: int) -> None:
    """Prepare the opponent, in a process of its own: how this one treats memory would help it."""
    torch.set_num_threads(threads)
    model, held = network(name).to(device), image.to(device)
    _round.append(lambda: published_counts(model, held, copies, batch, len(model.class_names)))


def _published() -> None:
    _round[0]()


def rates_in_turn(works: dict[str, Callable[[], object]], copies: int, rounds: int) -> dict[str, float]:
    """Copies per second of each, the best of some rounds after one to warm up."""
    for work in works.values():
        work()
    return {name: copies / seconds for name, seconds in least_in_turn(works, rounds).items()}


@torch.inference_mode()
def seconds_of_parts(model: Any, image: torch.Tensor, batch: int, rounds: int) -> dict[str, float]:
    """Processor time of each part of one batch on one thread, the least of some rounds.

    Time of this thread and not of the clock: what else the machine does counts less.
    """
    settings = ImageSettings(
        grid=(1, 1), level_min=LEVEL, level_max=LEVEL, batch_size=batch, pilot_samples=batch, samples=batch
    )
    sampler = ImageSampler(model, image, settings, Run.on("cpu", torch.Generator().manual_seed(0)))
    copies = sampler.copies
    unit = sampler.draw(batch)
    noisy = image + LEVEL * unit
    scores = copies.scores(sampler.image, unit, 0)
    labels = scores.max(dim=1).indices
    votes = torch.zeros((sampler.classes, *image.shape[1:]), dtype=torch.int32)
    one = votes.new_ones(())
    works: dict[str, Callable[[], object]] = {
        "noise": lambda: sampler.draw(batch),
        "network": lambda: model(noisy),
        "noise added, network, scores checked": lambda: copies.scores(sampler.image, unit, 0),
        "labels": lambda: scores.max(dim=1).indices,
        "votes": lambda: votes.scatter_add_(0, labels, one.expand(labels.shape)),
    }
    return least_in_turn(works, rounds, time.thread_time)


def network(name: str) -> Any:
    """A model by name; an architecture of segmentation-models-pytorch gets random weights: they cost the same."""
    if not name.startswith("smp:"):
        return load_model(name)
    torch.manual_seed(0)
    prepared = PreparedNetwork(
        build_network(name, len(CAMVID_CLASSES)),
        classes=len(CAMVID_CLASSES),
        mean=IMAGENET_MEAN,
        std=IMAGENET_STD,
        multiple=32,
    )
    colours = np.zeros((len(CAMVID_CLASSES), 3), dtype=np.uint8)
    return SegmentationModel(
        prepared, name=name, class_names=CAMVID_CLASSES, palette=colours, digest="random"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="street-unet")
    parser.add_argument("--size", default="192x256", help="HEIGHTxWIDTH")
    parser.add_argument("--batch", type=int, default=16, help="copies in one pass")
    parser.add_argument("--batches", type=int, default=12, help="passes of each variant in a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument(
        "--parts", action="store_true", help="instead: what a batch costs by parts, one thread"
    )
    parser.add_argument("--out", type=Path, help="JSON file for the rates")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    size = tuple(map(int, options.size.split("x")))
    scene = torch.as_tensor(load_gallery_scene(GALLERY[0].name).image)
    image = F.interpolate(scene[None], size, mode="bilinear", align_corners=False)[0].clamp(0, 1)
    if options.parts:
        torch.set_num_threads(1)
        for name, seconds in seconds_of_parts(
            network(options.model), image, options.batch, options.rounds
        ).items():
            print(f"{name:40s} {1e3 * seconds:8.1f} ms of processor time a batch")
        return
    works = variants(options.model, image, options.batch, options.batches, torch.device(options.device))
    rates = rates_in_turn(works, options.batch * options.batches, options.rounds)
    for name, rate in rates.items():
        print(f"{name:28s} {rate:8.2f} copies/s  {rate / rates[PUBLISHED]:.2f} of the published loop")
    for name in (name.removeprefix(f"{BARE}, ") for name in rates if name.startswith(BARE)):
        share = rates[f"{ENGINE}, {name}"] / rates[f"{BARE}, {name}"]
        print(f"engine over bare network, {name}: {share:.2f}")
    if options.out is not None:
        options.out.write_text(json.dumps(rates, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
