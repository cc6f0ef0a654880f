"""Choose a picture of a data set: which set, which split, which picture, by name or by thumbnail."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lrscore.errors import InputError, told
from ui.images.datasets import (
    DataSet,
    data_root,
    find_data_sets,
    matching,
    open_pairs,
    picture_source,
    thumbnail,
    why_none,
)
from ui.images.sources import Source
from ui.style.chrome import quiet
from ui.style.words import counted
from ui.widgets.linked import linked

PICTURE = "image_picture"
PLACE = ("dataset", "split", "picture", "search")
"""Names of the controls that say which picture."""
_ELSEWHERE = "A folder …"
_A_PAGE = 6


def draw_dataset_picker(chosen: Callable[[], None]) -> Source | None:
    """Draw the controls; returns the chosen picture with its reference, or None with a sentence why not.

    Args:
        chosen: called when another picture is chosen.
    """
    found, root = _draw_sets(chosen)
    if found is None:
        return None
    split = _choose("Split", found.splits, "image_split", chosen) if found.splits != ("",) else ""
    try:
        names = open_pairs(found.name, split, root).names
    except InputError as error:
        st.error(f"The data set can not be used: {told(error)}.", icon=":material/broken_image:")
        return None
    words = linked(
        st.text_input, "Search", key="image_search", placeholder=f"part of a name of {len(names):,}"
    )
    matches = matching(names, words or "")
    if not matches:
        quiet("Nothing found.")
        return None
    name = _choose("Picture", tuple(matches), PICTURE, chosen)
    _draw_thumbnails(found, split, matches, root, chosen)
    try:
        return picture_source(found, split, name, root)
    except InputError as error:
        st.error(f"The picture can not be used: {told(error)}.", icon=":material/broken_image:")
        return None


def find_picture(argument: str) -> dict[str, str]:
    """What the controls stand at for a picture that the command line and `picture_source` call SET:SPLIT:NAME.

    Only sets and pictures that are here are answered: the text may come from anybody's file. Empty if there is none.
    """
    root = data_root()
    for found in find_data_sets(root):
        for split in found.splits:
            name = argument.removeprefix(f"{found.name}:{split}:")
            if name != argument and name in open_pairs(found.name, split, root).names:
                return {"dataset": found.title, "split": split, "picture": name, "search": ""}
    return {}


def _draw_sets(chosen: Callable[[], None]) -> tuple[DataSet | None, str]:
    """The set and the folder that it was found below."""
    known = {found.title: found for found in find_data_sets(data_root())}
    title = _choose("Data set", (*known, _ELSEWHERE), "image_dataset", chosen)
    if title != _ELSEWHERE:
        return known[title], data_root()
    folder = linked(
        st.text_input,
        "Folder on this computer",
        key="image_folder",
        on_change=chosen,
        placeholder="/path/to/data",
        help="With CamVid, Pascal VOC or Cityscapes in it, or with images/, masks/ and classes.txt, in it or one level "
        "below.",
    )
    if not folder:
        quiet("Data sets below the folder that LRS_DATA_ROOT names are found by themselves.")
        return None, ""
    inside = {found.title: found for found in find_data_sets(folder)}
    if not inside:
        st.error(
            why_none(folder)
            or f"No data set was found in {folder}: expected CamVid, Pascal VOC or Cityscapes, or images/, masks/ and "
            "classes.txt.",
            icon=":material/folder_off:",
        )
        return None, ""
    return inside[_choose("Set in this folder", tuple(inside), "image_set", chosen)], folder


def _choose(label: str, options: tuple[str, ...], key: str, chosen: Callable[[], None]) -> str:
    if st.session_state.get(key) not in (None, *options):
        st.session_state.pop(key)
    return str(linked(st.selectbox, label, options, key=key, on_change=chosen))


def _draw_thumbnails(
    found: DataSet, split: str, matches: list[str], root: str, chosen: Callable[[], None]
) -> None:
    pages = -(-len(matches) // _A_PAGE)
    with st.expander(f"By thumbnail: {counted(len(matches), 'picture')}"):
        page = st.pagination(pages, key="image_thumbnails", width="stretch") if pages > 1 else 1
        visible = matches[(page - 1) * _A_PAGE : page * _A_PAGE]
        for start in range(0, len(visible), 2):
            for column, name in zip(st.columns(2, gap="small"), visible[start : start + 2], strict=False):
                with column:
                    address = thumbnail(found.name, split, name, root)
                    if address:
                        st.image(address, width="stretch")
                    st.button(
                        name,
                        key=f"thumbnail_{name}",
                        on_click=_choose_picture,
                        args=(name, chosen),
                        type="tertiary",
                        width="stretch",
                    )


def _choose_picture(name: str, chosen: Callable[[], None]) -> None:
    st.session_state[PICTURE] = name
    chosen()
