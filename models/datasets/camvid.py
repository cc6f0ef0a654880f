"""CamVid behind the common interface; its files are listed and checked by `models.datasets.camvid_frames`."""

from __future__ import annotations

from pathlib import Path

from models.datasets.camvid_frames import CamVid
from models.datasets.classes import CAMVID_CLASSES, CAMVID_PALETTE
from models.datasets.pairs import Pair, PicturePairs, data_root, identity_codes, missing

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
        split: "train" or "val".
        root, size: as in `open_dataset`.
        download: without effect; CamVid has to be fetched by hand.

    Raises:
        InputError: missing or incomplete data, or another split.
    """
    place = data_root(root)
    if place is None or not (place / "camvid").is_dir():
        how = "get the 11-class SegNet version of CamVid and sort it into images/*.jpg and masks/*.png per split"
        raise missing("CamVid", "camvid/train", how)
    frames = CamVid.open(split, root=place)
    pairs = tuple(
        Pair(name, frames.folder / "images" / f"{name}.jpg", frames.folder / "masks" / f"{name}.png")
        for name in frames.names
    )
    codes, legal = identity_codes(len(CAMVID_CLASSES), (_STORED_VOID,))
    return PicturePairs(f"CamVid {split}", pairs, CAMVID_CLASSES, CAMVID_PALETTE, codes, legal, size)
