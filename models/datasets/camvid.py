"""CamVid street scenes, grouped by drive.

Layout below the data root (the folder that `LRS_DATA_ROOT` names): `camvid/SPLIT/images/ID.jpg` and
`camvid/SPLIT/masks/ID.png`, SPLIT is "train" (367 frames of three drives), "val" (101 frames of one stretch of drive
0016E5) or another folder; mask value = class, 11 = unlabelled. The first six letters of an ID name the drive (0001TP,
0006R0, 0016E5). Data: Brostow, Fauqueur, Cipolla 2009.
"""

from __future__ import annotations

from pathlib import Path

from lrscore.errors import InputError
from models.datasets.classes import CAMVID_CLASSES, CAMVID_PALETTE
from models.datasets.folder import visible
from models.datasets.pairs import Pair, PicturePairs, data_root, identity_codes, missing

SPLITS = ("train", "val")
_STORED_VOID = 11


def open_camvid(
    split: str,
    *,
    root: str | Path | None = None,
    size: tuple[int, int] | None = None,
    download: bool = False,
) -> PicturePairs:
    """CamVid, 11 classes (Brostow et al. 2009), from `camvid/SPLIT/images/ID.jpg` and `masks/ID.png`.

    Args:
        split: "train", "val" or another folder.
        root, size: as in `open_dataset`.
        download: without effect; CamVid has to be fetched by hand.

    Raises:
        InputError: missing or incomplete data, or another split.
    """
    place = data_root(root)
    if place is None or not (place / "camvid").is_dir():
        how = "get the 11-class SegNet version of CamVid and sort it into images/*.jpg and masks/*.png per split"
        raise missing("CamVid", "camvid/train", how)
    folder, known = place / "camvid" / split, camvid_splits(place)
    if split not in known:
        raise InputError(f"split must be one of {', '.join(known)}, got {split!r}")
    frames = folder / "images"
    pictures = [path for path in visible(frames) if path.suffix == ".jpg"] if frames.is_dir() else []
    if not pictures:
        raise InputError(f"no CamVid frames (images/*.jpg) found in camvid/{split}")
    pairs = tuple(Pair(file.stem, file, folder / "masks" / f"{file.stem}.png") for file in pictures)
    unlabelled = [pair.name for pair in pairs if not pair.mask.is_file()]
    if unlabelled:
        raise InputError(
            f"{len(unlabelled)} CamVid masks are missing, the first is masks/{unlabelled[0]}.png"
        )
    codes, legal = identity_codes(len(CAMVID_CLASSES), (_STORED_VOID,))
    return PicturePairs(f"CamVid {split}", pairs, CAMVID_CLASSES, CAMVID_PALETTE, codes, legal, size)


def drive_of(name: str) -> str:
    """The drive a frame belongs to: `0006R0_f01830` -> `0006R0`."""
    return name[:6]


def drives(frames: PicturePairs) -> tuple[str, ...]:
    """The drives that occur, sorted."""
    return tuple(sorted({drive_of(name) for name in frames.names}))


def of_drives(frames: PicturePairs, *wanted: str) -> PicturePairs:
    """The frames of these drives.

    Raises:
        InputError: a drive does not occur.
    """
    unknown = set(wanted) - set(drives(frames))
    if unknown:
        raise InputError(
            f"drives must be among {', '.join(drives(frames))}, got {', '.join(sorted(unknown))}"
        )
    return frames.only([name for name in frames.names if drive_of(name) in wanted])


def without_drives(frames: PicturePairs, *left_out: str) -> PicturePairs:
    """The frames of all other drives."""
    return frames.only([name for name in frames.names if drive_of(name) not in left_out])


def camvid_splits(place: Path | None) -> tuple[str, ...]:
    """The usual splits, and whatever else lies in `camvid` below a data root as a folder with images."""
    found = set() if place is None else {path.parent.name for path in (place / "camvid").glob("*/images")}
    return (*SPLITS, *sorted(found - set(SPLITS)))
