"""The data sets of labelled pictures at hand: below `LRS_DATA_ROOT`, and in a folder that the reader names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from lrscore.errors import InputError, told
from models.datasets import DATASETS, PicturePairs, open_dataset, splits_of
from models.datasets.photos import WORKING_SIZE, load_photo
from ui.images.sources import Source
from ui.style.pictures import colour_picture, data_uri

TITLES = {"camvid": "CamVid", "voc": "Pascal VOC 2012", "cityscapes": "Cityscapes"}
_MOST_FOLDERS = 200
_THUMBNAIL = (72, 108)


@dataclass(frozen=True)
class DataSet:
    """Where labelled pictures lie.

    Args:
        name: what `open_dataset` takes: a name, or the path of a folder.
        title: for people.
        splits: names of its parts; "" for a folder without any.
    """

    name: str
    title: str
    splits: tuple[str, ...]


def data_root() -> str:
    """The folder that `LRS_DATA_ROOT` names; empty if none."""
    return os.environ.get("LRS_DATA_ROOT") or ""


@st.cache_data(max_entries=16, ttl=60, show_spinner="Looking for data sets …")
def find_data_sets(root: str) -> tuple[DataSet, ...]:
    """Data sets of this project's kinds below a folder, then folders of pictures and masks in it or itself."""
    if not root or not Path(root).is_dir():
        return ()
    named = [
        DataSet(name, TITLES.get(name, name), splits)
        for name in DATASETS
        if (splits := tuple(split for split in splits_of(name, root=root) if _opens(name, split, root)))
    ]
    taken = {"camvid"} if any(found.name == "camvid" for found in named) else set()
    if any(found.name == "voc" and "sample" in found.splits for found in named):
        taken.add("voc_sample")
    return (*named, *_folders(Path(root), taken))


def open_pairs(name: str, split: str, root: str) -> PicturePairs:
    """A split at the pages' working size; pictures are read one at a time, when they are asked for.

    Raises:
        InputError: it is not there any more.
    """
    return _opened_pairs(name, split, root, _stamp(name, split))


@st.cache_resource(max_entries=32, ttl=600, show_spinner=False)
def _opened_pairs(name: str, split: str, root: str, stamp: tuple[int, ...]) -> PicturePairs:
    return open_dataset(name, split, root=root or None, size=WORKING_SIZE)


def _stamp(name: str, split: str) -> tuple[int, ...]:
    """When a folder's pictures, masks or list of classes last changed: its owner may be at work on them."""
    if name in DATASETS:
        return ()
    place = Path(name) / split
    parts = (place / "images", place / "masks", place / "classes.txt", place.parent / "classes.txt")
    return tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in parts)


def why_none(folder: str) -> str:
    """Why nothing in a folder can be used, in a sentence; empty if it holds no pictures and masks at all."""
    place = Path(folder)
    if not place.is_dir():
        return f"No data set was found in {folder}: there is no such folder."
    for path in (place, *sorted(path for path in place.iterdir() if path.is_dir())[:_MOST_FOLDERS]):
        if _has_pairs(path):
            try:
                open_dataset(str(path), "")
            except InputError as error:
                return f"The data set can not be used: {told(error)}."
    return ""


def matching(names: tuple[str, ...], words: str) -> list[str]:
    """The pictures whose names hold all words, in order."""
    wanted = words.lower().split()
    return [name for name in names if all(word in name.lower() for word in wanted)]


def picture_source(found: DataSet, split: str, name: str, root: str) -> Source:
    """One labelled picture, named as the command line names it.

    Raises:
        InputError: picture or mask can not be used.
    """
    pairs = open_pairs(found.name, split, root)
    picture = pairs.load(name)
    argument = f"{found.name}:{split}:{name}"
    return Source(name, argument, picture.image, picture.mask.astype(np.int64), pairs.class_names)


@st.cache_data(max_entries=400, show_spinner=False)
def thumbnail(name: str, split: str, picture: str, root: str) -> str:
    """A small picture as an address; empty if it can not be read."""
    pair = next(pair for pair in open_pairs(name, split, root).pairs if pair.name == picture)
    try:
        return data_uri(colour_picture(load_photo(pair.image.read_bytes(), _THUMBNAIL).image))
    except (InputError, OSError):
        return ""


def _opens(name: str, split: str, root: str) -> bool:
    try:
        return len(open_pairs(name, split, root)) > 0
    except InputError:
        return False


def _folders(root: Path, taken: set[str]) -> Iterator[DataSet]:
    inside = [
        path for path in sorted(root.iterdir())[:_MOST_FOLDERS] if path.is_dir() and path.name not in taken
    ]
    for place in (root, *inside):
        parts = [
            "",
            *sorted(path.name for path in place.iterdir() if path.is_dir() and path.name not in taken)[
                :_MOST_FOLDERS
            ],
        ]
        splits = tuple(part for part in parts if _has_pairs(place / part) and _opens(str(place), part, ""))
        if splits:
            yield DataSet(str(place), place.name, splits)


def _has_pairs(place: Path) -> bool:
    return (place / "images").is_dir() and (place / "masks").is_dir()
