"""`python -m lrscore certify image|graph`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lrscore.catalogue import find_catalogue
from lrscore.cli.tables import print_image_summary, progress_bar
from lrscore.collective import METHODS
from lrscore.errors import CertificateFileError, SettingsError
from lrscore.settings import ImageSettings

if TYPE_CHECKING:
    import torch

DEFAULT_MODEL = "street-unet"


def add_command(commands: Any) -> None:
    """Register `certify` and its kinds."""
    parser = commands.add_parser("certify", help="sample a smoothed model and certify its prediction")
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    image = kinds.add_parser(
        "image",
        help="certify the segmentation of one image",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    _image_options(image)
    _common_options(image, ImageSettings())
    image.set_defaults(run=certify_image_command)


def pair(kind: Callable[[str], Any], separator: str, what: str) -> Callable[[str], tuple[Any, Any]]:
    """An argparse type for `A<separator>B`."""

    def parse(text: str) -> tuple[Any, Any]:
        parts = text.split(separator)
        if len(parts) != 2:
            raise argparse.ArgumentTypeError(f"expected {what}, got {text!r}")
        try:
            return kind(parts[0]), kind(parts[1])
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"expected {what}, got {text!r}") from error

    return parse


def _image_options(parser: argparse.ArgumentParser) -> None:
    defaults = ImageSettings()
    size = pair(int, "x", "ROWSxCOLS, for example 3x5")
    parser.add_argument("source", metavar="PATH|NAME", help="a picture file or the name of a bundled scene")
    parser.add_argument("--model", default=DEFAULT_MODEL, help="name of a segmentation model")
    parser.add_argument("--size", default="180x240", help="HEIGHTxWIDTH a picture is scaled to fit, or keep")
    parser.add_argument("--grid", type=size, default="3x5", help="rows and columns of the regions")
    parser.add_argument(
        "--levels",
        default="0.1:0.3",
        help="noise level NEAR:FAR, or a CSV file with the whole (groups, regions) matrix; inf blanks a region",
    )
    parser.add_argument("--noise", default=defaults.noise, help="gaussian (l2), uniform or laplace (l1)")
    parser.add_argument("--interpolation", choices=("linear", "variance"), default="linear")
    parser.add_argument(
        "--per-group", action="store_true", help="every group's farthest region gets the FAR level"
    )
    parser.add_argument(
        "--mask-distance", type=int, help="strictly local: blank regions at this grid distance"
    )
    parser.add_argument("--reference", help="index mask with the true classes (255 = void)")


def _common_options(parser: argparse.ArgumentParser, defaults: ImageSettings) -> None:
    parser.add_argument("--samples", type=int, default=defaults.samples, help="estimation samples per group")
    parser.add_argument(
        "--pilot-samples", type=int, default=defaults.pilot_samples, help="samples that choose labels"
    )
    parser.add_argument(
        "--alpha", type=float, default=defaults.alpha, help="probability of any false statement"
    )
    parser.add_argument(
        "--correction", default=defaults.correction, help="how alpha is shared among the outputs"
    )
    parser.add_argument("--tolerated", type=int, default=1, help="k of the count-level correction")
    parser.add_argument("--batch-size", type=int, help="noisy copies per forward pass")
    parser.add_argument("--seed", type=int, default=0, help="seed of all randomness")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N")
    parser.add_argument("--method", choices=METHODS, default="envelope", help="the stored collective proof")
    parser.add_argument("--out", default="certificate.nc", help="file to write")


def image_settings(options: argparse.Namespace) -> ImageSettings:
    """The settings that the options describe."""
    names = {field.name for field in fields(ImageSettings)}
    chosen = {name: value for name, value in vars(options).items() if name in names}
    chosen.pop("levels")
    if Path(options.levels).is_file():
        return ImageSettings(**chosen, levels=read_level_matrix(options.levels))
    try:
        near, far = pair(float, ":", "NEAR:FAR")(options.levels)
    except argparse.ArgumentTypeError as error:
        raise SettingsError(f"levels: {error}, and no such file") from error
    return ImageSettings(**chosen, level_min=near, level_max=far)


def read_level_matrix(path: str) -> Any:
    """A comma-separated matrix of noise levels.

    Raises:
        SettingsError: the file holds no matrix of numbers.
    """
    try:
        return np.loadtxt(path, delimiter=",", ndmin=2)
    except (ValueError, OSError) as error:
        raise SettingsError(f"levels: {path} is not a comma-separated matrix of numbers") from error


def certify_image_command(options: argparse.Namespace) -> None:
    """Sample, certify, print a summary, write the file."""
    check_output(options.out)
    settings = image_settings(options)
    size = None if options.size == "keep" else _picture_size(options.size)
    catalogue = find_catalogue()
    loaded = catalogue.load_image(options.source, size)
    if loaded.remark:
        print(f"{loaded.title}: {loaded.remark}")
    settings.regions(*loaded.image.shape[1:])  # does the grid fit?
    model = catalogue.load_image_model(options.model)
    generator, device = seeded(options.seed, options.device)

    from lrscore.images import certify_image

    with progress_bar("noisy copies") as progress:
        certificate = certify_image(
            model, loaded.image, settings, generator=generator, device=device, progress=progress
        )
    certificate = replace(certificate, provenance={**certificate.provenance, "title": loaded.title})
    reference = loaded.reference
    if options.reference is not None:
        reference = catalogue.load_reference(options.reference, certificate.shape)
    if reference is not None:
        certificate = certificate.with_reference(reference)
    curve = certificate.collective(certificate.default_budgets(), method=options.method)
    certificate = replace(certificate, curves=(curve,))
    certificate.save(options.out)
    print_image_summary(certificate)
    print(f"written to {options.out}")


def check_output(path: str) -> None:
    """Refuse before hours of sampling what could not be written after them."""
    folder = Path(path).resolve().parent
    if not folder.is_dir() or Path(path).is_dir():
        raise CertificateFileError(f"cannot write {path}: {folder} is not a folder or {path} is one")


def seeded(seed: int, device: str) -> tuple[torch.Generator, torch.device]:
    """A generator on the device, seeded.

    Raises:
        SettingsError: no such device here, or a negative seed.
    """
    import torch

    if seed < 0:
        raise SettingsError(f"seed must be a whole number of at least 0, got {seed}")
    try:
        target = torch.device(device)
        return torch.Generator(device=target).manual_seed(seed), target
    except RuntimeError as error:
        raise SettingsError(f"device {device!r} is not available: {str(error).splitlines()[0]}") from error


def _picture_size(text: str) -> tuple[int, int]:
    try:
        height, width = pair(int, "x", "HEIGHTxWIDTH or keep")(text)
    except argparse.ArgumentTypeError as error:
        raise SettingsError(f"size: {error}") from error
    if min(height, width) < 1:
        raise SettingsError(f"size must be positive, got {text!r}")
    return height, width
