"""Which network of views: short equal trainings, judged by accuracy and by what their windows are worth.

    python -m benchmarks.view_networks radii
    python -m benchmarks.view_networks train --data-root DATA --out runs/views
    python -m benchmarks.view_networks score --data-root DATA --out runs/views

The rule, written down before any of the numbers:

1. Candidates are `street-views` with 0, 1 and 2 residual blocks after the views have met: windows of 19, 27 and 35
   pixels. The reference is the architecture of `street-unet`, read as isotropic smoothing reads it.
2. All start from the weights of `street-unet` (trained without drive 0006R0) and train the same way: equal steps,
   pictures, order of pictures, learning rate and range of levels; without drive 0006R0; the last weights count. What
   the reference has in advance, a start that fits it entirely, counts against the candidates.
3. Accuracy is the mean IoU of a majority vote of 16 passes on every third frame of drive 0006R0, at level 0.05, 0.25
   and 0.6 (views at 4 and 8 times that level further out), and the mean of the three. CamVid's val split is not looked
   at.
4. The worth of windows is the average certified radius that they would give if all votes stayed: the thresholds of the
   bundled isotropic certificate of `zebra-crossing`, weights of a pyramid on 18x24 cells, collective count by
   envelopes; relative to isotropic smoothing.
5. The best has the largest accuracy + 0.03 * log2(radius): on these scenes isotropic smoothing pays about 3 points for
   a doubled radius. It trains on. Differences below a point are within the noise of such trainings.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from lrscore.collective.certify import certify_collectively
from lrscore.files import load_certificate
from lrscore.images.certificate import ImageCertificate
from lrscore.images.regions import GridRegions
from lrscore.images.windows import View, needed_windows, window_levels
from models.datasets.camvid import of_drives, open_camvid
from models.run_checks import check_counts
from models.segmentation.certify_gallery import RIVALS
from models.segmentation.checkpoint import load_checkpoint
from models.segmentation.evaluation.smoothed import isotropic_scores, pyramid_scores
from models.segmentation.street_views import POOLS, StreetViews, StreetViewsConfig
from models.segmentation.training.data import LabelledImages

HOLDOUT = "0006R0"
REFERENCE = "reference"
LEVELS = (0.05, 0.25, 0.6)
VOTES, STRIDE = 16, 3
GRID = (18, 24)
EXCHANGE = 0.03
"""Mean IoU that a doubled radius is worth."""
NORMS = np.linspace(0, 10, 41)
"""Norms that a radius is summed over, in levels of the first view."""
_CERTIFICATE = RIVALS / "zebra-crossing-isotropic.nc"
_HIGHEST = 0.9
_ROOM = 0.7  # isotropic training levels reach this share of --highest


def candidates() -> dict[str, StreetViewsConfig]:
    """Networks of views by name."""
    return {f"blocks{blocks}": StreetViewsConfig(sharp_blocks=blocks) for blocks in (0, 1, 2)}


def training(name: str, *, out: Path, steps: int, scenes: int, data_root: Path | None) -> list[str]:
    """Arguments of `python -m models.train` for one of the candidates or the reference."""
    if name == REFERENCE:
        kind = ["--architecture", "street", "--noise", "isotropic", "--highest", f"{_HIGHEST / _ROOM:.4f}"]
    else:
        blocks = candidates()[name].sharp_blocks
        kind = ["--architecture", "views", "--sharp-blocks", str(blocks), "--highest", str(_HIGHEST)]
    words = ["--holdout", HOLDOUT, "--scenes", str(scenes), "--scene-cache", str(out / "scenes.npz")]
    words += ["--scene-share", "0.25", "--batch-size", "8", "--view", "128", "160", "--zoom", "0.6", "1.2"]
    words += ["--threads", "1", "--seed", "3", "--keep", "last", "--lowest", "0.05", "--float32"]
    for option, suffix in (("--out", ".safetensors"), ("--state", ".pt"), ("--log", ".log.jsonl")):
        words += [option, str(out / f"{name}{suffix}")]
    words += [*kind, "--init", "models/checkpoints/street_unet.safetensors"]
    words += ["--steps", str(steps), "--every", str(max(1, steps // 3))]
    return words + (["--data-root", str(data_root)] if data_root else [])


def radius(certificate: ImageCertificate, fields: Sequence[int | None], ratios: Sequence[float]) -> float:
    """Average certified radius in levels of the first view, lower staircase, if the certificate's votes stayed."""
    thresholds = certificate.thresholds  # of squared shifts in units of the level, whatever it was
    if fields == (None,):
        return float(np.sqrt(thresholds).mean())
    regions = GridRegions(*certificate.shape, *GRID)
    windows = needed_windows(fields, regions)
    views = [View(window, ratio) for window, ratio in zip(windows, ratios, strict=True)]
    weights = window_levels(regions.distances(), views) ** -2.0
    found = certify_collectively(weights, thresholds, regions.index_map().ravel(), NORMS**2)
    return float((np.diff(NORMS) * found.certified[1:]).sum() / found.n_outputs)


