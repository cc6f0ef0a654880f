"""Cityscapes (Cordts et al. 2016): 19 evaluation classes, files found by torchvision."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lrscore.errors import InputError
from models.datasets.classes import VOID
from models.datasets.pairs import Pair, PicturePairs, data_root, existing_pairs, missing

SPLITS = ("train", "val")


def open_cityscapes(
    split: str,
    *,
    root: str | Path | None = None,
    size: tuple[int, int] | None = None,
    download: bool = False,
) -> PicturePairs:
    """Cityscapes with fine annotations from `cityscapes/leftImg8bit/SPLIT` and `cityscapes/gtFine/SPLIT`.

    The masks `*_labelIds.png` number 34 kinds of things; 19 are evaluated, in the order of their train ids, the others
    become void.

    Args:
        split: "train" or "val" (labels of "test" are not public).
        root, size: as in `open_dataset`.
        download: without effect; the data set is handed out after registration only.

    Raises:
        InputError: missing or incomplete data, or another split.
    """
    if split not in SPLITS:
        raise InputError(f"split of Cityscapes must be one of {', '.join(SPLITS)}, got {split!r}")
    place = data_root(root)
    if place is None or not (place / "cityscapes").is_dir():
        raise _absent()
    from torchvision.datasets import Cityscapes

    try:
        files = Cityscapes(str(place / "cityscapes"), split=split, mode="fine", target_type="semantic")
    except (RuntimeError, OSError) as error:  # torchvision says no more than that something is missing
        raise _absent() from error
    pairs = [
        Pair(Path(image).stem.removesuffix("_leftImg8bit"), Path(image), Path(targets[0]))
        for image, targets in zip(files.images, files.targets, strict=True)
        if image.endswith("_leftImg8bit.png")
    ]
    pairs.sort(key=lambda pair: pair.name)
    evaluated = sorted(
        (kind for kind in Cityscapes.classes if not kind.ignore_in_eval), key=lambda kind: kind.train_id
    )
    codes, legal = np.full(256, VOID, dtype=np.uint8), np.zeros(256, dtype=bool)
    for kind in Cityscapes.classes:
        if kind.id >= 0:
            codes[kind.id] = VOID if kind.ignore_in_eval else kind.train_id
            legal[kind.id] = True
    legal[VOID] = True
    return PicturePairs(
        f"Cityscapes {split}",
        existing_pairs("Cityscapes", pairs),
        tuple(kind.name for kind in evaluated),
        np.array([kind.color for kind in evaluated], dtype=np.uint8),
        codes,
        legal,
        size,
    )


def _absent() -> InputError:
    archives = "leftImg8bit_trainvaltest.zip and gtFine_trainvaltest.zip"
    how = f"register with its makers, download {archives} and unpack them"
    return missing("Cityscapes", "cityscapes with leftImg8bit and gtFine", how)
