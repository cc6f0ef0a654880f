"""Pictures with index masks: pairs of files that are read one at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from lrscore.errors import InputError
from lrscore.references import refuse_white
from models.datasets.classes import VOID
from models.datasets.photos import load_mask, load_photo, stored_size

ROOT_VARIABLE = "LRS_DATA_ROOT"
_CODES = 256  # masks hold bytes


@dataclass(frozen=True, eq=False)
class LabelledPicture:
    """One labelled picture.

    Args:
        name: unique within its data set.
        image: (3, H, W) float32 in [0, 1], on the 1/255 lattice.
        mask: (H, W) uint8 class ids, 255 = void.
    """

    name: str
    image: np.ndarray
    mask: np.ndarray


@dataclass(frozen=True)
class Pair:
    """Where a picture and its mask lie."""

    name: str
    image: Path
    mask: Path


@dataclass(frozen=True, eq=False)
class PicturePairs:
    """A data set of picture and mask files. Nothing is opened before `load`.

    Args:
        title: what the data set is called.
        pairs: the files, in a fixed order.
        class_names: names of the classes, index = class id.
        palette: (classes, 3) uint8 RGB colours.
        codes: (256,) uint8: class id of every mask value; 255 = void.
        legal: (256,) bool: mask values that may occur; others are refused, not ignored.
        size: (height, width) that pictures are scaled to fit into, keeping their shape: pictures with antialiasing,
            masks by nearest neighbour. None keeps their size.
        sure_of_void: somebody said that 255 is void; else masks of two classes that hold 0 and 255 alone are refused.
    """

    title: str
    pairs: tuple[Pair, ...]
    class_names: tuple[str, ...]
    palette: np.ndarray
    codes: np.ndarray
    legal: np.ndarray
    size: tuple[int, int] | None = None
    sure_of_void: bool = False
    _places: dict[str, Pair] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_places", {pair.name: pair for pair in self.pairs})
        if not self.pairs:
            raise InputError(f"{self.title} holds no pairs of picture and mask")
        if len(self._places) != len(self.pairs):
            raise InputError(f"{self.title} holds two pictures of one name")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all pictures, in order."""
        return tuple(self._places)

    def __len__(self) -> int:
        return len(self.pairs)

    def __iter__(self) -> Iterator[LabelledPicture]:
        return map(self.load, self.names)

    def only(self, names: Sequence[str]) -> PicturePairs:
        """The pictures of these names, in that order."""
        return replace(self, pairs=tuple(self._place(name) for name in names))

    def load(self, name: str) -> LabelledPicture:
        """Read one picture and its mask.

        Raises:
            InputError: no such name, a missing or unreadable file, a mask of another size or with an unknown value.
        """
        pair = self._place(name)
        photo = load_photo(pair.image, self.size)
        height, width = photo.image.shape[1:]
        mask = load_mask(pair.mask, (height, width))
        stored = stored_size(pair.mask)
        if stored != photo.original:
            raise InputError(f"mask of {name} must have the picture's size {photo.original}, got {stored}")
        if mask.min() < 0 or mask.max() >= _CODES or not self.legal[mask].all():
            unknown = sorted(
                {int(value) for value in np.unique(mask)} - {*np.flatnonzero(self.legal).tolist()}
            )
            raise InputError(
                f"mask of {name} must hold class numbers 0 to {len(self.class_names) - 1} or void, "
                f"got {', '.join(map(str, unknown[:5]))}"
            )
        if not self.sure_of_void:
            refuse_white(mask, len(self.class_names), f"mask of {name}")
        return LabelledPicture(name, photo.image, self.codes[mask])

    def _place(self, name: str) -> Pair:
        if name not in self._places:
            raise InputError(
                f"{self.title} has no picture {name!r}; its {len(self)} names begin with {self.names[0]!r}"
            )
        return self._places[name]


def identity_codes(classes: int, void: Sequence[int] = (VOID,)) -> tuple[np.ndarray, np.ndarray]:
    """`codes` and `legal` of masks whose value is the class id, with some values for void."""
    values = np.arange(_CODES)
    codes = np.where(values < classes, values, VOID).astype(np.uint8)
    codes[list(void)] = VOID
    legal = values < classes
    legal[list(void)] = True
    return codes, legal


def bit_palette(classes: int) -> np.ndarray:
    """(classes, 3) uint8 colours as Pascal VOC numbers them: the bits of the class, spread over red, green and blue."""
    number, colours = np.arange(classes), np.zeros((classes, 3), dtype=np.uint8)
    for bit in range(8):
        for channel in range(3):
            colours[:, channel] |= (((number >> (3 * bit + channel)) & 1) << (7 - bit)).astype(np.uint8)
    return colours


def data_root(root: str | Path | None) -> Path | None:
    """The given root, else the folder that `LRS_DATA_ROOT` names, else None."""
    chosen = root or os.environ.get(ROOT_VARIABLE)
    return Path(chosen) if chosen else None


def missing(title: str, folder: str, how: str) -> InputError:
    """The one sentence for a data set that is not there."""
    return InputError(
        f"{title} is not here: {how}, so that {folder} exists below the data root, "
        f"and set {ROOT_VARIABLE} to that root"
    )


def existing_pairs(title: str, pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """The pairs, if all of their files are there.

    Raises:
        InputError: how many files are missing, and which is the first.
    """
    lost = [path for pair in pairs for path in (pair.image, pair.mask) if not path.is_file()]
    if lost:
        first = "/".join(lost[0].parts[-2:])
        raise InputError(f"{title} is incomplete: {len(lost)} files are missing, the first is {first}")
    return tuple(pairs)
