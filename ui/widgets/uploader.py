"""An uploader that never loses anything: a file that is refused leaves the accepted one, and its results, in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import streamlit as st

from lrscore.errors import InputError, told

Upload = TypeVar("Upload")


class Uploader(Generic[Upload]):
    """One uploader of a page.

    Args:
        key: of the widget; what was accepted is kept beside it for the session.
        read: makes something usable of a file's content and name, or raises an `InputError` that says why not.
        accepted: called when another file has been accepted.
    """

    def __init__(
        self, key: str, read: Callable[[bytes, str], Upload], accepted: Callable[[], object]
    ) -> None:
        self._key, self._read, self._accepted = key, read, accepted
        self._kept, self._seen, self._asked = f"{key}_kept", f"{key}_seen", f"{key}_asked"

    def draw(self, label: str, *, megabytes: int, hint: str) -> Upload | None:
        """Draw it; returns what was accepted last, or None. Every file is read once."""
        file = st.file_uploader(label, type=None, key=self._key, max_upload_size=megabytes, help=hint)
        if file is not None:
            seen, problem = st.session_state.get(self._seen, ("", None))
            if seen != file.file_id:
                st.session_state[self._asked] = file.file_id
                problem = self._take(file.getvalue(), file.name)
                st.session_state[self._seen] = (file.file_id, problem)
                if problem is None:
                    self._accepted()
                    st.rerun()  # what is drawn above was about the file before
            if problem is not None:
                st.error(problem, icon=":material/broken_image:")
        kept: Upload | None = st.session_state.get(self._kept)
        return kept

    def give_up(self) -> None:
        """The file that is being read is not wanted any more."""
        st.session_state[self._seen] = (
            st.session_state.get(self._asked, ""),
            "Reading the file was given up.",
        )

    def _take(self, content: bytes, name: str) -> str | None:
        """Read a file and keep it; the sentence why not, or None."""
        try:
            st.session_state[self._kept] = self._read(content, name)
        except InputError as error:
            return told(error)
        return None
