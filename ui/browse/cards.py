"""The cards of the library page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st
from markupsafe import Markup

from lrscore.errors import InputError
from ui.browse.summary import Kind, Summary, summary_memory
from ui.certification.export import file_stem
from ui.graphs.opened import PINNED, STORED
from ui.images.opened import OPEN
from ui.library.entries import Entry, Shelf, delete, restore
from ui.library.names import LONGEST, rename
from ui.library.opened import runs_folder
from ui.library.pins import pin_button
from ui.links import COMPARE_CARD
from ui.site_map import COMPARE, GRAPH, SEGMENTATION
from ui.style.templates import render
from ui.style.theme import current_theme
from ui.style.words import share
from ui.widgets.downloads import download

PAGE_SIZE = 12
READ_SECONDS = 1.5
_DELETED = "deleted_run"

SORTS: dict[str, Callable[[Entry, Summary], Any]] = {
    "Shelf and date": lambda entry, summary: 0,
    "Newest": lambda entry, summary: -entry.stamp,
    "Name": lambda entry, summary: (entry.name or summary.title).lower(),
    "Certified share": lambda entry, summary: -summary.certified / max(summary.outputs, 1),
    "Area under the curve": lambda entry, summary: (summary.kind != "image", -summary.reach),
}
"""Areas of images and graphs have different units and are sorted apart."""


def read_all(entries: Sequence[Entry]) -> int:
    """Read files for a moment; returns how many are left, and says so on the page."""
    unread = summary_memory().read_for(entries, READ_SECONDS)
    if unread:
        st.progress(1 - unread / len(entries), text=f"Reading certificates: {unread:,} to go")
    return unread


@dataclass(frozen=True)
class Filter:
    """What the reader looks for; empty parts let everything through."""

    words: str = ""
    shelves: Sequence[Shelf] = ()
    kinds: Sequence[Kind] = ()

    def keeps(self, entry: Entry, summary: Summary) -> bool:
        """Whether a file is shown."""
        told = (summary.title, summary.settings, summary.stopped, summary.problem or "")
        text = " ".join([entry.name, entry.path.stem, *told]).lower()
        return (
            all(word in text for word in self.words.lower().split())
            and (not self.shelves or entry.shelf in self.shelves)
            and (not self.kinds or summary.kind in self.kinds)
        )


def arrange(entries: Sequence[Entry], wanted: Filter, order: str) -> list[Entry]:
    """Filter, then sort; files that are not read yet come last."""
    memory = summary_memory()
    found = []
    for position, entry in enumerate(entries):
        known = memory.get(entry)
        summary = known or Summary(entry.path.stem)
        if wanted.keeps(entry, summary):
            found.append((known is None, SORTS[order](entry, summary), position, entry))
    return [entry for *_, entry in sorted(found, key=lambda item: item[:3])]


def draw_card(entry: Entry) -> None:
    """Thumbnail, numbers and actions of one file."""
    summary = summary_memory().get(entry) or Summary(entry.path.stem, settings="not read yet")
    with st.container(border=True, key=f"card_{entry.shelf}_{entry.path.stem}"):
        st.html(card_html(entry, summary))
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            if summary.kind is not None:
                _draw_links(entry, summary)
            download(
                "Download",
                partial(_content, entry.path),
                file_name(entry, summary),
                key=f"get_{entry.identity}",
                wide=False,
                kind="tertiary",
            )
            if entry.shelf == "own":
                _draw_rename(entry)
                st.button(
                    "Delete", key=f"delete_{entry.identity}", on_click=_delete, args=(entry,), type="tertiary"
                )


def _content(path: Path) -> bytes:
    """A file's bytes.

    Raises:
        OSError: it has gone since the page was drawn.
        InputError: it has become a link.
    """
    if path.is_symlink():
        raise InputError("it is not here any more")
    return path.read_bytes()


def card_html(entry: Entry, summary: Summary) -> Markup:
    """Picture, title and numbers."""
    return render(
        "card",
        title=entry.name or summary.title,
        problem=summary.problem,
        picture=summary.thumbnails[current_theme().dark] if summary.thumbnails else "",
        outputs="nodes" if summary.kind == "graph" else "pixels",
        budget=summary.budget,
        claim=_claim(summary),
        stopped=summary.stopped,
        settings=summary.settings,
        modified=entry.modified
        if entry.shelf == "own"
        else "",  # of bundled files it is when they were copied
    )


def file_name(entry: Entry, summary: Summary) -> str:
    """What a downloaded file is called: name or title, and settings; a file that can not be read keeps its name."""
    if summary.kind is None:
        return entry.path.name
    return f"{file_stem(entry.name or summary.title, *summary.settings.split(' · '))}.nc"


def _draw_rename(entry: Entry) -> None:
    """A field for another name of an own run."""
    key = f"name_{entry.identity}"
    with st.popover("Rename", type="tertiary"):
        st.text_input(
            "Name",
            entry.name,
            key=key,
            max_chars=LONGEST,
            placeholder="as the picture or graph",
            on_change=_rename,
            args=(entry, key),
        )


def _rename(entry: Entry, key: str) -> None:
    rename(entry.path.parent, entry.path.stem, str(st.session_state[key]))


def _claim(summary: Summary) -> str:
    if summary.kind is None:
        return ""
    if not summary.valid:
        return "not a certificate"
    certified = share(summary.certified, summary.outputs)
    return f"{certified} certified at {summary.budget}, {summary.reach_words}"


def draw_undo() -> None:
    """Offer to take the last deletion back."""
    name = st.session_state.get(_DELETED)
    if name is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("One run was deleted.")
        st.button("Undo", key="undo", on_click=_undo, args=(name,), type="tertiary", icon=":material/undo:")


def _draw_links(entry: Entry, summary: Summary) -> None:
    if summary.kind == "graph":
        st.page_link(GRAPH, label="Open", query_params={STORED: entry.identity})
        st.page_link(GRAPH, label="Compare", query_params={PINNED: entry.identity})
        return
    st.page_link(SEGMENTATION, label="Open", query_params={OPEN: entry.identity})
    st.page_link(COMPARE, label="Compare", query_params={COMPARE_CARD: entry.identity})
    pin_button(entry.identity)


def _delete(entry: Entry) -> None:
    delete(entry)
    st.session_state[_DELETED] = entry.path.stem


def _undo(name: str) -> None:
    restore(name, runs_folder())
    st.session_state.pop(_DELETED, None)
