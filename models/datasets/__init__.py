"""Segmentation data sets behind one lazy interface: CamVid, Pascal VOC 2012, Cityscapes, any folder of pairs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from lrscore.errors import InputError
from models.datasets.camvid import camvid_splits, open_camvid
from models.datasets.cityscapes import SPLITS as CITYSCAPES_SPLITS
from models.datasets.cityscapes import open_cityscapes
from models.datasets.folder import open_folder, with_void
from models.datasets.pairs import LabelledPicture, PicturePairs, data_root
from models.datasets.voc import open_voc, voc_splits

Opener = Callable[..., PicturePairs]

DATASETS: dict[str, Opener] = {"camvid": open_camvid, "voc": open_voc, "cityscapes": open_cityscapes}
_SPLITS: dict[str, Callable[[Path | None], tuple[str, ...]]] = {
    "camvid": camvid_splits,
    "voc": voc_splits,
    "cityscapes": lambda place: CITYSCAPES_SPLITS,
}


def open_dataset(
    name: str,
    split: str,
    *,
    root: str | Path | None = None,
    size: tuple[int, int] | None = None,
    download: bool = False,
    class_names: Sequence[str] | None = None,
    void: Sequence[int] = (),
) -> PicturePairs:
    """Open a data set by name; nothing but its list of files is read.

    Args:
        name: "camvid", "voc" or "cityscapes"; anything else is taken as the path of a folder (`open_folder`), for which
            `split` names a folder in it ("" for none).
        split: for example "train" or "val".
        root: the data root; by default the folder that `LRS_DATA_ROOT` names.
        size: (height, width) that pictures are scaled to fit into, keeping their shape; None keeps their size.
        download: fetch what can be fetched (Pascal VOC) into the root if it is missing.
        class_names: names of a folder's classes, instead of its `classes.txt`.
        void: further mask values of pixels that are left out of everything.

    Raises:
        InputError: the data set is missing (the message says how to get it), incomplete, or has no such split.
    """
    if name in DATASETS:
        if class_names is not None:
            raise InputError(f"class names are for folders: {name} has its own")
        return with_void(DATASETS[name](split, root=root, size=size, download=download), void)
    if Path(name).is_dir():
        return open_folder(Path(name) / split, class_names=class_names, void=void, size=size)
    raise InputError(f"data set must be one of {', '.join(DATASETS)} or the path of a folder, got {name!r}")


def splits_of(name: str, *, root: str | Path | None = None) -> tuple[str, ...]:
    """Splits of a named data set that may be there: the usual ones, and whatever else lies below the root."""
    return _SPLITS[name](data_root(root))


__all__ = [
    "DATASETS",
    "LabelledPicture",
    "PicturePairs",
    "open_camvid",
    "open_cityscapes",
    "open_dataset",
    "open_folder",
    "open_voc",
    "splits_of",
]
