"""Options that every `certify` command has, and the checks before hours of sampling."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lrscore.collective import METHODS
from lrscore.errors import CertificateFileError, SettingsError, first_line
from lrscore.statistics import CORRECTIONS

if TYPE_CHECKING:
    import torch

LARGEST_SEED = 2**63 - 1
"""NumPy, torch and files that store seeds as signed numbers all take it."""


def pair(kind: Callable[[str], Any], separator: str, what: str) -> Callable[[str], tuple[Any, Any]]:
    """An argparse type for `A<separator>B`."""

    def parse(text: str) -> tuple[Any, Any]:
        parts = text.split(separator)
        try:
            first, second = (kind(part) for part in parts)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"expected {what}, got {text!r}") from error
        return first, second

    return parse


def sequence(text: str) -> tuple[float, ...]:
    """An argparse type for numbers separated by commas."""
    try:
        return tuple(float(part) for part in text.split(",") if part)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected numbers separated by commas, got {text!r}") from error


def add_sampling_options(parser: argparse.ArgumentParser, defaults: Any) -> None:
    """Samples, confidence, seed, device and output; the defaults are those of the settings."""
    add = parser.add_argument
    add_confidence_options(parser, defaults)
    add("--pilot-samples", type=int, default=defaults.pilot_samples, help="samples that choose labels")
    add_run_options(parser)
    add("--method", choices=METHODS, default="envelope", help="the stored collective proof")
    add("--out", default="certificate.nc", help="file to write")


def add_confidence_options(parser: argparse.ArgumentParser, defaults: Any) -> None:
    """Estimation samples, and how confidence is shared."""
    add = parser.add_argument
    add("--samples", type=int, default=defaults.samples, help="estimation samples per group")
    add("--alpha", type=float, default=defaults.alpha, help="probability of any false statement")
    add(
        "--correction",
        choices=CORRECTIONS,
        default=defaults.correction,
        help="how alpha is shared among the outputs; paper-holm is not valid and for comparison only",
    )
    add("--tolerated", type=int, default=defaults.tolerated, help="k of the count-level correction")


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Batch size, seed and device."""
    add = parser.add_argument
    add("--batch-size", type=int, help="noisy copies per forward pass")
    add("--seed", type=int, default=0, help="seed of all randomness")
    add("--device", default="cpu", help="cpu, cuda or cuda:N")


def chosen_settings(options: argparse.Namespace, settings: type) -> dict[str, Any]:
    """The options that are fields of a settings class."""
    names = {field.name for field in fields(settings)}
    return {name: value for name, value in vars(options).items() if name in names}


def check_output(path: str) -> None:
    """Refuse before sampling what could not be written after it."""
    target = Path(path)
    folder = target.resolve().parent
    if not folder.is_dir() or target.is_dir():
        raise CertificateFileError(f"cannot write {path}: {folder} is not a folder or {path} is one")
    if not os.access(folder, os.W_OK):
        raise CertificateFileError(f"cannot write {path}: {folder} may not be written to")


def seeded(seed: int, device: str) -> tuple[torch.Generator, torch.device]:
    """A generator on the device, seeded.

    Raises:
        SettingsError: no such device here, or a seed that is negative or too large.
    """
    import torch

    if not 0 <= seed <= LARGEST_SEED:
        raise SettingsError(f"seed must be a whole number from 0 to {LARGEST_SEED}, got {seed}")
    try:
        target = torch.device(device)
        torch.zeros(1, device=target).item()
        return torch.Generator(device=target).manual_seed(seed), target
    except Exception as error:  # drivers that are missing or broken fail in many ways
        raise SettingsError(f"device {device!r} is not available: {first_line(error)}") from error
