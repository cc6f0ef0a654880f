"""What the Monte Carlo engine costs beside the network, and what sharing noise between groups saves.

    python -m benchmarks.image_sampling [--model street-unet] [--copies 96] [--threads 2]

Every row is measured in this one run on the same bundled scene and grid: the network alone on ready-made batches, the
engine (noise, network, votes), and the engine with fresh noise for every group, as an obvious implementation draws it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import torch

from lrscore.images.sampler import ImageSampler
from lrscore.images.settings import ImageSettings
from lrscore.monitor import Monitor, Run
from models.scenes.gallery import GALLERY, load_gallery_scene
from models.segmentation.registry import load_model


def seconds_per_copy(work: Callable[[], int], repeats: int = 3) -> float:
    """Best of a few runs after one warm-up; `work` returns how many copies it made."""
    work()
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        copies = work()
        best = min(best, (time.perf_counter() - start) / copies)
    return best


def measure(model_name: str, copies: int) -> dict[str, float]:
    """Copies per second of each variant; `copies` per group."""
    model, settings = load_model(model_name), ImageSettings()
    image = torch.as_tensor(load_gallery_scene(GALLERY[0].name).image)
    regions = settings.regions(*image.shape[1:])

    def sampler() -> ImageSampler:
        return ImageSampler(model, image, settings, Run.on("cpu", torch.Generator().manual_seed(0)))

    shared, batch = sampler(), image.expand(32, -1, -1, -1).contiguous()

    def network() -> int:
        with torch.inference_mode():
            for _ in range(regions.count):
                model(batch)
        return 32 * regions.count

    def engine() -> int:
        shared.count_votes(copies, Monitor(0))
        return copies * regions.count

    def fresh_noise() -> int:
        for group in range(regions.count):
            for _, labels in shared.predictions(copies, Monitor(0), [group]):
                torch.nn.functional.one_hot(labels, shared.classes).sum(dim=0)
        return copies * regions.count

    variants = {
        "network alone": network,
        "engine": engine,
        "engine, noise drawn for every group": fresh_noise,
    }
    return {name: 1 / seconds_per_copy(work) for name, work in variants.items()}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="street-unet")
    parser.add_argument("--copies", type=int, default=96, help="noisy copies per group")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    rates = measure(options.model, options.copies)
    for name, rate in rates.items():
        print(f"{name:40s} {rate:8.1f} copies/s  {rate / rates['network alone']:.2f} of the network alone")


if __name__ == "__main__":
    main()
