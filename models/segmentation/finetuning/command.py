"""Train or fine-tune any segmentation network on any labelled pictures, under noise.

    python -m models.train --data FOLDER --network smp:unet:resnet18 --out mine.json
    python -m models.train --data FOLDER:train --init clean.json --noise isotropic --out robust.json

Writes a description that `python -m lrscore certify image --model` takes, the weights beside it, and a model card.
"""

from __future__ import annotations

import argparse
import json
import shlex
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch

from lrscore.cli.failures import run_command
from lrscore.cli.image_options import picture_size
from lrscore.cli.labelled import class_names, void_values
from lrscore.cli.progress import progress_bar
from lrscore.errors import InputError
from lrscore.references import class_map, other_classes
from models.datasets import DATASETS, PicturePairs, open_dataset
from models.run_checks import check_counts, check_outputs
from models.segmentation.described import described_classes
from models.segmentation.finetuning.network import check_batch, described_start, save_trained, trainable
from models.segmentation.finetuning.pictures import Pictures, split_names
from models.segmentation.finetuning.run import RunSettings, Score, train_under_noise
from models.segmentation.training.noise import NoiseRange


def parser() -> argparse.ArgumentParser:
    """The command line."""
    settings = RunSettings()
    options = argparse.ArgumentParser(
        prog="python -m models.train", description="Train or fine-tune any network on any labelled pictures."
    )
    add = options.add_argument
    add("--data", required=True, help="FOLDER, FOLDER:SPLIT or DATASET:SPLIT with labelled pictures")
    add("--data-root", type=Path, help="root of named data sets (default: LRS_DATA_ROOT)")
    add(
        "--classes",
        help="names of a folder's classes, instead of its classes.txt: a file, or separated by commas",
    )
    add("--void", type=void_values, nargs="*", default=(), help="further mask values without a class")
    add("--holdout", help="another split to choose by (default: a tenth of the pictures)")
    add(
        "--network", help="street-unet, smp:ARCHITECTURE:ENCODER, torchvision:ARCHITECTURE or module:function"
    )
    add("--init", help="FILE.json of a network to fine-tune")
    add("--size", default="180x240", help="HEIGHTxWIDTH pictures are scaled to fit, or keep")
    add("--steps", type=int, default=settings.steps)
    add("--batch-size", type=int, default=settings.batch_size)
    add("--learning-rate", type=float, default=settings.learning_rate)
    add("--weight-decay", type=float, default=settings.weight_decay)
    add("--class-power", type=float, default=settings.class_power, help="weight of rare classes")
    add("--noise", choices=("mixed", "localized", "isotropic"), default="mixed")
    add("--lowest", type=float, default=settings.noise.lowest, help="least noise level")
    add("--highest", type=float, default=settings.noise.highest, help="largest noise level")
    add("--view", type=int, nargs=2, default=settings.view, metavar=("HEIGHT", "WIDTH"))
    add("--zoom", type=float, nargs=2, default=settings.zoom, metavar=("LEAST", "LARGEST"))
    add(
        "--level",
        type=float,
        default=settings.level,
        help="noise level of the score that chooses the weights",
    )
    add("--every", type=int, default=200, help="steps between two scores")
    add("--seed", type=int, default=settings.seed)
    add("--threads", type=int, default=2)
    add("--out", type=Path, required=True, help="description to write (.json)")
    add("--debug", action="store_true", help="show where an error arises")
    return options


def main(arguments: Sequence[str]) -> int:
    """Run the command line; see `lrscore.cli.failures` for the exit codes."""
    chosen = parser().parse_args(arguments)
    return run_command(partial(train, chosen, arguments), debug=chosen.debug)


def train(chosen: argparse.Namespace, arguments: Sequence[str]) -> None:
    """Check everything, train, write.

    Raises:
        InputError: data, network, weights or outputs can not be used.
    """
    _check(chosen)
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(chosen.seed)
    pairs = _open(chosen, chosen.data)
    description = described_start(chosen.init, chosen.network, pairs.class_names)
    network = trainable(description, fresh=chosen.init is None)
    classes = described_classes(description, network)
    pairs = _in_order_of(pairs, classes)
    check_batch(network, tuple(chosen.view))
    names, held = split_names(pairs, 0.1)
    pictures = Pictures.load(pairs, names if chosen.holdout is None else list(pairs.names))
    other = pairs if chosen.holdout is None else _in_order_of(_open(chosen, chosen.holdout), classes)
    kept_out = Pictures.load(other, held if chosen.holdout is None else list(other.names))
    settings = _settings(chosen)
    with progress_bar("steps") as progress:
        score = train_under_noise(
            network,
            pictures,
            kept_out,
            settings,
            every=chosen.every,
            report=_report,
            progress=progress,
        )
    save_trained(network, description, classes, chosen.out)
    command = shlex.join(["python", "-m", "models.train", *arguments])
    _write_card(chosen, command, score, len(pictures), len(kept_out))
    print(f"written to {chosen.out}: python -m lrscore certify image PICTURE --model {chosen.out}")


