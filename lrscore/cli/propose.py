"""`python -m lrscore propose PICTURE ...`: noise levels for a model, searched on labelled pictures."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.table import Table

from lrscore.catalogue import Catalogue, find_catalogue
from lrscore.cli.image_options import (
    add_noise_options,
    add_picture_options,
    fitted_settings,
    image_settings,
    model_name,
    picture_size,
)
from lrscore.cli.matrices import check_matrix_output, write_matrix
from lrscore.cli.model_options import add_model_options, image_how, placed
from lrscore.cli.options import add_confidence_options, add_run_options, pair, seeded
from lrscore.cli.progress import progress_bar
from lrscore.cli.tables import plain_console
from lrscore.errors import InputError
from lrscore.images.references import match_reference
from lrscore.images.settings import ImageSettings
from lrscore.images.tuning.profiles import offsets_of_matrix
from lrscore.images.view_text import written_views
from lrscore.metrics import mean_iou, pixel_accuracy

if TYPE_CHECKING:
    from lrscore.images.tuning.proposal import Example
    from lrscore.images.tuning.search import LevelProposal


def add_command(commands: Any) -> None:
    """Register `propose`."""
    purpose = "search noise levels on labelled pictures, to certify other pictures with"
    parser = commands.add_parser(
        "propose", help=purpose, description=purpose, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    add(
        "sources",
        metavar="NAME",
        nargs="+",
        help="labelled pictures, other ones than those to certify: bundled scenes, scene:SEED, camvid:train:ID",
    )
    add_picture_options(parser)
    add_model_options(parser)
    add_noise_options(parser)
    add_confidence_options(parser, ImageSettings)
    add_run_options(parser)
    add("--floor", type=float, help="least accuracy; that of the levels given if left out")
    add("--accuracy", choices=("pixels", "miou"), default="pixels", help="what the floor is about")
    add("--evaluations", type=int, default=40, help="most level matrices to try")
    add("--votes", type=int, default=32, help="noisy copies per region and matrix")
    add(
        "--profile-only",
        action="store_true",
        help="near level, far level and exponent; not every offset by itself",
    )
    add(
        "--limits",
        type=pair(float, ":", "LEAST:LARGEST"),
        default="0.01:2",
        help="least and largest level to try",
    )
    add("--out", default="levels.csv", metavar="FILE", help="proposed level matrix: .csv, .npy or .json")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Search, print before and after, write the levels."""
    from lrscore.images.tuning.proposal import ProposalSettings, propose_levels

    check_matrix_output(options.out)
    settings = image_settings(options)
    _, device = seeded(options.seed, options.device)
    catalogue = find_catalogue()
    model = placed(catalogue.load_image_model(model_name(options), **image_how(options)), device)
    size = picture_size(options.size)
    examples = [load_example(catalogue, source, size, model) for source in options.sources]
    settings = fitted_settings(options, settings, model, [example.image.shape[1:] for example in examples])
    classes = len(getattr(model, "class_names", ())) or None
    search = ProposalSettings(
        floor=options.floor,
        evaluations=options.evaluations,
        free=not options.profile_only,
        limits=options.limits,
        votes=options.votes,
        accuracy=accuracy_measure(options.accuracy, classes),
        seed=options.seed,
    )
    with progress_bar("noisy copies") as progress:
        proposal = propose_levels(model, examples, settings, search, device=device, progress=progress)
    print_proposal(proposal, settings.grid, options.accuracy, plain_console())
    about = {
        "grid": list(settings.grid),
        "noise": settings.noise,
        "model": model_name(options),
        "pictures": options.sources,
        "before": asdict(proposal.before),
        "after": asdict(proposal.after),
    }
    write_matrix(options.out, np.array(proposal.after.levels), "levels", about)
    print(f"written to {options.out}; no guarantee rests on it. Use it on other pictures:")
    if (views := settings.all_views()) is None:
        print(f"  python -m lrscore certify image PICTURE --level-matrix {options.out}")
    else:
        found = [(view.window, level) for view, level in zip(views, proposal.after.levels[0], strict=True)]
        print(f"  python -m lrscore certify image PICTURE --views {written_views(found)}")


def load_example(catalogue: Catalogue, source: str, size: tuple[int, int] | None, model: Any) -> Example:
    """A labelled picture in the model's classes.

    Raises:
        InputError: it has no reference labels, or those of other classes than the model's.
    """
    from lrscore.images.tuning.proposal import Example

    loaded = catalogue.load_image(source, size)
    if loaded.reference is None:
        raise InputError(f"{source} has no reference labels: name labelled pictures, such as scene:SEED")
    reference = match_reference(
        loaded.reference, loaded.class_names, tuple(getattr(model, "class_names", ()))
    )
    if reference is None:
        raise InputError(f"{source} is labelled with other classes than the model's")
    return Example(loaded.image, reference)


def accuracy_measure(name: str, classes: int | None) -> Callable[..., float]:
    """Pixel accuracy, or mean IoU over the model's classes.

    Raises:
        InputError: mean IoU of a model that does not say how many classes it has.
    """
    if name == "pixels":
        return pixel_accuracy
    if classes is None:
        raise InputError("accuracy miou needs a model with class names")
    return partial(mean_iou, classes=classes)


def print_proposal(proposal: LevelProposal, grid: tuple[int, int], accuracy: str, console: Console) -> None:
    """Forecasts before and after, and the levels by offset on the grid."""
    table = Table(title="forecast on these pictures")
    for name in ("", "average certified radius", f"accuracy ({accuracy})", "levels"):
        table.add_column(name, justify="right")
    for name, trial in (("before", proposal.before), ("after", proposal.after)):
        levels = np.array(trial.levels)
        of_views = len(levels) == 1 < grid[0] * grid[1]
        span = (
            ", ".join(f"{level:.3g}" for level in levels[0])
            if of_views
            else f"{levels.min():.3g} to {levels.max():.3g}"
        )
        table.add_row(name, f"{trial.radius:.4f}", f"{trial.accuracy:.4f}", span)
    end = "converged" if proposal.converged else "the evaluations are spent"
    table.caption = f"{len(proposal.trials)} sets of levels tried, {end}"
    console.print(table)
    if not proposal.reached_floor:
        console.print(
            f"nothing tried reaches the accuracy {proposal.floor:g}: the most accurate levels are given"
        )
    if of_views:
        return
    offsets = offsets_of_matrix(np.array(proposal.after.levels), grid)
    shape = Table(title="proposed level by offset: rows down, columns across")
    for column in ("", *map(str, range(grid[1]))):
        shape.add_column(column, justify="right")
    for row, values in enumerate(offsets):
        shape.add_row(str(row), *(f"{value:.3g}" for value in values))
    console.print(shape)
