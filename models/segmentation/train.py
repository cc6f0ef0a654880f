"""Train the street network under localized, isotropic or mixed Gaussian noise.

    python -m models.train --data-root DATA --holdout 0006R0 --out street_unet.safetensors

Trains on CamVid's train split without the held-out drive, mixed with procedural scenes. The held-out drive is
scored along the way, and the weights that score best there (mean of clean and noisy mIoU), or with `--keep last`
those of the last step, are written with a model card beside them; CamVid's val split is never looked at. With
`--patience N` the run stops after N reports without a better score. Everything is logged as JSON lines. `--state FILE`
keeps the state of the run and continues from it if it exists.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import torch

from lrscore.cli.failures import run_command
from lrscore.cli.progress import progress_bar
from lrscore.errors import SettingsError
from models.datasets.camvid import drives, of_drives, open_camvid, without_drives
from models.run_checks import check_counts, check_outputs
from models.segmentation.checkpoint import Config, Network, load_checkpoint, save_checkpoint
from models.segmentation.evaluation.smoothed import pyramid_scores, single_pass_scores
from models.segmentation.street_unet import StreetUNetConfig
from models.segmentation.street_views import StreetViews, StreetViewsConfig
from models.segmentation.training.card import RunFacts, write_card
from models.segmentation.training.data import LabelledImages, procedural_scenes
from models.segmentation.training.loop import Trainer, TrainingSettings
from models.segmentation.training.noise import NoiseRange, PyramidRange, ViewRange
from models.segmentation.two_view_unet import TwoViewConfig

SELECTION_LEVEL = 0.1
_MOST_BLOCKS = 16
_CONFIGS: dict[str, type[Config]] = {
    "street": StreetUNetConfig,
    "two-view": TwoViewConfig,
    "views": StreetViewsConfig,
}


def parser() -> argparse.ArgumentParser:
    """The command line; every default is the one that the checkpoint's model card names."""
    settings = TrainingSettings()
    options = argparse.ArgumentParser(prog="python -m models.train", description=__doc__.splitlines()[0])
    options.add_argument("--data-root", type=Path, help="folder that holds camvid/ (default: LRS_DATA_ROOT)")
    options.add_argument("--holdout", default="0006R0", help="drive that is kept out for choosing")
    options.add_argument(
        "--scenes", type=int, default=0, help="procedural scenes to mix in (seeds 1000000, ...)"
    )
    options.add_argument("--scene-cache", type=Path, help=".npz file that keeps the rendered scenes")
    options.add_argument("--scene-share", type=float, default=settings.scene_share, help="share of a batch")
    options.add_argument("--steps", type=int, default=settings.steps)
    options.add_argument("--batch-size", type=int, default=settings.batch_size)
    options.add_argument("--learning-rate", type=float, default=settings.learning_rate)
    options.add_argument("--weight-decay", type=float, default=settings.weight_decay)
    options.add_argument("--class-power", type=float, default=settings.class_power, help="rare-class weight")
    options.add_argument(
        "--noise",
        choices=("mixed", "localized", "isotropic"),
        default="mixed",
        help="of the views that are not clean: some of both, little nearby and much far away, or the same everywhere",
    )
    noise = settings.noise
    options.add_argument("--lowest", type=float, default=noise.lowest, help="least noise level")
    options.add_argument("--highest", type=float, default=noise.highest, help="largest noise level")
    options.add_argument(
        "--architecture",
        choices=tuple(_CONFIGS),
        default="street",
        help="two-view: tiles see themselves well and the rest roughly; views: a pyramid of views, each read within a "
        "window (--noise does not matter for either)",
    )
    options.add_argument(
        "--sharp-blocks",
        type=int,
        default=StreetViewsConfig().sharp_blocks,
        help="of views: residual blocks after all views have met; each adds 8 pixels to every window",
    )
    pyramid = settings.pyramid
    options.add_argument(
        "--flatter",
        type=float,
        nargs=2,
        default=pyramid.flatter,
        metavar=("LEAST", "LARGEST"),
        help="of views: what the levels of the pyramid are divided by, 2 takes 1:4:8 to 1:2:4",
    )
    options.add_argument(
        "--core",
        type=float,
        nargs=2,
        metavar=("LOWEST", "HIGHEST"),
        help="of views: levels that half of the noisy pictures are drawn from",
    )
    options.add_argument(
        "--teacher", type=Path, help="of views: street network whose probabilities to follow as well"
    )
    options.add_argument("--teacher-share", type=float, default=0.5, help="of the loss, with --teacher")
    options.add_argument("--view", type=int, nargs=2, default=settings.view, metavar=("HEIGHT", "WIDTH"))
    options.add_argument("--zoom", type=float, nargs=2, default=settings.zoom, metavar=("LEAST", "LARGEST"))
    options.add_argument("--patience", type=int, help="stop after that many reports without a better score")
    options.add_argument("--seed", type=int, default=settings.seed)
    options.add_argument("--float32", action="store_true", help="multiply in float32 instead of bfloat16")
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--init", type=Path, help="checkpoint whose weights to start from")
    options.add_argument("--keep", choices=("best", "last"), default="best", help="which weights to write")
    options.add_argument("--every", type=int, default=500, help="steps between two reports")
    options.add_argument("--out", type=Path, required=True, help="checkpoint to write (.safetensors)")
    options.add_argument("--state", type=Path, help="file that keeps the run's state; continued if it exists")
    options.add_argument("--log", type=Path, help="JSON-lines log to append to (default: standard output)")
    return options


