"""Score the denoiser on the photographs that were kept out of its training, against no denoiser and classical filters.

    python -m models.denoising.evaluate --data-root DATA

Prints the table of its model card: peak signal-to-noise ratio in dB per level, Gaussian noise unless another is named.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch

from lrscore.cli.failures import run_command
from lrscore.noise import ADDITIVE_NOISES, additive_noise
from models.datasets.photos import load_photo
from models.denoising.checkpoint import BUNDLED, load_denoiser
from models.denoising.pictures import as_bytes, open_photographs
from models.denoising.scoring import (
    LEVELS,
    best_gaussian_filter,
    psnr_per_level,
    untouched,
    wiener_filter,
)
from models.run_checks import check_counts


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m models.denoising.evaluate", description=__doc__.splitlines()[0]
    )
    options.add_argument("--data-root", type=Path, help="folder of the data (default: LRS_DATA_ROOT)")
    options.add_argument("--weights", type=Path, default=BUNDLED, help="default: the bundled ones")
    options.add_argument("--noise", choices=tuple(ADDITIVE_NOISES), default="gaussian")
    options.add_argument("--pictures", type=int, help="only so many, evenly spaced")
    options.add_argument("--threads", type=int, default=2)
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    chosen = parser().parse_args(arguments)
    check_counts(threads=chosen.threads, pictures=chosen.pictures or 1)
    torch.set_num_threads(chosen.threads)
    files = open_photographs(chosen.data_root)[1]
    places = (
        np.linspace(0, len(files) - 1, min(chosen.pictures or len(files), len(files))).round().astype(int)
    )
    pictures = [as_bytes(load_photo(files[place], None).image) for place in places]
    noise = additive_noise(chosen.noise)
    rows = {
        "LevelDenoiser": psnr_per_level(load_denoiser(chosen.weights).network, pictures, noise=noise),
        "noisy picture": psnr_per_level(untouched, pictures, noise=noise),
        "Gaussian filter, best width per level": best_gaussian_filter(pictures, noise=noise),
        "scipy.signal.wiener, 5x5, told the level": psnr_per_level(wiener_filter, pictures, noise=noise),
    }
    print(
        f"| PSNR in dB, {chosen.noise}, {len(pictures)} photographs | "
        + " | ".join(f"{x:g}" for x in LEVELS)
        + " |"
    )
    print("| --- |" + " --- |" * len(LEVELS))
    for name, scores in rows.items():
        print(f"| {name} | " + " | ".join(f"{score:.1f}" for score in scores) + " |")


if __name__ == "__main__":
    sys.exit(run_command(partial(main, sys.argv[1:])))
