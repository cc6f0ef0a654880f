"""Localized smoothing against its baselines: mean IoU and average certified radius on CamVid val and procedural scenes.

    python -m benchmarks.pareto_camvid pictures --frames 21 --scenes 20 --pilots 3
    python -m benchmarks.pareto_camvid propose --device cuda
    python -m benchmarks.pareto_camvid measure --device cuda
    python -m benchmarks.pareto_camvid measure --methods naive paper envelope exact
    python -m benchmarks.pareto_camvid report --methods naive paper envelope exact
    python -m benchmarks.pareto_camvid figures   # draws docs/results/pareto_camvid.csv again

Everything lies below `--cache` (default `runs/pareto`, which git ignores); each step continues what was begun. What is
measured is a study (`lrscore.study`) in the folder `study` there: `python -m lrscore study status`, `table`, `verify`
tell more of it. Only `pictures` needs the data sets, only `report` Plotly.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from benchmarks.pareto import catalogue
from benchmarks.pareto import pictures as picture_files
from benchmarks.pareto.pictures import PILOT
from benchmarks.pareto.plan import NETWORKS, USUAL, Plan, Proposed, runs, spread
from benchmarks.pareto.study import rows_of, study_of
from benchmarks.pareto.summary import Point, points
from lrscore.catalogue import find_catalogue
from lrscore.images.tuning.proposal import Example, ProposalSettings, propose_levels
from lrscore.images.tuning.search import Trial, trials_from_json, trials_to_json
from lrscore.metrics import VOID, mean_iou
from lrscore.study.api import run_study
from lrscore.study.items import items_of
from lrscore.study.settings import StudySettings
from lrscore.study.store import Store
from models.dressing import Dressing
from models.segmentation.names import DEFAULT_MODEL

_PICTURES, _STUDY, _PROPOSED = "pictures.npz", "study", "proposed.json"
_PRECISIONS = ("float32", "bfloat16")
_CSV = "pareto_camvid.csv"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m benchmarks.pareto_camvid", description=__doc__.splitlines()[0]
    )
    steps = options.add_subparsers(dest="step", required=True, metavar="STEP")
    collect = steps.add_parser("pictures", help="collect the images")
    collect.add_argument("--frames", type=int, default=21, help="frames of CamVid val")
    collect.add_argument("--scenes", type=int, default=20, help="procedural scenes")
    collect.add_argument("--pilots", type=int, default=3, help="frames on which levels are proposed")
    collect.add_argument("--size", type=int, nargs=2, default=(180, 240), metavar=("HEIGHT", "WIDTH"))
    collect.add_argument("--data-root", type=Path, help="default: LRS_DATA_ROOT")
    propose = steps.add_parser("propose", help="search noise levels on the pilot frames")
    propose.add_argument("--evaluations", type=int, default=14, help="per search")
    propose.add_argument("--votes", type=int, default=16, help="per cell and candidate")
    measure = steps.add_parser("measure", help="sample and certify")
    report = steps.add_parser("report", help="write table, CSV and figures")
    figures = steps.add_parser("figures", help="draw the figures from the CSV of a report")
    for step in (report, figures):
        step.add_argument("--out", type=Path, default=Path("docs/results"))
    defaults = Plan()
    measure.add_argument("--workers", type=int, help="processes; default: one for every core or GPU")
    for step in (measure, report):
        step.add_argument("--images", type=int, help="only the first so many, data sets taking turns")
    for step in (propose, measure, report):
        step.add_argument("--model", default=DEFAULT_MODEL, help="of all runs without a network of their own")
        step.add_argument(
            "--isotropic-model",
            default="street-isotropic",
            help="trained for isotropic noise",
        )
        step.add_argument("--views-model", default="street-two-view", help="of the runs with two views")
        step.add_argument("--samples", type=int, default=defaults.base.samples)
        step.add_argument("--pilot-samples", type=int, default=defaults.base.pilot_samples)
        step.add_argument("--grid", type=int, nargs=2, default=defaults.base.grid, metavar=("ROWS", "COLS"))
        step.add_argument(
            "--methods", nargs="+", default=defaults.collective, help="naive paper envelope exact"
        )
        step.add_argument(
            "--precision",
            default="float32",
            choices=_PRECISIONS,
            help="of the network, for every method",
        )
        step.add_argument("--device", default="cpu")
        step.add_argument("--batch-size", type=int)
    for step in (collect, propose, measure, report):
        step.add_argument("--cache", type=Path, default=Path("runs/pareto"))
    return options


def main(arguments: Sequence[str] | None = None, plan: Plan | None = None) -> None:
    """Do one step. `plan` replaces the levels to compare; options go on top of it."""
    arguments = sys.argv[1:] if arguments is None else arguments
    chosen = parser().parse_args(arguments)
    if chosen.step == "figures":
        from benchmarks.pareto.report import from_csv

        _draw(from_csv((chosen.out / _CSV).read_text()), chosen.out)
        return
    if chosen.step == "pictures":
        found = picture_files.collect(
            frames=chosen.frames,
            scenes=chosen.scenes,
            pilots=chosen.pilots,
            size=tuple(chosen.size),
            root=chosen.data_root,
        )
        picture_files.write(found, chosen.cache / _PICTURES)
        return
    asked = _plan(chosen, plan or Plan())
    if chosen.step == "propose":
        _propose(chosen, asked)
    elif chosen.step == "measure":
        _measure(chosen, asked)
    else:
        _report(chosen, asked, shlex.join(["python", "-m", "benchmarks.pareto_camvid", *arguments]))


def _plan(chosen: argparse.Namespace, plan: Plan) -> Plan:
    base = replace(
        plan.base,
        grid=tuple(chosen.grid),
        samples=chosen.samples,
        pilot_samples=chosen.pilot_samples,
        batch_size=chosen.batch_size,
    )
    stored = chosen.cache / _PROPOSED
    proposed = plan.proposed
    if chosen.step != "propose" and stored.is_file():
        found = json.loads(stored.read_text())
        proposed = tuple(
            Proposed(one["name"], tuple(one["grid"]), tuple(map(tuple, one["levels"]))) for one in found
        )
    return replace(plan, base=base, collective=tuple(chosen.methods), proposed=proposed)


def _models(chosen: argparse.Namespace) -> dict[str, str]:
    """Names by `Run.network`: the network in that precision is the function that is smoothed, by every method alike."""
    suffix = Dressing(precision=None if chosen.precision == _PRECISIONS[0] else chosen.precision).suffix
    names = (chosen.model, chosen.isotropic_model, chosen.views_model)
    return {network: name + suffix for network, name in zip(NETWORKS, names, strict=True)}


def _study(chosen: argparse.Namespace, plan: Plan) -> StudySettings:
    os.environ[catalogue.VARIABLE] = str((chosen.cache / _PICTURES).resolve())  # for workers as well
    return study_of(plan, _scored(chosen), _models(chosen), chosen.device)


def _measure(chosen: argparse.Namespace, plan: Plan) -> None:
    study = _study(chosen, plan)
    outcome = run_study(study, chosen.cache / _STUDY, workers=chosen.workers, catalogue=catalogue.NAME)
    _say(f"{outcome.done} certificates done, {outcome.kept} were done before, {outcome.failed} failed")


def _pictures(chosen: argparse.Namespace) -> list[picture_files.Picture]:
    return picture_files.read(chosen.cache / _PICTURES)


def _scored(chosen: argparse.Namespace) -> list[picture_files.Picture]:
    """All but the pilot frames, data sets taking turns: wherever the experiment stops, both are there."""
    by_dataset: dict[str, list[picture_files.Picture]] = {}
    for picture in _pictures(chosen):
        if picture.dataset != PILOT:
            by_dataset.setdefault(picture.dataset, []).append(picture)
    turns = itertools.zip_longest(*by_dataset.values())
    return [picture for turn in turns for picture in turn if picture is not None][: chosen.images]


def _propose(chosen: argparse.Namespace, plan: Plan) -> None:
    """From some hand-chosen levels, search for levels that are at least as accurate and certify more."""
    model = catalogue.load_image_model(_models(chosen)[USUAL]).to(chosen.device)
    examples = [
        Example(picture.image, picture.mask) for picture in _pictures(chosen) if picture.dataset == PILOT
    ]
    proposed: list[dict[str, object]] = []
    for grid, near, far in plan.searched:
        name = f"from {near:g} to {far:g}"
        history = chosen.cache / f"trials {grid[0]}x{grid[1]} {name}.json"
        known = list(trials_from_json(history.read_text())) if history.is_file() else []

        def keep(trial: Trial, known: list[Trial] = known, history: Path = history) -> None:
            known.append(trial)
            history.write_text(trials_to_json(known))

        proposal = propose_levels(
            model,
            examples,
            replace(spread(plan.base, grid), level_min=near, level_max=far),
            ProposalSettings(
                evaluations=chosen.evaluations, votes=chosen.votes, accuracy=partial(mean_iou, classes=VOID)
            ),
            device=chosen.device,
            known=tuple(known),
            on_trial=keep,
        )
        proposed.append({"name": name, "grid": grid, "levels": proposal.after.levels})
        before, after = proposal.before, proposal.after
        _say(
            f"{name}: radius {before.radius:.3f} -> {after.radius:.3f}, "
            f"mean IoU {before.accuracy:.3f} -> {after.accuracy:.3f} (forecast on {PILOT})"
        )
    (chosen.cache / _PROPOSED).write_text(json.dumps(proposed))


def _report(chosen: argparse.Namespace, plan: Plan, command: str) -> None:
    from benchmarks.pareto.report import to_csv, to_markdown

    pictures = _scored(chosen)
    items = items_of(_study(chosen, plan), find_catalogue(catalogue.NAME), catalogue.NAME)
    rows, whole = rows_of(Store(chosen.cache / _STUDY).rows, items, plan, pictures)
    _say(f"{whole} of {len(pictures)} images are measured in all {len(list(runs(plan)))} runs")
    found = points(rows, plan.norms)
    height, width = pictures[0].mask.shape
    facts = (
        f"Pictures of {height}x{width} pixels. Networks, in {chosen.precision}: "
        f"{chosen.model}; {chosen.isotropic_model} where isotropic settings say so; "
        f"{chosen.views_model} for two views."
    )
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / _CSV).write_text(to_csv(found))
    (chosen.out / "pareto_camvid.md").write_text(to_markdown(found, command, plan, facts))
    _draw(found, chosen.out)


def _draw(found: Sequence[Point], folder: Path) -> None:
    """The fronts of every data set as SVG and as Plotly's JSON."""
    from benchmarks.pareto.figures import to_plotly, to_svg
    from benchmarks.pareto.report import file_stem

    for dataset in dict.fromkeys(point.dataset for point in found):
        own = [point for point in found if point.dataset == dataset]
        stem = file_stem(dataset)
        number = max(point.images for point in own)
        title = f"{dataset}, {number} image{'s' if number > 1 else ''}"
        (folder / f"{stem}.svg").write_text(to_svg(own, title))
        (folder / f"{stem}.plotly.json").write_text(to_plotly(own, title))


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