def guarded(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code, errors in one line each."""
    return run_command(partial(main, arguments), left="what was kept is kept")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    arguments = sys.argv[1:] if arguments is None else arguments
    chosen = parser().parse_args(arguments)
    check_outputs(chosen.out, chosen.state, chosen.log, chosen.scene_cache)
    check_counts(steps=chosen.steps, batch_size=chosen.batch_size, every=chosen.every, threads=chosen.threads)
    torch.set_num_threads(chosen.threads)
    camvid = open_camvid("train", root=chosen.data_root)
    holdout = LabelledImages.collect(of_drives(camvid, chosen.holdout))
    photographs = LabelledImages.collect(without_drives(camvid, chosen.holdout))
    scenes = None
    if chosen.scenes:
        scenes = procedural_scenes(range(1_000_000, 1_000_000 + chosen.scenes), cache=chosen.scene_cache)
    settings = TrainingSettings(
        steps=chosen.steps,
        batch_size=chosen.batch_size,
        scene_share=chosen.scene_share,
        learning_rate=chosen.learning_rate,
        weight_decay=chosen.weight_decay,
        class_power=chosen.class_power,
        bfloat16=not chosen.float32,
        seed=chosen.seed,
        view=tuple(chosen.view),
        zoom=tuple(chosen.zoom),
        noise=NoiseRange.of_kind(chosen.noise, chosen.lowest, chosen.highest),
        views=ViewRange(lowest=chosen.lowest, highest=chosen.highest),
        pyramid=PyramidRange(
            lowest=chosen.lowest,
            highest=chosen.highest,
            flatter=tuple(chosen.flatter),
            core=tuple(chosen.core) if chosen.core else None,
        ),
        teacher_share=chosen.teacher_share if chosen.teacher else 0.0,
    )
    config = _CONFIGS[chosen.architecture]()
    if isinstance(config, StreetViewsConfig):
        if not 0 <= chosen.sharp_blocks <= _MOST_BLOCKS:
            raise SettingsError(f"sharp-blocks must be from 0 to {_MOST_BLOCKS}, got {chosen.sharp_blocks}")
        config = replace(config, sharp_blocks=chosen.sharp_blocks)
    trainer = Trainer(photographs, scenes, settings, config)
    if chosen.init:
        trainer.start_from(load_checkpoint(chosen.init).network)
    if chosen.teacher:
        trainer.teach(load_checkpoint(chosen.teacher).network)
    if chosen.state and chosen.state.exists():
        trainer.resume(chosen.state)
    command = shlex.join(["python", "-m", "models.train", *arguments])
    facts = len(photographs), drives(without_drives(camvid, chosen.holdout))
    reporter = Reporter(trainer, holdout, chosen, command, facts)
    with progress_bar("steps") as progress:
        trainer.run(every=chosen.every, report=reporter, progress=progress)


class Reporter:
    """Scores the averaged weights on the held-out drive, logs, and keeps the best."""

    def __init__(
        self,
        trainer: Trainer,
        holdout: LabelledImages,
        chosen: argparse.Namespace,
        command: str,
        photographs: tuple[int, tuple[str, ...]],
    ) -> None:
        self._trainer, self._holdout, self._chosen, self._command = trainer, holdout, chosen, command
        self._photographs = photographs
        self._start = time.monotonic()
        self._write({"command": command, "torch": torch.__version__, "settings": asdict(trainer.settings)})

    def __call__(self, step: int, loss: float) -> bool:
        """Score, log, and keep what is to be kept; True if it is time to stop."""
        network = self._trainer.average
        clean, noisy = (_one_pass(network, self._holdout, level) for level in (0.0, SELECTION_LEVEL))
        chosen = (clean + noisy) / 2
        better = chosen > self._trainer.best_score
        self._trainer.best_score = max(chosen, self._trainer.best_score)
        self._trainer.reports_since_best = 0 if better else self._trainer.reports_since_best + 1
        if better or self._chosen.keep == "last":
            save_checkpoint(network, self._chosen.out, training=f"{self._command} (step {step})")
            self._write_card(step, clean, noisy)
        if self._chosen.state:
            self._trainer.save(self._chosen.state)
        self._write(
            {
                "step": step,
                "loss": round(loss, 4),
                "holdout_clean_miou": round(clean, 4),
                f"holdout_noisy_{SELECTION_LEVEL}_miou": round(noisy, 4),
                "best": better,
                "seconds": round(time.monotonic() - self._start),
            }
        )

        patience = self._chosen.patience
        return patience is not None and self._trainer.reports_since_best >= patience

    def _write_card(self, step: int, clean: float, noisy: float) -> None:
        number, drives = self._photographs
        chosen = self._chosen
        facts = RunFacts(
            command=self._command,
            step=step,
            photographs=number,
            drives=drives,
            holdout=chosen.holdout,
            scenes=chosen.scenes,
            clean=clean,
            noisy=noisy,
            level=SELECTION_LEVEL,
            kept=chosen.keep,
            architecture=chosen.architecture,
        )
        write_card(chosen.out, facts, self._trainer.settings)

    def _write(self, record: dict[str, object]) -> None:
        line = json.dumps(record)
        if self._chosen.log is None:
            print(line, flush=True)
            return
        with self._chosen.log.open("a") as log:
            log.write(line + "\n")


def _one_pass(network: Network, pictures: LabelledImages, level: float) -> float:
    """mIoU of one pass a picture under the same noise everywhere, or under a pyramid's."""
    if isinstance(network, StreetViews):
        return pyramid_scores(network, pictures, level=level).mean_iou
    return single_pass_scores(network, pictures, level=level).mean_iou


if __name__ == "__main__":
    main()
