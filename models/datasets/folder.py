"""Any folder with pictures and index masks of the same names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lrscore.errors import InputError
from models.datasets.classes import VOID
from models.datasets.pairs import Pair, PicturePairs, bit_palette, existing_pairs, identity_codes

_PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"}


def open_folder(
    folder: str | Path,
    *,
    class_names: Sequence[str] | None = None,
    void: Sequence[int] = (VOID,),
    size: tuple[int, int] | None = None,
) -> PicturePairs:
    """Pictures in `images/` with masks `masks/NAME.png` (grey or palette, pixel value = class).

    Args:
        folder: holds `images`, `masks` and, unless the names are given, `classes.txt` with one class name a line.
        class_names: names of the classes, at least two.
        void: mask values of pixels that are left out of everything, 0 to 255.
        size: (height, width) that pictures are scaled to fit into, keeping their shape; None keeps their size.

    Raises:
        InputError: a folder, the class names or a mask is missing.
    """
    place = Path(folder)
    for part in ("images", "masks"):
        if not (place / part).is_dir():
            raise InputError(f"folder {place.name} must hold images/ and masks/, {part}/ is missing")
    names = tuple(class_names) if class_names is not None else _read_names(place)
    if not 2 <= len(names) <= VOID:
        raise InputError(f"class names must be 2 to {VOID}, got {len(names)}")
    if any(not 0 <= value <= VOID for value in void):
        raise InputError(f"void must hold mask values from 0 to {VOID}, got {tuple(void)}")
    pictures = sorted(path for path in (place / "images").iterdir() if path.suffix.lower() in _PICTURES)
    pairs = [Pair(path.stem, path, place / "masks" / f"{path.stem}.png") for path in pictures]
    codes, legal = identity_codes(len(names), void)
    title = f"folder {place.name}"
    return PicturePairs(
        title, existing_pairs(title, pairs), names, bit_palette(len(names)), codes, legal, size
    )


def _read_names(place: Path) -> tuple[str, ...]:
    listing = place / "classes.txt"
    if not listing.is_file():
        raise InputError(f"folder {place.name} needs class names: write them into classes.txt, one a line")
    return tuple(line.strip() for line in listing.read_text().splitlines() if line.strip())
