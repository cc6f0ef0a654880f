"""Options about pictures, models and noise levels that several commands have, and what they mean."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from lrscore.cli.matrices import read_matrix
from lrscore.cli.options import add_settings, chosen_settings, pair
from lrscore.cli.view_options import views_type, widest
from lrscore.errors import SettingsError
from lrscore.images.settings import ImageSettings
from lrscore.images.view_text import ViewOption, as_views

DEFAULT_MODEL, TWO_VIEW_MODEL, VIEWS_MODEL = "street-unet", "street-two-view", "street-views"


def add_picture_options(parser: argparse.ArgumentParser) -> None:
    """Model, size of the picture, and grid."""
    add = parser.add_argument
    add(
        "--model",
        help=f"name of a segmentation model; default: {DEFAULT_MODEL}, {TWO_VIEW_MODEL} with --two-views or two "
        f"--views, {VIEWS_MODEL} with more",
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
    add(
        "--views",
        type=views_type,
        metavar="[WINDOW:]LEVEL,...",
        help="instead of --levels: noisy views of the whole picture, finest first, that serve all regions; WINDOW in "
        "cells or `all`, as narrow as model and picture allow if left out; the level inf blanks a view; for example "
        "0.1,0.2,0.8 or 0:0.25,all:2; needs a model of views",
    )


def image_settings(options: argparse.Namespace, windows: Sequence[int | None] | None = None) -> ImageSettings:
    """The settings that the options describe.

    Args:
        windows: per view, in cells, for the views whose window the options leave to the model; None: everything, until
            the model is known.

    Raises:
        SettingsError: a value is outside its range, or the level matrix can not be read.
    """
    chosen = chosen_settings(options, ImageSettings)
    near, far = chosen.pop("levels")
    views: tuple[ViewOption, ...] | None = chosen.pop("views", None)
    if views is not None:
        if options.level_matrix is not None:
            raise SettingsError("views and level-matrix both say what the noise is: give one of them")
        return ImageSettings(**chosen, views=as_views(views, windows))
    if options.level_matrix is not None:
        matrix = read_matrix(options.level_matrix, "level-matrix")
        return ImageSettings(**chosen, levels=tuple(map(tuple, matrix.tolist())))
    return ImageSettings(**chosen, level_min=near, level_max=far)


def model_name(options: argparse.Namespace) -> str:
    """The model that was asked for, or the one that the views need."""
    if options.model:
        return str(options.model)
    views = getattr(options, "views", None) or ()
    if len(views) > 2:
        return VIEWS_MODEL
    return TWO_VIEW_MODEL if views or getattr(options, "two_views", False) else DEFAULT_MODEL


def fitted_settings(
    options: argparse.Namespace, settings: ImageSettings, model: object, sizes: Sequence[tuple[int, int]]
) -> ImageSettings:
    """The settings with the windows that a model of views needs on pictures of these sizes, where none were given.

    Raises:
        InputError: the model has not as many views.
        SettingsError: the grid does not fit a picture.
    """
    views = getattr(options, "views", None)
    if views is None or not any(view.fits for view in views):
        return settings
    from lrscore.images.views import fitting_views

    levels = [view.level for view in views]
    needed = [fitting_views(model, settings.regions(*size), levels) for size in sizes]
    windows = [widest([view.window for view in found]) for found in zip(*needed, strict=True)]
    return image_settings(options, windows)


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
