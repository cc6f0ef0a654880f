"""`python -m lrscore certify image PATH|NAME`."""

from __future__ import annotations

import argparse
from dataclasses import replace

from lrscore.catalogue import find_catalogue
from lrscore.cli.image_summary import print_image_summary
from lrscore.cli.matrices import read_matrix
from lrscore.cli.options import add_sampling_options, check_output, chosen_settings, pair, seeded, sequence
from lrscore.cli.tables import progress_bar
from lrscore.errors import SettingsError
from lrscore.noise import ADDITIVE_NOISES
from lrscore.settings import ImageSettings

DEFAULT_MODEL = "street-unet"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    defaults = ImageSettings()
    add = parser.add_argument
    add("source", metavar="PATH|NAME", help="a picture file or the name of a bundled scene")
    add("--model", default=DEFAULT_MODEL, help="name of a segmentation model")
    add("--size", default="180x240", help="HEIGHTxWIDTH a picture is scaled to fit, or keep")
    add(
        "--grid",
        type=pair(int, "x", "ROWSxCOLS, for example 3x5"),
        default="3x5",
        help="rows and columns of regions",
    )
    add(
        "--levels",
        type=pair(float, ":", "NEAR:FAR, for example 0.1:0.3"),
        default="0.1:0.3",
        help="noise level in a region's own and in the farthest region",
    )
    add(
        "--level-matrix",
        metavar="FILE",
        help="instead of --levels: the whole (groups, regions) matrix as .csv, .npy or .json, for example from "
        "`propose`; inf blanks a region",
    )
    add(
        "--noise",
        choices=tuple(ADDITIVE_NOISES),
        default=defaults.noise,
        help="gaussian: l2; uniform, laplace: l1",
    )
    add("--interpolation", choices=("linear", "variance"), default="linear")
    add("--per-group", action="store_true", help="every group's farthest region gets the FAR level")
    add("--mask-distance", type=int, help="strictly local: blank regions at this grid distance")
    add(
        "--focus",
        type=sequence,
        default=(),
        help="adaptive sampling: the eps to look at, separated by commas",
    )
    add("--tolerance", type=float, default=defaults.tolerance, help="when adaptive sampling may stop")
    add("--reference", help="index mask with the true classes (255 = void)")
    add_sampling_options(parser, defaults)


def image_settings(options: argparse.Namespace) -> ImageSettings:
    """The settings that the options describe."""
    chosen = chosen_settings(options, ImageSettings)
    near, far = chosen.pop("levels")
    if options.level_matrix is not None:
        matrix = read_matrix(options.level_matrix, "level-matrix")
        return ImageSettings(**chosen, levels=tuple(map(tuple, matrix.tolist())))
    return ImageSettings(**chosen, level_min=near, level_max=far)


def run(options: argparse.Namespace) -> None:
    """Sample, certify, print a summary, write the file."""
    check_output(options.out)
    settings = image_settings(options)
    catalogue = find_catalogue()
    loaded = catalogue.load_image(options.source, picture_size(options.size))
    if loaded.remark:
        print(f"{loaded.title}: {loaded.remark}")
    height, width = loaded.image.shape[1:]
    settings.regions(height, width)  # does the grid fit?
    reference = loaded.reference
    if options.reference is not None:
        reference = catalogue.load_reference(options.reference, (height, width))
    model = catalogue.load_image_model(options.model)
    generator, device = seeded(options.seed, options.device)

    from lrscore.images import certify_image

    with progress_bar("noisy copies") as progress:
        certificate = certify_image(
            model, loaded.image, settings, generator=generator, device=device, progress=progress
        )
    certificate = replace(certificate, provenance={**certificate.provenance, "title": loaded.title})
    if reference is not None:
        certificate = certificate.with_reference(reference)
    curve = certificate.collective(certificate.default_budgets(), method=options.method)
    certificate = replace(certificate, curves=(curve,))
    certificate.save(options.out)
    print_image_summary(certificate)
    print(f"written to {options.out}")


def picture_size(text: str) -> tuple[int, int] | None:
    """`HEIGHTxWIDTH`, or None for `keep`."""
    if text == "keep":
        return None
    try:
        height, width = pair(int, "x", "HEIGHTxWIDTH or keep")(text)
    except argparse.ArgumentTypeError as error:
        raise SettingsError(f"size: {error}") from error
    if min(height, width) < 1:
        raise SettingsError(f"size must be positive, got {text!r}")
    return height, width
