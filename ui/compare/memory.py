"""What the compare page remembers for all sessions of the server; every memory has a bound."""

from __future__ import annotations

import streamlit as st

from ui.compare.headers import Header, read_header
from ui.compare.outcomes import OutcomeMemory
from ui.images.states import Count
from ui.library.entries import Entry
from ui.library.file_memory import FileMemory


@st.cache_resource(max_entries=1, show_spinner=False)
def header_memory() -> FileMemory[Entry, Header]:
    """The headers of all files that have been listed."""
    return FileMemory(read_header, 4000)


@st.cache_resource(max_entries=2, show_spinner=False)
def outcome_memory(count: Count) -> OutcomeMemory:
    """What every file achieves that has been compared, counting that."""
    return OutcomeMemory(count)
