"""The cards of the library page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import streamlit as st

from ui.controls import query_of
from ui.gallery import title_of
from ui.library import BUDGET, Entry, Summary, delete, restore
from ui.resources import summary_memory
from ui.site_map import COMPARE, SEGMENTATION
from ui.source_picker import UPLOAD_TITLE
from ui.stage import runs_folder
from ui.words import share

PAGE_SIZE = 12
READ_SECONDS = 1.5
_DELETED = "deleted_run"

SORTS: dict[str, Callable[[Entry, Summary], Any]] = {
    "Shelf and date": lambda entry, summary: 0,
    "Newest": lambda entry, summary: -entry.stamp,
    "Name": lambda entry, summary: summary.title.lower(),
    f"Certified at ε = {BUDGET:g}": lambda entry, summary: -summary.certified / max(summary.outputs, 1),
    "Average radius": lambda entry, summary: -summary.radius,
}


def read_all(entries: Sequence[Entry]) -> int:
    """Read files for a moment; returns how many are left, and says so on the page."""
    unread = summary_memory().read_for(entries, READ_SECONDS)
    if unread:
        st.progress(1 - unread / len(entries), text=f"Reading certificates: {unread:,} to go")
    return unread


def arrange(entries: Sequence[Entry], words: str, shelves: Sequence[str], order: str) -> list[Entry]:
    """Filter by words and shelves, then sort; files that are not read yet come last."""
    memory = summary_memory()
    wanted = words.lower().split()
    found = []
    for position, entry in enumerate(entries):
        summary = memory.get(entry) or Summary(entry.path.stem)
        text = (
            f"{title_of(summary.title)} {summary.settings} {entry.path.stem} {summary.problem or ''}".lower()
        )
        if all(word in text for word in wanted) and (not shelves or entry.shelf in shelves):
            found.append((memory.get(entry) is None, SORTS[order](entry, summary), position, entry))
    return [entry for *_, entry in sorted(found, key=lambda item: item[:3])]


def draw_card(entry: Entry) -> None:
    """Thumbnail, numbers and actions of one file."""
    summary = summary_memory().get(entry) or Summary(entry.path.stem, settings="not read yet")
    with st.container(border=True, key=f"card_{entry.shelf}_{entry.path.stem}"):
        st.html(card_html(entry, summary))
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            if summary.asked is not None:
                _draw_links(entry, summary)
            st.download_button(
                "Download",
                entry.path.read_bytes,
                entry.path.name,
                "application/x-netcdf",
                key=f"get_{entry.identity}",
                on_click="ignore",
                type="tertiary",
            )
            if entry.shelf == "own":
                st.button(
                    "Delete", key=f"delete_{entry.identity}", on_click=_delete, args=(entry,), type="tertiary"
                )


def card_html(entry: Entry, summary: Summary) -> str:
    """Picture, title and numbers."""
    title = escape(title_of(summary.title))
    if summary.problem is not None:
        return (
            f'<figure class="lrs-figure lrs-broken"><figcaption><b>{title}</b> · broken<br>'
            f"{escape(summary.problem)}</figcaption></figure>"
        )
    picture = (
        f'<img src="{summary.thumbnail}" alt="{title}: states of the pixels">' if summary.thumbnail else ""
    )
    certified = f"{share(summary.certified, summary.outputs)} certified at ε = {BUDGET:g}"
    claim = (
        f"{certified}, average radius {summary.radius:.3f}<br>" if summary.valid else "not a certificate<br>"
    )
    return (
        f'<figure class="lrs-figure">{picture}<figcaption><b>{title}</b><br>{claim if summary.asked else ""}'
        f'<span class="lrs-quiet">{escape(summary.settings)}<br>'
        f"{entry.modified} UTC</span></figcaption></figure>"
    )


def draw_undo() -> None:
    """Offer to take the last deletion back."""
    name = st.session_state.get(_DELETED)
    if name is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("One run was deleted.")
        st.button("Undo", key="undo", on_click=_undo, args=(name,), type="tertiary", icon=":material/undo:")


def _draw_links(entry: Entry, summary: Summary) -> None:
    title = title_of(summary.title)
    query: dict[str, str | list[str]] = {
        "stored": entry.identity,
        "scene": title if title != summary.title else UPLOAD_TITLE,
    }
    assert summary.asked is not None
    query |= query_of(summary.asked)
    st.page_link(SEGMENTATION, label="Open", query_params=query)
    st.page_link(COMPARE, label="Compare", query_params={"a": entry.identity})


def _delete(entry: Entry) -> None:
    delete(entry)
    st.session_state[_DELETED] = entry.path.stem


def _undo(name: str) -> None:
    restore(name, runs_folder())
    st.session_state.pop(_DELETED, None)
