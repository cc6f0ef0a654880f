"""Train the denoiser that is told its noise levels.

    python -m models.denoising.train --data-root DATA --scenes 400 --out level_denoiser.safetensors

Learns from the photographs of `bsds/` but for every tenth, from CamVid's train split without the drive that
segmentation is judged on, from the Pascal VOC sample and from procedural scenes. The photographs kept out are scored
along the way and choose nothing: the weights are those of the last step. Everything is logged as JSON lines;
`--state FILE` keeps the state of the run and continues from it if it exists, also with another `--steps`.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import torch

from lrscore.cli.failures import run_command
from lrscore.cli.progress import progress_bar
from models.datasets.photos import load_photo
from models.denoising.checkpoint import save_denoiser
from models.denoising.pictures import as_bytes, open_photographs, training_sources
from models.denoising.scoring import psnr_per_level
from models.denoising.training import DenoiserTrainer, DenoiserTraining
from models.run_checks import check_counts, check_outputs

_GLANCED_AT = (0.1, 0.2, 0.5)
_PICTURES = 4  # kept-out photographs that reports along the way look at


def parser() -> argparse.ArgumentParser:
    """The command line."""
    settings = DenoiserTraining()
    options = argparse.ArgumentParser(
        prog="python -m models.denoising.train", description=__doc__.splitlines()[0]
    )
    options.add_argument("--data-root", type=Path, help="folder of the data (default: LRS_DATA_ROOT)")
    options.add_argument("--scenes", type=int, default=0, help="procedural scenes (seeds 2000000, ...)")
    options.add_argument("--scene-cache", type=Path, help=".npz file that keeps the rendered scenes")
    options.add_argument("--steps", type=int, default=settings.steps)
    options.add_argument("--batch-size", type=int, default=settings.batch_size)
    options.add_argument("--patch", type=int, default=settings.patch, help="side of a patch in pixels")
    options.add_argument("--learning-rate", type=float, default=settings.learning_rate)
    options.add_argument("--cooldown", type=float, default=settings.cooldown, help="share of falling rate")
    options.add_argument("--seed", type=int, default=settings.seed)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--every", type=int, default=500, help="steps between two reports")
    options.add_argument("--init", type=Path, help="denoiser whose weights to start from")
    options.add_argument("--out", type=Path, required=True, help="weights to write (.safetensors)")
    options.add_argument("--state", type=Path, help="file that keeps the run's state; continued if it exists")
    options.add_argument("--log", type=Path, help="JSON-lines log to append to (default: standard output)")
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    arguments = sys.argv[1:] if arguments is None else arguments
    chosen = parser().parse_args(arguments)
    check_outputs(chosen.out, chosen.state, chosen.log, chosen.scene_cache)
    check_counts(
        steps=chosen.steps,
        batch_size=chosen.batch_size,
        every=chosen.every,
        threads=chosen.threads,
        patch=chosen.patch,
    )
    torch.set_num_threads(chosen.threads)
    settings = DenoiserTraining(
        steps=chosen.steps,
        batch_size=chosen.batch_size,
        patch=chosen.patch,
        learning_rate=chosen.learning_rate,
        cooldown=chosen.cooldown,
        seed=chosen.seed,
    )
    sources = training_sources(chosen.data_root, chosen.scenes, chosen.scene_cache)
    kept_out = [as_bytes(load_photo(file, None).image) for file in open_photographs(chosen.data_root)[1]]
    trainer = DenoiserTrainer(sources, settings)
    if chosen.init:
        trainer.start_from(chosen.init)
    if chosen.state and chosen.state.exists():
        trainer.resume(chosen.state)
    command = shlex.join(["python", "-m", "models.denoising.train", *arguments])
    start = time.monotonic()

    def write(record: dict[str, object]) -> None:
        line = json.dumps(record)
        if chosen.log is None:
            print(line, flush=True)
            return
        with chosen.log.open("a") as log:
            log.write(line + "\n")

    def report(step: int, loss: float) -> None:
        scores = psnr_per_level(trainer.average, kept_out[:_PICTURES], _GLANCED_AT)
        save_denoiser(trainer.average, chosen.out, training=f"{command} (step {step})")
        if chosen.state:
            trainer.save(chosen.state)
        glances = {f"psnr_{level}": round(float(s), 2) for level, s in zip(_GLANCED_AT, scores, strict=True)}
        seconds = round(time.monotonic() - start)
        write({"step": step, "loss": round(loss, 4), **glances, "seconds": seconds})

    numbers = {source.title: len(source.pictures) for source in sources}
    write(
        {
            "command": command,
            "torch": torch.__version__,
            "pictures": numbers,
            "kept_out": len(kept_out),
            "settings": asdict(settings),
        }
    )
    with progress_bar("steps") as progress:
        trainer.run(every=chosen.every, report=report, progress=progress)


if __name__ == "__main__":
    sys.exit(run_command(partial(main, sys.argv[1:]), left="what was kept is kept"))
