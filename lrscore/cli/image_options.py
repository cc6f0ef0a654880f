"""Options about pictures, models and noise levels that several commands have, and what they mean."""

from __future__ import annotations

import argparse

from lrscore.cli.matrices import read_matrix
from lrscore.cli.options import chosen_settings, pair
from lrscore.errors import SettingsError
from lrscore.images.settings import ImageSettings
from lrscore.noise import ADDITIVE_NOISES

DEFAULT_MODEL, TWO_VIEW_MODEL = "street-unet", "street-two-view"


def add_picture_options(parser: argparse.ArgumentParser) -> None:
    """Model, size of the picture, and grid."""
    add = parser.add_argument
    add(
        "--model",
        help=f"name of a segmentation model; default: {DEFAULT_MODEL}, or {TWO_VIEW_MODEL} with --two-views",
    )
    add("--size", default="180x240", help="HEIGHTxWIDTH a picture is scaled to fit, or keep")
    add(
        "--grid",
        type=pair(int, "x", "ROWSxCOLS, for example 3x5"),
        default="3x5",
        help="rows and columns of regions",
    )


def add_noise_options(parser: argparse.ArgumentParser) -> None:
    """Distribution and levels of the noise."""
    add = parser.add_argument
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
        default=ImageSettings().noise,
        help="gaussian: l2; uniform, laplace: l1",
    )
    add("--interpolation", choices=("linear", "variance"), default="linear")
    add("--per-group", action="store_true", help="every group's farthest region gets the FAR level")
    add("--mask-distance", type=int, help="strictly local: blank regions at this grid distance")
    add(
        "--two-views",
        action="store_true",
        help="a near view of level NEAR and a far one of level FAR serve all regions; needs a model of two views",
    )


def image_settings(options: argparse.Namespace) -> ImageSettings:
    """The settings that the options describe.

    Raises:
        SettingsError: a value is outside its range, or the level matrix can not be read.
    """
    chosen = chosen_settings(options, ImageSettings)
    near, far = chosen.pop("levels")
    if options.level_matrix is not None:
        matrix = read_matrix(options.level_matrix, "level-matrix")
        return ImageSettings(**chosen, levels=tuple(map(tuple, matrix.tolist())))
    return ImageSettings(**chosen, level_min=near, level_max=far)


def model_name(options: argparse.Namespace) -> str:
    """The model that was asked for, or the one that the views need."""
    return options.model or (TWO_VIEW_MODEL if getattr(options, "two_views", False) else DEFAULT_MODEL)


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
