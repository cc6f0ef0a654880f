"""`python -m lrscore check IMAGE|DATASET:SPLIT --model M`: which noise the model stands, in a minute."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from lrscore.agreement import ADVICE, ENOUGH
from lrscore.catalogue import Catalogue, LoadedImage, find_catalogue
from lrscore.cli.image_options import DEFAULT_MODEL, picture_size
from lrscore.cli.labelled import add_label_options, class_names, load_labelled, reference_of
from lrscore.cli.model_options import add_model_options, image_how, placed
from lrscore.cli.options import seeded, sequence
from lrscore.cli.progress import progress_bar
from lrscore.cli.tables import plain_console
from lrscore.errors import InputError, SettingsError
from lrscore.images.settings import ImageSettings
from lrscore.noise import ADDITIVE_NOISES

if TYPE_CHECKING:
    from lrscore.images.ladder import Picture, Rung


def add_command(commands: Any) -> None:
    """Register `check`."""
    purpose = "compare a model's smoothed and unsmoothed prediction over a ladder of noise levels"
    parser = commands.add_parser(
        "check", help=purpose, description=purpose, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    add(
        "source",
        metavar="IMAGE|DATASET:SPLIT",
        help="what `certify image` takes, or several pictures: a split, a folder",
    )
    add("--model", default=DEFAULT_MODEL, help="what `certify image` takes")
    add("--size", default="180x240", help="HEIGHTxWIDTH a picture is scaled to fit, or keep")
    add_label_options(parser)
    add_model_options(parser)
    add("--limit", type=int, default=4, help="most pictures of a split, evenly spaced")
    add(
        "--levels",
        type=sequence,
        default="0.02,0.05,0.1,0.15,0.2,0.3,0.5",
        help="noise levels, separated by commas",
    )
    add("--noise", choices=tuple(ADDITIVE_NOISES), default="gaussian", help="distribution of the noise")
    add("--votes", type=int, default=16, help="noisy copies per picture and level")
    add("--seed", type=int, default=0, help="seed of all randomness")
    add("--device", default="cpu", help="cpu, cuda or cuda:N")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Load, climb, print."""
    if options.limit < 1 or options.votes < 1:
        raise SettingsError(f"limit and votes must be at least 1, got {options.limit} and {options.votes}")
    generator, device = seeded(options.seed, options.device)
    catalogue = find_catalogue()
    loaded = _load(catalogue, options)
    model = placed(catalogue.load_image_model(options.model, **image_how(options)), device)
    pictures, sentences = _pictures(loaded, model, options.void)
    for sentence in sentences:
        print(sentence)

    from lrscore.images.ladder import climb

    with progress_bar("noisy copies") as progress:
        rungs = climb(
            model,
            pictures,
            levels=options.levels,
            noise=options.noise,
            votes=options.votes,
            generator=generator,
            device=device,
            progress=progress,
        )
    print_ladder(rungs, len(pictures), options.votes, plain_console())


def _load(catalogue: Catalogue, options: argparse.Namespace) -> list[LoadedImage]:
    """One picture, or those of a split."""
    several = getattr(catalogue, "load_images", None)
    if several is not None:
        more = {"void": options.void, "class_names": class_names(options.classes)}
        found = several(options.source, picture_size(options.size), limit=options.limit, **more)
        if found is not None:
            if options.reference is not None:
                raise InputError("reference is for one picture: a split has its own masks")
            return list(found)
    return [load_labelled(catalogue, options, picture_size(options.size))]


def _pictures(loaded: list[LoadedImage], model: Any, void: Sequence[int]) -> tuple[list[Picture], list[str]]:
    from lrscore.images.ladder import Picture

    settings = ImageSettings(grid=(1, 1))
    matched = [(one, *reference_of(one, model, settings, void)) for one in loaded]
    pictures = [Picture(one.image, reference) for one, reference, _ in matched]
    return pictures, list(dict.fromkeys(sentence for *_, sentence in matched if sentence))


def print_ladder(rungs: list[Rung], pictures: int, votes: int, console: Console) -> None:
    """The table, and which levels keep the prediction."""
    table = Table(title=f"smoothed against unsmoothed prediction, {pictures} pictures, {votes} votes a level")
    table.add_column("noise level", justify="right")
    table.add_column("agreement", justify="right")
    labelled = rungs[0].accuracy is not None
    if labelled:
        table.add_column("accuracy", justify="right")
    for rung in rungs:
        accuracy = (f"{rung.accuracy:.3f}",) if rung.accuracy is not None else ()
        table.add_row(f"{rung.level:g}", f"{rung.agreement:.3f}", *accuracy)
    console.print(table)
    kept = [rung.level for rung in rungs[1:] if rung.agreement >= ENOUGH]
    if kept:
        print(f"at least {ENOUGH:.0%} agreement up to level {max(kept):g}")
    if len(kept) < len(rungs) - 1:
        print(f"WARNING: above that, {ADVICE}" if kept else f"WARNING: {ADVICE}")