def all_radii() -> dict[str, float]:
    """Average certified radius of every candidate's windows, and of isotropic smoothing under the reference's name."""
    certificate = load_certificate(_CERTIFICATE)
    assert isinstance(certificate, ImageCertificate)
    found = {REFERENCE: radius(certificate, (None,), (1.0,))}
    for name, config in candidates().items():
        found[name] = radius(certificate, StreetViews(config).receptive_fields, POOLS)
    return {name: round(value, 3) for name, value in found.items()}


def accuracy(name: str, pictures: LabelledImages, out: Path) -> list[float]:
    """Mean IoU of the majority vote at each of `LEVELS`."""
    network = load_checkpoint(out / f"{name}.safetensors").network.fuse()
    scored = []
    for level in LEVELS:
        if isinstance(network, StreetViews):
            found = pyramid_scores(network, pictures, level=level, votes=VOTES)
        else:
            found = isotropic_scores(network, pictures, level=level, votes=VOTES)
        scored.append(found.mean_iou)
    return scored


def score(names: Sequence[str], out: Path, data_root: Path | None) -> None:
    """Print one line of numbers for each network, as they come."""
    frames = of_drives(open_camvid("train", root=data_root), HOLDOUT)
    pictures = LabelledImages.collect(frames).every(STRIDE)
    radii = all_radii()
    for name in names:
        found = accuracy(name, pictures, out)
        doubled = np.log2(radii[name] / radii[REFERENCE])
        line = {
            "network": name,
            **{f"mIoU at {level:g}": round(value, 4) for level, value in zip(LEVELS, found, strict=True)},
            "mean": round(float(np.mean(found)), 4),
            "radius in levels": radii[name],
            "worth": round(float(np.mean(found) + EXCHANGE * doubled), 4),
        }
        print(json.dumps(line), flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.view_networks", description=__doc__.splitlines()[0]
    )
    parser.add_argument("step", choices=("radii", "train", "score"))
    parser.add_argument("--names", nargs="+", choices=(REFERENCE, *candidates()), help="default: all")
    parser.add_argument("--steps", type=int, default=600, help="of each training")
    parser.add_argument("--scenes", type=int, default=400, help="procedural scenes in each training")
    parser.add_argument("--data-root", type=Path, help="folder that holds camvid/ (default: LRS_DATA_ROOT)")
    parser.add_argument("--out", type=Path, default=Path("runs/views"))
    chosen = parser.parse_args(arguments)
    check_counts(steps=chosen.steps, scenes=chosen.scenes)
    names = chosen.names or [REFERENCE, *candidates()]
    torch.set_num_threads(1)
    chosen.out.mkdir(parents=True, exist_ok=True)
    if chosen.step == "radii":
        print(json.dumps(all_radii()))
    elif chosen.step == "score":
        score(names, chosen.out, chosen.data_root)
    else:
        for name in names:
            words = training(
                name, out=chosen.out, steps=chosen.steps, scenes=chosen.scenes, data_root=chosen.data_root
            )
            print(shlex.join(["python", "-m", "models.train", *words]), flush=True)
            subprocess.run([sys.executable, "-m", "models.train", *words], check=True)


if __name__ == "__main__":
    main()
