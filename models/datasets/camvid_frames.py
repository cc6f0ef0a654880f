"""CamVid street scenes from a folder: frames and masks read one at a time, grouped by drive.

Layout below the data root (the folder that `LRS_DATA_ROOT` names): `camvid/SPLIT/images/ID.jpg` and
`camvid/SPLIT/masks/ID.png`, SPLIT is "train" or "val", mask value = class, 11 = unlabelled. The first six letters
of an ID name the drive (0001TP, 0006R0, 0016E5). Data: Brostow, Fauqueur, Cipolla 2009.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lrscore.errors import InputError
from models.datasets.classes import CAMVID_CLASSES, VOID
from models.datasets.photos import FORMATS, MASK_FORMATS, open_picture

ROOT_VARIABLE = "LRS_DATA_ROOT"
SPLITS = ("train", "val")
_STORED_VOID = 11


@dataclass(frozen=True)
class Frame:
    """One labelled picture: `image` (3, H, W) float32 in [0, 1], `mask` (H, W) uint8 with 255 for unlabelled."""

    name: str
    image: np.ndarray
    mask: np.ndarray


@dataclass(frozen=True)
class CamVid:
    """The frames of one split, by name; nothing is read before `load` is called.

    Args:
        folder: the split's folder, holding `images` and `masks`.
        names: frame IDs in the order of the drives.
    """

    folder: Path
    names: tuple[str, ...]

    @classmethod
    def open(cls, split: str, *, root: str | Path | None = None) -> CamVid:
        """List a split's frames.

        Args:
            split: "train" (367 frames of three drives), "val" (101 frames of one stretch of drive 0016E5), or
                another folder.
            root: data root; by default the folder that `LRS_DATA_ROOT` names.

        Raises:
            InputError: unknown split, no root, or the folder is missing, empty or incomplete.
        """
        root = root or os.environ.get(ROOT_VARIABLE)
        known = _splits(Path(root) / "camvid") if root else SPLITS
        if split not in known:
            raise InputError(f"split must be one of {', '.join(known)}, got {split!r}")
        if not root:
            raise InputError(
                f"CamVid needs a data folder: set {ROOT_VARIABLE} to the folder that holds camvid/"
            )
        folder = Path(root) / "camvid" / split
        names = tuple(sorted(path.stem for path in (folder / "images").glob("*.jpg")))
        if not names:
            raise InputError(f"no CamVid frames (images/*.jpg) found in {folder}")
        unlabelled = [name for name in names if not (folder / "masks" / f"{name}.png").is_file()]
        if unlabelled:
            raise InputError(
                f"{len(unlabelled)} CamVid masks are missing, the first is masks/{unlabelled[0]}.png"
            )
        return cls(folder, names)

    @property
    def drives(self) -> tuple[str, ...]:
        """The drives that occur, sorted."""
        return tuple(sorted({drive_of(name) for name in self.names}))

    def only(self, *drives: str) -> CamVid:
        """The frames of these drives.

        Raises:
            InputError: a drive does not occur in this split.
        """
        unknown = set(drives) - set(self.drives)
        if unknown:
            raise InputError(
                f"drives must be among {', '.join(self.drives)}, got {', '.join(sorted(unknown))}"
            )
        return CamVid(self.folder, tuple(name for name in self.names if drive_of(name) in drives))

    def without(self, *drives: str) -> CamVid:
        """The frames of all other drives."""
        return CamVid(self.folder, tuple(name for name in self.names if drive_of(name) not in drives))

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[Frame]:
        return map(self.load, self.names)

    def load(self, name: str) -> Frame:
        """Read one frame.

        Raises:
            InputError: unknown name, unreadable file, or a mask of another size or with values above 11.
        """
        if name not in self.names:
            raise InputError(f"frame must be one of the {len(self)} names of this split, got {name!r}")
        try:
            with open_picture(self.folder / "images" / f"{name}.jpg", FORMATS) as picture:
                pixels = np.asarray(picture.convert("RGB"))
            with open_picture(self.folder / "masks" / f"{name}.png", MASK_FORMATS) as picture:
                stored = np.asarray(picture)
        except (OSError, InputError) as error:
            raise InputError(f"CamVid frame {name} cannot be read: {error}") from error
        if stored.shape != pixels.shape[:2] or stored.max() > _STORED_VOID:
            raise InputError(
                f"mask of CamVid frame {name} must be {pixels.shape[:2]} with values 0..{_STORED_VOID}, "
                f"got {stored.shape} with values up to {stored.max()}"
            )
        mask = np.where(stored < len(CAMVID_CLASSES), stored, VOID).astype(np.uint8)
        image = np.ascontiguousarray(pixels.transpose(2, 0, 1), dtype=np.float32) / 255
        return Frame(name, image, mask)


def _splits(folder: Path) -> tuple[str, ...]:
    """The usual splits, and whatever else is there as a folder with images."""
    found = {path.parent.name for path in folder.glob("*/images")} if folder.is_dir() else set()
    return (*SPLITS, *sorted(found - set(SPLITS)))


def drive_of(name: str) -> str:
    """The drive a frame belongs to: `0006R0_f01830` -> `0006R0`."""
    return name[:6]
