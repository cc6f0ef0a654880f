"""Pinned certificates of this browser: what the compare page starts with. Kept beside its own runs."""

from __future__ import annotations

import json
from pathlib import Path

import streamlit as st

from jobs import JobSnapshot
from lrscore.atomic import alone, write_bytes
from ui.library.certificates import file_key
from ui.library.entries import list_entries
from ui.library.opened import runs_folder

_FILE = "pins.json"
_MOST = 50


def pinned() -> tuple[str, ...]:
    """Identities of the pinned files, the latest pin first."""
    return read_pins(runs_folder())


def _toggle_pin(identity: str) -> None:
    """Pin a file, or take its pin away."""
    toggle_pin(runs_folder(), identity)


def toggle_pin(folder: Path, identity: str) -> None:
    """The same for the pins in a folder, which other servers may change meanwhile."""
    with alone(folder):
        write_pins(folder, toggled(read_pins(folder), identity))


def toggled(pins: tuple[str, ...], identity: str) -> tuple[str, ...]:
    """The pins with that one added in front, or removed."""
    rest = tuple(name for name in pins if name != identity)
    return rest if identity in pins else (identity, *rest)


def read_pins(folder: Path) -> tuple[str, ...]:
    """The pins in a folder; none if the file is missing or no list of texts."""
    try:
        found = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    if not isinstance(found, list):
        return ()
    return tuple(name for name in found if isinstance(name, str))[:_MOST]


def write_pins(folder: Path, pins: tuple[str, ...]) -> None:
    """Replace the pins, atomically: a killed process leaves the old ones or the new ones."""
    folder.mkdir(parents=True, exist_ok=True)
    write_bytes(folder / _FILE, json.dumps(list(pins[:_MOST])).encode())


def pin_button(identity: str) -> None:
    """A small button that pins one file of the library."""
    is_pinned = identity in pinned()
    st.button(
        "Unpin" if is_pinned else "Pin",
        key=f"pin_{identity}",
        type="tertiary",
        icon=":material/keep_off:" if is_pinned else ":material/keep:",
        help="Pinned certificates are where the compare page starts.",
        on_click=_toggle_pin,
        args=(identity,),
    )


def draw_pin(key: str, job: JobSnapshot | None) -> None:
    """The button for what is on screen, if that is a file of the library: not for a run that is still under way.

    Args:
        key: names the certificate on screen in caches.
        job: the run on this page, if there is one.
    """
    finished = f"own:{job.identity}" if job is not None and job.result is not None else None
    for entry in list_entries(runs_folder()):
        if entry.identity == finished or (finished is None and file_key(entry.path) == key):
            pin_button(entry.identity)
            return
