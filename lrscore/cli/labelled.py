"""Options about a picture's reference labels, and what they mean: mask, void values, class names."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lrscore.catalogue import Catalogue, LoadedImage
from lrscore.class_names import checked_names, read_class_names
from lrscore.errors import InputError, SettingsError
from lrscore.images.references import checked_reference, match_reference
from lrscore.metrics import VOID
from lrscore.references import other_classes, refuse_white, whole_labels


def add_label_options(parser: argparse.ArgumentParser) -> None:
    """Mask of the true classes, void values, class names."""
    add = parser.add_argument
    add(
        "--reference", metavar="MASK", help="index mask with the true classes of a picture file, of its shape"
    )
    add(
        "--void",
        type=void_values,
        default=(),
        help="further mask values without a class, separated by commas (255 is one)",
    )
    add(
        "--classes",
        metavar="FILE|NAMES",
        help="names of the mask's classes: a file with one a line, or separated by commas; if left out, the mask of "
        "--reference is in the model's numbering",
    )


def load_labelled(
    catalogue: Catalogue, options: argparse.Namespace, size: tuple[int, int] | None
) -> LoadedImage:
    """The picture that the options name, with its reference, if it has one.

    Raises:
        InputError: picture or mask can not be used.
    """
    more: dict[str, Any] = {}
    if options.reference is None and (options.void or options.classes):
        more = {"void": options.void, "class_names": class_names(options.classes)}
    loaded = catalogue.load_image(options.source, size, **more)
    if options.reference is None:
        return loaded
    height, width = loaded.image.shape[1:]
    original = {} if loaded.original is None else {"original": loaded.original}
    reference = catalogue.load_reference(options.reference, (height, width), **original)
    reference = np.where(np.isin(reference, options.void), VOID, reference)
    return replace(loaded, reference=reference, class_names=class_names(options.classes) or ())


def class_names(given: str | None) -> tuple[str, ...] | None:
    """Names from a file or from the option itself, None without.

    Raises:
        InputError: no such file, or empty names.
    """
    if given is None:
        return None
    if "," in given and not Path(given).exists():
        return checked_names([name.strip() for name in given.split(",")], "--classes")
    return read_class_names(given)


def reference_of(
    loaded: LoadedImage, model: Any, settings: Any, void: Sequence[int] = ()
) -> tuple[np.ndarray | None, str]:
    """The reference in the model's numbering, and what to say if there is none that could be compared.

    Everything that can be wrong with it is found out here, before anything is sampled.

    Args:
        void: mask values that somebody named as void.

    Raises:
        InputError: a number that is no class, or a mask of two classes in black and white.
    """
    if loaded.reference is None:
        return None, ""
    names = tuple(getattr(model, "class_names", ()))
    if VOID not in void:
        refuse_white(np.asarray(loaded.reference), len(loaded.class_names or names), "the reference mask")
    matched = match_reference(loaded.reference, loaded.class_names, names)
    if matched is None:
        return None, other_classes(loaded.class_names, names, "the picture's reference labels")
    if not names:  # only the model's answer tells how many classes it has
        height, width = loaded.image.shape[1:]
        checked_reference(
            whole_labels(matched, "reference labels"), (height, width), _classes(model, loaded, settings)
        )
    return matched, ""


def _classes(model: Any, loaded: LoadedImage, settings: Any) -> int:
    import torch

    from lrscore.images.noisy_copies import NoisyCopies

    return NoisyCopies(model, settings, torch.from_numpy(loaded.image), 1).classes


def void_values(text: str) -> tuple[int, ...]:
    """Mask values from an option's text, separated by commas.

    Raises:
        argparse.ArgumentTypeError: anything but 0 to 255.
    """
    try:
        values = tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"expected whole numbers separated by commas, got {text!r}"
        ) from error
    if any(not 0 <= value <= VOID for value in values):
        raise argparse.ArgumentTypeError(f"expected mask values from 0 to {VOID}, got {text!r}")
    return values


def target_file(path: str, catalogue: Catalogue, loaded: LoadedImage) -> np.ndarray:
    """(H, W) bool: the pixels to count, where a mask picture is not 0.

    Raises:
        InputError: no usable mask of the picture's shape.
        SettingsError: it marks nothing.
    """
    height, width = loaded.image.shape[1:]
    original = {} if loaded.original is None else {"original": loaded.original}
    try:
        mask = catalogue.load_reference(path, (height, width), **original) != 0
    except InputError as error:
        raise InputError(f"targets: {error}") from error
    if not mask.any():
        raise SettingsError(f"targets: {path} marks no pixel")
    return mask
