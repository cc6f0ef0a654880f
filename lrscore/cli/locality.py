"""`python -m lrscore locality PATH|NAME`: which regions matter for which predictions."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from lrscore.catalogue import find_catalogue
from lrscore.cli.image_options import add_picture_options, model_name, picture_size
from lrscore.cli.matrices import check_matrix_output, write_matrix
from lrscore.cli.model_options import add_model_options, image_how, placed
from lrscore.cli.options import pair, seeded
from lrscore.cli.progress import progress_bar
from lrscore.cli.tables import plain_console
from lrscore.errors import SettingsError

if TYPE_CHECKING:
    import numpy as np

    from lrscore.images.tuning.locality import Locality

_WIDEST = 20  # columns of a printed matrix


def add_command(commands: Any) -> None:
    """Register `locality`."""
    purpose = "measure which regions of a picture a model's predictions depend on"
    parser = commands.add_parser(
        "locality", help=purpose, description=purpose, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    add("source", metavar="PATH|NAME", help="a picture file or the name of a bundled scene")
    add_picture_options(parser)
    add_model_options(parser)
    add("--noise-level", type=float, default=0.3, help="of the Gaussian noise on one region at a time")
    add("--draws", type=int, default=8, help="noisy copies per region")
    add(
        "--gradient",
        action="store_true",
        help="the fast preview: derivatives at the clean picture instead of noise",
    )
    add("--probes", type=int, default=4, help="random sign vectors per group, for --gradient")
    add("--seed", type=int, default=0, help="seed of all randomness")
    add("--device", default="cpu", help="cpu, cuda or cuda:N")
    add("--out", metavar="FILE", help="write the (groups, regions) matrix as .csv, .npy or .json")
    add(
        "--levels",
        type=pair(float, ":", "NEAR:FAR, for example 0.1:0.3"),
        help="turn the matrix into noise levels: NEAR where a group looks most, FAR where it does not look",
    )
    add("--levels-out", metavar="FILE", help="write those levels, for `certify image --level-matrix`")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Measure, print, write."""
    if (options.levels is None) != (options.levels_out is None):
        raise SettingsError("levels and levels-out belong together: give both or neither")
    for path in (options.out, options.levels_out):
        if path is not None:
            check_matrix_output(path)
    catalogue = find_catalogue()
    loaded = catalogue.load_image(options.source, picture_size(options.size))
    name = model_name(options)
    model = catalogue.load_image_model(name, **image_how(options))
    found = _measure(model, loaded.image, options)
    print_locality(found, plain_console())
    about = {"source": loaded.title, "model": name, "grid": list(found.grid), "unit": found.unit}
    if options.out is not None:
        write_matrix(options.out, found.influence, "influence", about)
        print(f"written to {options.out}")
    if options.levels_out is not None:
        write_matrix(options.levels_out, found.levels(*options.levels), "levels", about)
        print(f"levels written to {options.levels_out}")


def _measure(model: Any, image: np.ndarray, options: argparse.Namespace) -> Locality:
    from lrscore.images.tuning.locality import gradient_locality, measure_locality

    generator, device = seeded(options.seed, options.device)
    what = "groups" if options.gradient else "noisy copies"
    with progress_bar(what) as progress:
        chosen: dict[str, Any] = {"grid": options.grid, "generator": generator, "device": device}
        if options.gradient:
            return gradient_locality(
                placed(model, device), image, probes=options.probes, progress=progress, **chosen
            )
        level, draws = options.noise_level, options.draws
        return measure_locality(
            placed(model, device), image, level=level, draws=draws, progress=progress, **chosen
        )


def print_locality(found: Locality, console: Console) -> None:
    """Mean influence by grid distance, and the whole matrix where it fits."""
    console.print(f"influence of a region on a group: {found.unit}", highlight=False, soft_wrap=True)
    distances = Table()
    distances.add_column("grid distance", justify="right")
    distances.add_column("mean influence", justify="right")
    for distance, mean in enumerate(found.by_distance()):
        distances.add_row(str(distance), f"{mean:.4g}")
    console.print(distances)
    count = len(found.influence)
    if count > _WIDEST:
        console.print(f"the matrix has {count} rows and columns: see it with --out", highlight=False)
        return
    title = "per cent of the largest influence; rows: groups that are predicted, columns: regions"
    matrix = Table(title=title, box=None, pad_edge=False)
    matrix.add_column("", justify="right", no_wrap=True)
    for region in range(count):
        matrix.add_column(str(region), justify="right", no_wrap=True)
    largest = found.influence.max()
    for group, row in enumerate(found.influence):
        matrix.add_row(str(group), *(_short(value, largest) for value in row))
    console.print(matrix, soft_wrap=True)


def _short(value: float, largest: float) -> str:
    """Per cent of the largest entry: three characters at most."""
    return "." if largest == 0 or value == 0 else f"{100 * value / largest:.0f}"
