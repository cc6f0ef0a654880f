"""Any folder with pictures and index masks of the same names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from lrscore.class_names import read_class_names
from lrscore.errors import InputError
from lrscore.references import is_void
from models.datasets.classes import VOID
from models.datasets.pairs import Pair, PicturePairs, bit_palette, existing_pairs, identity_codes

_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif")
_MASKS = (".png", ".bmp", ".tif", ".tiff", ".gif")
_LISTING = "classes.txt"


def open_folder(
    folder: str | Path,
    *,
    class_names: Sequence[str] | None = None,
    void: Sequence[int] = (),
    size: tuple[int, int] | None = None,
) -> PicturePairs:
    """Pictures in `images/` with masks `masks/NAME.png` (grey or palette, pixel value = class).

    Args:
        folder: holds `images`, `masks` and, unless the names are given, `classes.txt` with one class name a line (or
            in the folder above). A line such as "void" or "unlabelled" is no class: its pixels are left out.
        class_names: names of the classes, at least two, void lines included.
        void: further mask values of pixels that are left out of everything, 0 to 255. So is 255 itself, but masks of
            two classes that hold 0 and 255 alone are refused unless it is named.
        size: (height, width) that pictures are scaled to fit into, keeping their shape; None keeps their size.

    Raises:
        InputError: a folder, the class names or a mask is missing.
    """
    place = Path(folder)
    if not place.is_dir():
        raise InputError(f"there is no folder {place}{_siblings(place)}")
    for part in ("images", "masks"):
        if not (place / part).is_dir():
            raise InputError(
                f"folder {place.name} must hold images/ and masks/, {part}/ is missing{_siblings(place / part)}"
            )
    listed = tuple(class_names) if class_names is not None else _read_names(place)
    kept = [number for number, name in enumerate(listed) if not is_void(name)]
    if not 2 <= len(kept) <= VOID or len(listed) > VOID:
        raise InputError(f"class names must be 2 to {VOID}, got {len(kept)}")
    codes, legal = identity_codes(len(listed))
    codes[: len(listed)] = VOID
    codes[kept] = np.arange(len(kept))
    title, names = f"folder {place.name}", tuple(listed[number] for number in kept)
    masks: dict[str, Path] = {}
    for path in visible(place / "masks"):
        if path.suffix.lower() in _MASKS:
            if path.stem in masks:
                raise InputError(f"{title} holds two masks of the name {path.stem}")
            masks[path.stem] = path
    pairs = [
        Pair(path.stem, path, masks.get(path.stem, place / "masks" / f"{path.stem}.png"))
        for path in visible(place / "images")
        if path.suffix.lower() in _PICTURES
    ]
    found = PicturePairs(
        title, existing_pairs(title, pairs), names, bit_palette(len(names)), codes, legal, size
    )
    return with_void(found, void)


def with_void(pairs: PicturePairs, void: Sequence[int]) -> PicturePairs:
    """The same pictures with further mask values for void.

    Raises:
        InputError: a value is no mask value.
    """
    values = [*void]
    if any(not 0 <= value <= VOID for value in values):
        raise InputError(f"void must hold mask values from 0 to {VOID}, got {tuple(void)}")
    codes, legal = pairs.codes.copy(), pairs.legal.copy()
    codes[values], legal[values] = VOID, True
    return replace(pairs, codes=codes, legal=legal, sure_of_void=pairs.sure_of_void or VOID in values)


def visible(folder: Path) -> list[Path]:
    """Files in order; those that systems hide (`._x.jpg`, `.DS_Store`) are none of the data."""
    return sorted(path for path in folder.iterdir() if not path.name.startswith(".") and path.is_file())


def _siblings(place: Path) -> str:
    """What is there instead of a missing folder."""
    above = place.parent
    names = sorted(path.name for path in above.iterdir() if path.is_dir()) if above.is_dir() else []
    return f"; {above.name or above} has {', '.join(names[:8])}" if names else ""


def _read_names(place: Path) -> tuple[str, ...]:
    for folder in (place, place.resolve().parent):
        if (folder / _LISTING).is_file():
            return read_class_names(folder / _LISTING)
    raise InputError(f"folder {place.name} needs class names: write them into {_LISTING}, one a line")
