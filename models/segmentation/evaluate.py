"""Score a trained street network: the numbers of its model card.

    python -m models.evaluate --data-root DATA --weights models/checkpoints/street_unet.safetensors

For the held-out drive, CamVid's val split and fresh procedural scenes: mIoU over the classes present of one clean pass,
of one pass under isotropic noise, of the majority vote under isotropic and under localized noise, or for a network of
views under a pyramid's. Then how local the model is (a network of views states it), and how many passes a second this
machine does. `--json FILE` keeps the numbers.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import torch

from models.datasets.camvid import of_drives, open_camvid
from models.datasets.classes import CAMVID_CLASSES
from models.run_checks import check_counts, check_outputs
from models.segmentation.evaluation.locality import measure_locality
from models.segmentation.evaluation.smoothed import (
    isotropic_scores,
    localized_scores,
    pyramid_scores,
    single_pass_scores,
    view_scores,
)
from models.segmentation.evaluation.speed import passes_per_second
from models.segmentation.model import SegmentationModel, TwoViewSegmentationModel, ViewsSegmentationModel
from models.segmentation.registry import DEFAULT_MODEL, load_model
from models.segmentation.training.data import LabelledImages, procedural_scenes

LEVELS = (0.1, 0.2, 0.3)
VIEW_LEVELS = (0.05, 0.1, 0.25, 0.6, 0.9)
"""Of the finest view of a pyramid; the others are higher by what they are averaged over."""
FIRST_FRESH_SEED = 5_000_000
"""Training never draws these scenes (its seeds begin at 1,000,000)."""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(prog="python -m models.evaluate", description=__doc__.splitlines()[0])
    options.add_argument("--data-root", type=Path, help="folder that holds camvid/ (default: LRS_DATA_ROOT)")
    options.add_argument("--weights", type=Path, help="another checkpoint than the bundled one")
    options.add_argument("--holdout", default="0006R0", help="the drive that training left out")
    options.add_argument("--votes", type=int, default=64, help="passes of an isotropic vote")
    options.add_argument(
        "--localized-votes", type=int, default=16, help="passes of a localized vote, per cell"
    )
    options.add_argument("--scenes", type=int, default=50, help="number of fresh procedural scenes")
    options.add_argument("--stride", type=int, default=3, help="vote on every n-th picture only")
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--seconds", type=float, default=5.0, help="time for each measurement of speed")
    options.add_argument("--only-speed", action="store_true", help="measure passes a second and nothing else")
    options.add_argument("--json", type=Path, help="file for the numbers")
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    chosen = parser().parse_args(arguments)
    check_outputs(chosen.json)
    check_counts(
        votes=chosen.votes,
        localized_votes=chosen.localized_votes,
        stride=chosen.stride,
        threads=chosen.threads,
    )
    torch.set_num_threads(chosen.threads)
    model = load_model(DEFAULT_MODEL, weights=chosen.weights)
    numbers: dict[str, object] = {"digest": model.digest, "parameters": model.parameter_count}
    if not chosen.only_speed:
        train = open_camvid("train", root=chosen.data_root)
        holdout = LabelledImages.collect(of_drives(train, chosen.holdout))
        sets = {
            f"held-out drive {chosen.holdout}": holdout,
            "CamVid val": LabelledImages.collect(open_camvid("val", root=chosen.data_root)),
            "fresh procedural scenes": procedural_scenes(
                range(FIRST_FRESH_SEED, FIRST_FRESH_SEED + chosen.scenes)
            ),
        }
        for title, pictures in sets.items():
            numbers[title] = score(model, pictures, chosen)
            print(title, json.dumps(numbers[title]), flush=True)
        if not isinstance(model, ViewsSegmentationModel):  # those state what they see
            locality = measure_locality(model, holdout.every(chosen.stride))
            numbers["locality"] = {
                f"noise {locality.level} from distance {distance}": round(float(share), 4)
                for distance, share in zip(locality.distances, locality.changed, strict=True)
            }
    speed = passes_per_second(model, seconds=chosen.seconds)
    numbers["passes a second"] = {
        "network": round(speed.network),
        "with noise and votes": round(speed.complete),
    }
    print(json.dumps(numbers, indent=2))
    if chosen.json:
        chosen.json.write_text(json.dumps(numbers, indent=2) + "\n")


def score(
    model: SegmentationModel, pictures: LabelledImages, chosen: argparse.Namespace
) -> dict[str, object]:
    """All scores of one set of pictures, ready to print; votes are taken on every `--stride`-th picture."""
    some = pictures.every(chosen.stride)
    clean = single_pass_scores(model, pictures, level=0.0)
    if isinstance(model, ViewsSegmentationModel):
        noisy = _views_scores(model, pictures, some, chosen)
    else:
        noisy = _usual_scores(model, pictures, some, chosen)
    return {
        "pictures": len(pictures),
        "clean": round(clean.mean_iou, 4),
        "clean accuracy": round(clean.accuracy, 4),
        "clean by class": dict(zip(CAMVID_CLASSES, clean.iou.round(3).tolist(), strict=True)),
        "pictures voted on": len(some),
        "clean, these pictures": round(single_pass_scores(model, some, level=0.0).mean_iou, 4),
        **noisy,
    }


def _usual_scores(
    model: SegmentationModel, pictures: LabelledImages, some: LabelledImages, chosen: argparse.Namespace
) -> dict[str, object]:
    """Under isotropic and localized noise; of a network of two views, its pairs, too."""
    single = {level: single_pass_scores(model, pictures, level=level).mean_iou for level in LEVELS}
    voted = {
        level: isotropic_scores(model, some, level=level, votes=chosen.votes).mean_iou for level in LEVELS
    }
    localized = localized_scores(model, some, votes=chosen.localized_votes).mean_iou
    views = {}
    if isinstance(model, TwoViewSegmentationModel):
        found = {
            near: view_scores(model, some, near=near, far=8 * near, votes=chosen.votes) for near in LEVELS
        }
        views = {f"{near:g} near, {8 * near:g} far": round(one.mean_iou, 4) for near, one in found.items()}
    return {
        "one noisy pass": {str(level): round(value, 4) for level, value in single.items()},
        "smoothed": {str(level): round(value, 4) for level, value in voted.items()},
        "smoothed, localized 0.1:0.3": round(localized, 4),
        **({"smoothed, two views, grid 2x3": views} if views else {}),
    }


def _views_scores(
    model: ViewsSegmentationModel,
    pictures: LabelledImages,
    some: LabelledImages,
    chosen: argparse.Namespace,
) -> dict[str, object]:
    """Under a pyramid's noise, of which the network is told the levels."""
    once = {level: pyramid_scores(model, pictures, level=level) for level in VIEW_LEVELS}
    many = {level: pyramid_scores(model, some, level=level, votes=chosen.votes) for level in VIEW_LEVELS}
    return {
        "one noisy pass, views": {f"{level:g}": round(one.mean_iou, 4) for level, one in once.items()},
        "smoothed, views": {f"{level:g}": round(one.mean_iou, 4) for level, one in many.items()},
    }


if __name__ == "__main__":
    main()
