"""The shelf of own runs on Browse: how full it is, its key, and the way out of it and into it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from jobs import JobHandle, JobSnapshot, JobState
from lrscore.errors import Cancelled
from ui.library.archive import Archive, Archives, export_shelf
from ui.library.opened import runs_folder
from ui.library.shelf import Imported, delete_oldest, import_shelf
from ui.running.machine_resources import READER
from ui.running.owner import shelf_key, use_key
from ui.running.page_job import PageJob
from ui.running.shelf_room import all_room, shelf_room
from ui.style.words import counted
from ui.widgets.downloads import download

_SAID, _TAKEN = "shelf_said", "shelf_taken"
MOST_MEGABYTES = 200


def draw_shelf() -> None:
    """A folded panel; its head says how much of the shelf is used."""
    folder = runs_folder()
    own, everybody = shelf_room(folder), all_room(folder.parent)
    with st.expander(
        f"My shelf: {own.used / 2**20:.0f} of {own.quota >> 20:,} MB used", icon=":material/shelves:"
    ):
        st.progress(own.share, text=f"Own runs: {own.used / 2**20:.1f} of {own.quota >> 20:,} MB")
        if everybody.full:
            st.warning(
                "The server's shelves are full: new runs are shown, but not stored.",
                icon=":material/warning:",
            )
        if st.session_state.get(_SAID):
            st.info(st.session_state[_SAID])
        st.caption(
            "Own runs belong to this browser. The key opens them from any other: keep it like a password. The archive "
            "holds all of them and can be read in on any server."
        )
        st.code(shelf_key(), language=None)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input("Key of another shelf", key="shelf_key", type="password", max_chars=80, width=360)
            st.button("Open that shelf", key="shelf_open", on_click=_open)
        _draw_archive(folder)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.button(
                "Delete the oldest until half is free",
                key="shelf_oldest",
                on_click=_delete_oldest,
                type="tertiary",
            )
        _draw_import()


def _draw_archive(folder: Path) -> None:
    """A button that has the archive packed, and, once that is done, one that downloads it."""
    job = EXPORT.current()
    pressed = st.button(
        "Pack the shelf",
        key="shelf_pack",
        icon=":material/folder_zip:",
        disabled=job is not None and not job.state.finished,
        help="All own runs and their names in one archive, as they are now.",
    )
    if pressed and EXPORT.start(partial(_pack, folder, _archives()), "Packing the shelf", device=READER):
        st.rerun()
    if job is None:
        return
    EXPORT.draw(job)
    if job.state is JobState.DONE:
        archive: Archive = job.result
        words = f"Download the shelf ({counted(archive.runs, 'run')}, {archive.size / 2**20:.1f} MB)"
        download(words, archive.content, "shelf.zip", key="shelf_export", wide=False)


def _pack(folder: Path, archives: Archives, handle: JobHandle) -> Archive:
    archive = export_shelf(folder, handle.progress, partial(_stop_if_cancelled, handle))
    archives.add(folder, archive)
    return archive


@st.cache_resource(max_entries=1, show_spinner=False)
def _archives() -> Archives:
    """The last archives of this server."""
    return Archives()


def _stop_if_cancelled(handle: JobHandle) -> None:
    if handle.cancelled():
        raise Cancelled


def _draw_import() -> None:
    file = st.file_uploader(
        "Read in a shelf (.zip)", type="zip", key="shelf_import", max_upload_size=MOST_MEGABYTES
    )
    if file is not None and st.session_state.get(_TAKEN) != file.file_id:
        st.session_state[_TAKEN] = file.file_id
        if IMPORT.start(
            partial(_import, file.getvalue(), runs_folder()), "Reading in a shelf", device=READER
        ):
            st.rerun()
    job = IMPORT.current()
    if job is not None:
        IMPORT.draw(job)


def _import(content: bytes, folder: Path, handle: JobHandle) -> Imported:
    return import_shelf(content, folder, handle.progress, partial(_stop_if_cancelled, handle))


def _done(job: JobSnapshot) -> str:
    found: Imported = job.result
    refused = f" {len(found.refused)} refused: {found.refused[0]}" if found.refused else ""
    return f"{counted(found.kept, 'run')} put on the shelf.{refused}"


IMPORT = PageJob("shelf_import_job", unit="files", done=_done, linked=False)
EXPORT = PageJob("shelf_export_job", unit="files", linked=False)


def _open() -> None:
    opened = use_key(str(st.session_state["shelf_key"]))
    st.session_state["shelf_key"] = ""
    st.session_state[_SAID] = "That shelf is open now." if opened else "That is no key of a shelf."


def _delete_oldest() -> None:
    gone = delete_oldest(runs_folder())
    st.session_state[_SAID] = f"{counted(gone, 'run')} deleted, oldest first."
