"""What the denoiser is worth to a network that was trained without noise: votes and radii with and without it.

    python -m benchmarks.denoising train --steps 900 --out runs/denoising/clean.json
    python -m benchmarks.denoising measure --model runs/denoising/clean.json --frames 3

`train` trains a network of segmentation-models-pytorch on clean CamVid frames (train split without drive 0006R0).
`measure` certifies frames of that drive under isotropic noise, with and without the denoiser, with equal passes and
with equal time: then the denoised network gets fewer copies. Rates are measured on the same batches in turn.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lrscore.images.certify import certify_image
from lrscore.images.settings import ImageSettings
from lrscore.metrics import VOID, mean_iou
from models.datasets import PicturePairs
from models.datasets.camvid import of_drives, open_camvid, without_drives
from models.datasets.classes import CAMVID_CLASSES
from models.denoising.pictures import JUDGED_DRIVE
from models.segmentation.description import Description
from models.segmentation.finetuning.network import save_trained, trainable
from models.segmentation.finetuning.pictures import Pictures
from models.segmentation.finetuning.run import RunSettings, Score, train_under_noise
from models.segmentation.registry import load_model
from models.segmentation.training.noise import NoiseRange
from models.timing import least_in_turn

WITHOUT, EQUAL_PASSES, EQUAL_TIME = "without", "equal-passes", "equal-time"
NETWORK = "smp:unet:timm-mobilenetv3_small_100"
_DECODER = {"decoder_channels": [96, 64, 48, 32, 16]}


def train(options: argparse.Namespace) -> None:
    """A network that has never seen noise, its description in `options.out`."""
    frames = open_camvid("train", root=options.data_root)
    apart = of_drives(frames, JUDGED_DRIVE).names[::10]
    pictures = Pictures.load(frames, without_drives(frames, JUDGED_DRIVE).names)
    kept_out = Pictures.load(frames, apart)
    start = Description(class_names=CAMVID_CLASSES, network=NETWORK, arguments=_DECODER, name="clean")
    torch.manual_seed(0)
    network = trainable(start, fresh=True)
    settings = RunSettings(steps=options.steps, noise=NoiseRange(clean=1.0), learning_rate=2e-3)

    def report(step: int, loss: float, score: Score, kept: bool) -> None:
        line = {"step": step, "loss": round(loss, 3), "clean_miou": round(score.clean_iou, 4)}
        print(json.dumps({**line, "noisy_miou": round(score.noisy_iou, 4)}), flush=True)

    # One score, of the last weights: nothing is chosen by the drive that is judged
    train_under_noise(network, pictures, kept_out, settings, every=options.steps, report=report)
    save_trained(network, start, CAMVID_CLASSES, options.out)


@dataclass(frozen=True)
class Row:
    """One network under one level, over all frames.

    Args:
        variant: which network, and how its copies were counted.
        level: of the noise; 0 for one pass without noise.
        copies: estimation copies of each frame.
        miou: mean IoU of the voted labels, pilot's choice, abstentions not taken out.
        agreement: share of pixels voted as the network labels them without noise.
        radius: average certified radius: mean over labelled pixels of the radius, 0 where wrong or abstained.
    """

    variant: str
    level: float
    copies: int
    miou: float
    agreement: float
    radius: float


def certified(variant: str, model: Any, frames: PicturePairs, level: float, copies: int, pilot: int) -> Row:
    """Certify every frame under one level and add up."""
    settings = ImageSettings(
        grid=(1, 1), level_min=level, level_max=level, pilot_samples=pilot, samples=copies, batch_size=16
    )
    labels, truth, radii, same = [], [], [], []
    for number, frame in enumerate(frames):
        generator = torch.Generator().manual_seed(number)
        certificate = certify_image(model, frame.image, settings, generator=generator)
        labels.append(certificate.labels.ravel())
        truth.append(frame.mask.ravel().astype(np.int64))
        right = certificate.labels == frame.mask
        radii.append(np.where(right, certificate.radii, 0.0)[frame.mask != VOID])
        same.append(certificate.labels.ravel() == np.asarray(certificate.unsmoothed).ravel())
    return Row(
        variant,
        level,
        copies,
        mean_iou(np.concatenate(labels), np.concatenate(truth), len(CAMVID_CLASSES)),
        float(np.concatenate(same).mean()),
        float(np.concatenate(radii).mean()),
    )


def clean(model: Any, frames: PicturePairs) -> Row:
    """One pass over every frame, without noise."""
    labels = [model.predict(torch.from_numpy(frame.image)[None])[0].numpy().ravel() for frame in frames]
    truth = [frame.mask.ravel().astype(np.int64) for frame in frames]
    score = mean_iou(np.concatenate(labels), np.concatenate(truth), len(CAMVID_CLASSES))
    return Row("clean picture", 0.0, 1, score, 1.0, 0.0)


def seconds_in_turn(works: dict[str, Callable[[], object]], rounds: int = 3) -> dict[str, float]:
    """Least seconds of each, taken in turn, so that whatever else the machine does meets all of them."""
    for work in works.values():
        work()
    return least_in_turn(works, rounds)


@torch.inference_mode()
def cost_of_denoiser(model: Any, denoised: Any, shape: tuple[int, ...]) -> float:
    """Time of a pass with the denoiser in passes without it."""
    batch, levels = torch.rand((16, *shape)), torch.full((1, 1, *shape[1:]), 0.2)
    seconds = seconds_in_turn(
        {"without": lambda: model(batch), "with": lambda: denoised.at_levels(batch, levels)}
    )
    return seconds["with"] / seconds["without"]


def measure(options: argparse.Namespace) -> None:
    """Print one JSON line per row."""
    from models.denoising.model import denoised

    torch.set_num_threads(options.threads)
    drive = of_drives(open_camvid("train", root=options.data_root), JUDGED_DRIVE)
    chosen = np.linspace(0, len(drive) - 1, options.frames).round().astype(int)
    frames = drive.only([drive.names[place] for place in chosen])
    model = load_model(options.model)
    guarded = denoised(model)
    cost = cost_of_denoiser(model, guarded, next(iter(frames)).image.shape)
    print(json.dumps({"cost_of_a_pass": round(cost, 3), "frames": list(frames.names)}), flush=True)
    rows = [clean(model, frames)]
    print_row(rows[0])
    for level in options.levels:
        fewer = max(1, round(options.samples / cost)), max(1, round(options.pilot / cost))
        for variant, one, copies, pilot in (
            (WITHOUT, model, options.samples, options.pilot),
            (EQUAL_PASSES, guarded, options.samples, options.pilot),
            (EQUAL_TIME, guarded, *fewer),
        ):
            if variant in options.variants:
                print_row(certified(variant, one, frames, level, copies, pilot))


def print_row(row: Row) -> None:
    """One line of JSON."""
    rounded = {
        name: round(value, 4) if isinstance(value, float) else value for name, value in vars(row).items()
    }
    print(json.dumps(rounded), flush=True)


def main() -> None:
    """Run a step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-root", type=Path, help="folder of the data (default: LRS_DATA_ROOT)")
    parser.add_argument("--threads", type=int, default=2)
    steps = parser.add_subparsers(dest="step", required=True)
    training = steps.add_parser("train", help="train a network on clean frames")
    training.add_argument("--steps", type=int, default=900)
    training.add_argument("--out", type=Path, default=Path("runs/denoising/clean.json"))
    measuring = steps.add_parser("measure", help="certify frames with and without the denoiser")
    measuring.add_argument("--model", default="runs/denoising/clean.json")
    measuring.add_argument("--frames", type=int, default=3)
    measuring.add_argument("--levels", type=float, nargs="+", default=[0.1, 0.2, 0.3])
    measuring.add_argument("--samples", type=int, default=64)
    measuring.add_argument("--pilot", type=int, default=16)
    variants = (WITHOUT, EQUAL_PASSES, EQUAL_TIME)
    measuring.add_argument("--variants", nargs="+", choices=variants, default=variants, help="default: all")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.step == "train":
        options.out.parent.mkdir(parents=True, exist_ok=True)
        train(options)
    else:
        measure(options)


if __name__ == "__main__":
    main()
