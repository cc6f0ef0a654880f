"""Options about pictures, models and noise levels that several commands have, and what they mean."""

from __future__ import annotations

import argparse

from lrscore.cli.matrices import read_matrix
from lrscore.cli.options import add_settings, chosen_settings, pair
from lrscore.errors import SettingsError
from lrscore.images.settings import ImageSettings

DEFAULT_MODEL, TWO_VIEW_MODEL = "street-unet", "street-two-view"


def add_picture_options(parser: argparse.ArgumentParser) -> None:
    """Model, size of the picture, and grid."""
    add = parser.add_argument
    add(
        "--model",
        help=f"name of a segmentation model; default: {DEFAULT_MODEL}, or {TWO_VIEW_MODEL} with --two-views",
    )
    add("--size", default="180x240", help="HEIGHTxWIDTH a picture is scaled to fit, or keep")
    add_settings(parser, ImageSettings, "grid")


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
    names = ("noise", "interpolation", "per_group", "mask_distance", "two_views")
    add_settings(parser, ImageSettings, *names)


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
