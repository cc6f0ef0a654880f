"""`python -m lrscore study run|status|resume|verify|table|export`: many pictures or graphs, many settings."""

from __future__ import annotations

import argparse
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from lrscore.catalogue import catalogue_name, find_catalogue
from lrscore.cli import study_results as results
from lrscore.cli.image_options import (
    add_noise_options,
    add_picture_options,
    fitted_settings,
    image_settings,
    model_name,
    picture_size,
)
from lrscore.cli.interrupts import ended_by_signals
from lrscore.cli.labelled import add_label_options, class_names
from lrscore.cli.options import add_confidence_options, add_settings
from lrscore.cli.progress import progress_bar
from lrscore.errors import Cancelled, LrscoreError, SettingsError
from lrscore.images.settings import ImageSettings
from lrscore.study.items import sources_of
from lrscore.study.settings import KEEP, SHARD_COPIES, Setting, StudySettings
from lrscore.study.store import Store

_BESIDE_A_FILE = ("data", "limit", "out", "workers", "scheduler", "cluster")
"""Options of `run` that say how a study file is run, not what is in it."""
_LOOKED_AT = 20
"""Pictures on which the windows of views are fitted."""


def add_command(commands: Any) -> None:
    """Register `study` and what it can do."""
    parser = commands.add_parser(
        "study", help="many pictures or graphs under many settings, on one machine or many"
    )
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    run = _step(steps, "run", "begin a study, or go on with it: only what is missing is done", run_command)
    run.add_argument("file", nargs="?", metavar="FILE.toml", help="the study; or use --data")
    run.add_argument(
        "--data", metavar="DATASET:SPLIT|FOLDER|GLOB", action="append", help="pictures, without a file"
    )
    run.add_argument("--limit", type=int, help="most pictures, evenly spaced")
    run.add_argument(
        "--out", metavar="DIR", help="the study's folder; default: FILE without .toml, or `study`"
    )
    add_picture_options(run)
    add_noise_options(run)
    add_settings(run, ImageSettings, "focus", "tolerance", "runner_up", "hierarchy")
    add_label_options(run)
    add_confidence_options(run, ImageSettings)
    add_settings(run, ImageSettings, "pilot_samples", "batch_size")
    run.add_argument("--seed", type=int, default=0, help="seed of all randomness")
    run.add_argument(
        "--device", choices=("cpu", "cuda"), default="cpu", help="cuda: one worker for every GPU"
    )
    run.add_argument(
        "--methods", default="naive,envelope", help="that count what is certified, separated by commas"
    )
    run.add_argument(
        "--keep", choices=KEEP, default="certificates", help="certificates and table, or the table alone"
    )
    run.add_argument("--shard-copies", type=int, default=SHARD_COPIES, help="noisy copies in one shard")
    _add_workers(run)
    usual = vars(run.parse_args([]))
    flags = {action.dest: action.option_strings[-1] for action in run._actions if action.option_strings}
    run.set_defaults(described={flag: (name, usual[name]) for name, flag in flags.items() if name in usual})
    resume = _step(
        steps, "resume", "go on with the study in a folder: only what is missing is done", resume_command
    )
    _add_workers(resume)
    status = _step(steps, "status", "how far the study in a folder is", status_command)
    results.add_steps(steps, _step)
    for step in (resume, status):
        step.add_argument("folder", metavar="DIR")


