"""Pascal VOC 2012 segmentation (Everingham et al.), with the trainaug list of the Berkeley annotations."""

from __future__ import annotations

from pathlib import Path

from lrscore.errors import InputError
from models.datasets.pairs import (
    Pair,
    PicturePairs,
    bit_palette,
    data_root,
    existing_pairs,
    identity_codes,
    missing,
)

VOC_CLASSES: tuple[str, ...] = (
    "background",
    "aeroplane",
    "bicycle",
    "bird",
    "boat",
    "bottle",
    "bus",
    "car",
    "cat",
    "chair",
    "cow",
    "diningtable",
    "dog",
    "horse",
    "motorbike",
    "person",
    "pottedplant",
    "sheep",
    "sofa",
    "train",
    "tvmonitor",
)

SPLITS = ("train", "val", "trainval", "trainaug", "sample")
_FOLDER = "VOCdevkit/VOC2012"


def open_voc(
    split: str,
    *,
    root: str | Path | None = None,
    size: tuple[int, int] | None = None,
    download: bool = False,
) -> PicturePairs:
    """Pascal VOC 2012, 21 classes, 255 = void.

    Args:
        split: "train", "val", "trainval" (official lists and masks); "trainaug" (the list
            `ImageSets/Segmentation/trainaug.txt` with masks in `SegmentationClassAug/`, both put there by hand);
            "sample" (a few pairs in `voc_sample/images`, `voc_sample/masks`, listed in `voc_sample/ids.txt`).
        root, size: as in `open_dataset`.
        download: fetch the official archive into the root (2 GB) if it is missing.

    Raises:
        InputError: missing or incomplete data, or another split.
    """
    place = data_root(root)
    known = voc_splits(place)
    if split not in known:
        raise InputError(f"split of Pascal VOC must be one of {', '.join(known)}, got {split!r}")
    if split == "sample":
        pairs = _sample_pairs(place)
    else:
        if download and place is not None and not (place / _FOLDER).is_dir():
            _download(place)
        pairs = _official_pairs(place, split)
    codes, legal = identity_codes(len(VOC_CLASSES))
    palette = bit_palette(len(VOC_CLASSES))
    return PicturePairs(f"Pascal VOC {split}", pairs, VOC_CLASSES, palette, codes, legal, size)


def voc_splits(place: Path | None) -> tuple[str, ...]:
    """The usual splits, and whatever else has a list below a data root."""
    lists = () if place is None else (place / _FOLDER / "ImageSets" / "Segmentation").glob("*.txt")
    return (*SPLITS, *sorted({path.stem for path in lists} - set(SPLITS)))


def _official_pairs(place: Path | None, split: str) -> tuple[Pair, ...]:
    if place is None or not (place / _FOLDER).is_dir():
        how = "open it with download=True or unpack the 2012 training and validation archive"
        raise missing("Pascal VOC 2012", _FOLDER, how)
    folder = place / _FOLDER
    masks = folder / ("SegmentationClassAug" if split == "trainaug" else "SegmentationClass")
    listing = folder / "ImageSets" / "Segmentation" / f"{split}.txt"
    if split == "trainaug" and not (listing.is_file() and masks.is_dir()):
        how = "get the trainaug list and its masks (Hariharan et al. 2011, as index pictures)"
        raise missing("Pascal VOC trainaug", f"{_FOLDER}/SegmentationClassAug with {listing.name}", how)
    return _listed(listing, folder / "JPEGImages", masks)


def _sample_pairs(place: Path | None) -> tuple[Pair, ...]:
    if place is None or not (place / "voc_sample").is_dir():
        raise missing("the Pascal VOC sample", "voc_sample", "copy the folder of sample pairs")
    folder = place / "voc_sample"
    return _listed(folder / "ids.txt", folder / "images", folder / "masks")


def _listed(listing: Path, images: Path, masks: Path) -> tuple[Pair, ...]:
    if not listing.is_file():
        raise InputError(f"Pascal VOC is incomplete: its list {'/'.join(listing.parts[-2:])} is missing")
    # Some published lists hold two paths a line; the last one ends in the picture's id.
    names = [Path(line.split()[-1]).stem for line in listing.read_text().splitlines() if line.strip()]
    pairs = [Pair(name, images / f"{name}.jpg", masks / f"{name}.png") for name in names]
    return existing_pairs("Pascal VOC", pairs)


def _download(place: Path) -> None:
    from torchvision.datasets import VOCSegmentation

    place.mkdir(parents=True, exist_ok=True)
    try:
        VOCSegmentation(str(place), year="2012", image_set="train", download=True)
    except (OSError, RuntimeError) as error:
        raise InputError(f"Pascal VOC could not be downloaded: {error}") from error
