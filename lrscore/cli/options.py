"""Options that every `certify` command has, and the checks before hours of sampling."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import Field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lrscore.collective import METHODS
from lrscore.errors import CertificateFileError, SettingsError, first_line
from lrscore.settings import SamplingSettings, field_of

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


def add_settings(parser: argparse.ArgumentParser, settings: type, *names: str) -> None:
    """An option for each of these fields of a settings class: its name, default, choices and help are the field's.

    A field's type says how its option is read: whole numbers and numbers, texts, switches, pairs, numbers in a row.
    """
    for name in names:
        add_setting(parser, field_of(settings, name))


def add_setting(parser: argparse.ArgumentParser, field: Field[Any]) -> None:
    """The option of one field, see `add_settings`."""
    flag, kind, facts = f"--{field.name.replace('_', '-')}", str(field.type), field.metadata
    default: Any = field.default
    said: dict[str, Any] = {"help": facts["help"]} if facts["help"] else {}
    if kind == "bool":
        parser.add_argument(flag, action="store_true", **said)
    elif facts["between"]:
        number = int if "int" in kind else float
        text = facts["between"].join(f"{value:g}" for value in default)
        parser.add_argument(flag, type=pair(number, facts["between"], facts["form"]), default=text, **said)
    elif facts["choices"]:
        parser.add_argument(flag, choices=facts["choices"], default=default, **said)
    else:
        read = sequence if kind.startswith("tuple") else int if kind.startswith("int") else float
        parser.add_argument(flag, type=read, default=default, **said)


def add_sampling_options(parser: argparse.ArgumentParser, settings: type) -> None:
    """Samples, confidence, seed, device and output; the defaults are those of the settings."""
    add = parser.add_argument
    add_confidence_options(parser, settings)
    add_settings(parser, settings, "pilot_samples")
    add_run_options(parser)
    add("--method", choices=METHODS, default="envelope", help="the stored collective proof")
    add("--out", default="certificate.nc", help="file to write")


def add_confidence_options(parser: argparse.ArgumentParser, settings: type) -> None:
    """Estimation samples, and how confidence is shared."""
    add_settings(parser, settings, "samples", "alpha", "correction", "tolerated", "offered")


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Batch size, seed and device."""
    add_settings(parser, SamplingSettings, "batch_size")
    parser.add_argument("--seed", type=int, default=0, help="seed of all randomness")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N")


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