def _step(steps: Any, name: str, purpose: str, command: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = steps.add_parser(
        name, help=purpose, description=purpose, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.set_defaults(run=command)
    return parser


def _add_workers(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--workers",
        type=int,
        help="processes of this machine (0: this one); default: one for every core or GPU",
    )
    add("--scheduler", metavar="ADDRESS", help="of a running Dask cluster, for example tcp://host:8786")
    add(
        "--cluster",
        metavar="FILE.toml",
        help="a job queue's cluster: queue, jobs and options of dask-jobqueue",
    )


class Stopped(Cancelled):
    """A study that was stopped, and what is left of it."""

    def __init__(self, left: str) -> None:
        super().__init__(left)
        self.left = left


def run_command(options: argparse.Namespace) -> None:
    """Begin or continue a study."""
    if (options.file is None) == (options.data is None):
        raise SettingsError("name a study file, or pictures with --data")
    if options.file is not None:
        from lrscore.study.reading import read_study

        _refuse_described(options)
        study = read_study(options.file)
        if options.limit is not None:
            study = replace(study, limit=options.limit)
        folder = options.out or str(Path(options.file).with_suffix(""))
    else:
        study, folder = study_of_options(options), options.out or "study"
    _go(study, folder, options)


def _refuse_described(options: argparse.Namespace) -> None:
    """A study file says everything itself: an option that would be read over is refused.

    Raises:
        SettingsError: there is one.
    """
    for flag, (name, usual) in options.described.items():
        if name not in _BESIDE_A_FILE and getattr(options, name) != usual:
            raise SettingsError(f"{flag} belongs to --data: {Path(options.file).name} says it itself")


def resume_command(options: argparse.Namespace) -> None:
    """Continue the study of a folder."""
    _go(Store(options.folder).study(), options.folder, options)


def study_of_options(options: argparse.Namespace) -> StudySettings:
    """The study of one setting that the options of `certify image` describe.

    Raises:
        SettingsError: a value is outside its range.
    """
    settings = image_settings(options)
    if options.reference is not None:
        raise SettingsError("reference is for one picture: a data set has its own masks")
    if any(view.fits for view in options.views or ()):
        settings = _fitted(options, settings)
    grid = "x".join(map(str, settings.grid))
    name = f"{grid}, {settings.noise} {settings.levels_in_words()}"
    return StudySettings(
        data=tuple(options.data),
        settings=(Setting(name, settings, model_name(options)),),
        title=f"{', '.join(options.data)}: {name}"[:200],
        limit=options.limit,
        size=picture_size(options.size),
        void=options.void,
        class_names=class_names(options.classes),
        seeds=(options.seed,),
        methods=tuple(method.strip() for method in options.methods.split(",")),
        keep=options.keep,
        shard_copies=options.shard_copies,
        device=options.device,
    )


def _fitted(options: argparse.Namespace, settings: ImageSettings) -> ImageSettings:
    """The settings with the windows that the model needs on some of the pictures.

    On a picture that needs wider ones the model is refused, and its row says so.
    """
    catalogue = find_catalogue(catalogue_name())
    model, size = model_name(options), picture_size(options.size)
    probe = StudySettings(
        data=tuple(options.data), settings=(Setting("probe", settings, model),), limit=_LOOKED_AT
    )
    sizes = []
    for source in sources_of(probe, catalogue):
        with suppress(LrscoreError):  # its row will say what is wrong with it
            sizes.append(catalogue.load_image(source, size).image.shape[1:])
    if not sizes:
        raise SettingsError(
            "no picture can be read, so that the views' windows are unknown: --views WINDOW:LEVEL,..."
        )
    return fitted_settings(options, settings, catalogue.load_image_model(model), sizes)


def _go(study: StudySettings, folder: str, options: argparse.Namespace) -> None:
    from lrscore.study.api import Outcome, run_study

    if options.workers is not None and options.workers < 0:
        raise SettingsError(f"workers must be at least 0, got {options.workers}")
    began = time.monotonic()
    try:
        with ended_by_signals() as look, progress_bar("certificates") as progress:

            def watch(so_far: Outcome, copies: float) -> None:
                progress(so_far.kept + so_far.done + so_far.failed, so_far.total)
                look()

            outcome = run_study(
                study,
                folder,
                workers=options.workers,
                scheduler=options.scheduler,
                cluster=options.cluster,
                watch=watch,
            )
    except (Cancelled, KeyboardInterrupt) as stopped:
        done = sum(row["status"] == "done" for row in Store(folder).rows)
        raise Stopped(
            f"{done} certificates are done and stay in {folder}; `study resume` goes on"
        ) from stopped
    print(
        f"{outcome.done} done, {outcome.failed} failed, {outcome.kept} were done before, of {outcome.total}, "
        f"in {time.monotonic() - began:.1f} s: {folder}"
    )
    for row in [row for row in Store(folder).rows if row["status"] == "failed"][:10]:
        print(f"failed: {row['picture']}, {row['setting']}: {row['sentence']}")


def status_command(options: argparse.Namespace) -> None:
    """Print how far a study is."""
    from lrscore.study.status import status_of

    for line in status_of(Store(options.folder)).lines():
        print(line)