def _check(chosen: argparse.Namespace) -> None:
    if chosen.out.suffix.lower() != ".json":
        raise InputError(f"out must be a description, FILE.json, got {chosen.out}")
    check_outputs(chosen.out)
    check_counts(steps=chosen.steps, batch_size=chosen.batch_size, every=chosen.every, threads=chosen.threads)
    check_counts(view_height=chosen.view[0] // 16, view_width=chosen.view[1] // 16)
    NoiseRange.of_kind(chosen.noise, chosen.lowest, chosen.highest)  # are the levels in order?
    if not 0 < chosen.zoom[0] <= chosen.zoom[1]:
        raise InputError(f"zoom must be above 0 and in order, got {chosen.zoom[0]:g} to {chosen.zoom[1]:g}")
    if chosen.init is not None and Path(chosen.init).resolve() == chosen.out.resolve():
        raise InputError("out must be another file than the description to start from")


def _open(chosen: argparse.Namespace, source: str) -> PicturePairs:
    kind, _, split = source.rpartition(":")
    if Path(source).is_dir() or not kind:
        kind, split = source, ""
    if kind in DATASETS and not split:
        split = "train"
    names = class_names(chosen.classes)
    size = picture_size(chosen.size)
    return open_dataset(
        kind, split, root=chosen.data_root, size=size, class_names=names, void=sum(chosen.void, ())
    )


def _in_order_of(pairs: PicturePairs, classes: tuple[str, ...]) -> PicturePairs:
    """The pictures with masks in the numbering of the network's classes.

    Raises:
        InputError: other classes.
    """
    from dataclasses import replace

    from models.datasets.classes import VOID

    places = class_map(pairs.class_names, classes)
    if places is None:
        raise InputError(other_classes(pairs.class_names, classes, pairs.title))
    table = [VOID if place is None else place for place in places] + [VOID] * (256 - len(places))
    codes = pairs.codes.copy()
    for value, code in enumerate(pairs.codes.tolist()):
        codes[value] = table[code]
    return replace(pairs, codes=codes, class_names=classes)


def _settings(chosen: argparse.Namespace) -> RunSettings:
    return RunSettings(
        steps=chosen.steps,
        batch_size=chosen.batch_size,
        learning_rate=chosen.learning_rate,
        weight_decay=chosen.weight_decay,
        class_power=chosen.class_power,
        view=tuple(chosen.view),
        zoom=tuple(chosen.zoom),
        noise=NoiseRange.of_kind(chosen.noise, chosen.lowest, chosen.highest),
        level=chosen.level,
        seed=chosen.seed,
    )


def _report(step: int, loss: float, score: Score, best: bool) -> None:
    told = {"step": step, "loss": loss, "clean_miou": score.clean_iou, "noisy_miou": score.noisy_iou}
    rounded = {key: round(value, 4) if isinstance(value, float) else value for key, value in told.items()}
    print(json.dumps({**rounded, "best": best}), flush=True)


def _write_card(chosen: argparse.Namespace, command: str, score: Score, trained: int, held: int) -> None:
    held_out = chosen.holdout or "every tenth picture"
    chosen.out.with_suffix(".md").write_text(
        f"""# {chosen.out.stem}

Trained on {trained} pictures of `{chosen.data}` under {chosen.noise} Gaussian noise, levels {chosen.lowest:g} to
{chosen.highest:g}; {held} pictures kept out ({held_out}), by which the weights were chosen: the scores are favourable.

- **Command:** `{command}`

| on the pictures kept out | mean IoU | pixel accuracy |
| --- | --- | --- |
| clean | {score.clean_iou:.3f} | {score.clean_accuracy:.3f} |
| one pass under isotropic noise {chosen.level:g} | {score.noisy_iou:.3f} | {score.noisy_accuracy:.3f} |

No score here is a certificate. The terms of the data apply to the weights.
""",
        encoding="utf-8",
    )
