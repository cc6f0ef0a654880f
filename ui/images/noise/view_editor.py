"""Edit the views on the page: window and noise level of each, as a table."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from lrscore.errors import SettingsError
from lrscore.images.regions import GridRegions
from lrscore.images.settings import ImageSettings
from lrscore.images.view_text import ALL, as_views, read_views, written_views
from lrscore.images.windows import MAX_VIEWS, needed_windows
from models.segmentation.names import VIEWS_FIELDS

VIEWS = "image_pyramid"
"""Name of the edited views in the link and in the session."""
PYRAMID_VIEWS = "0.2,0.4,0.8"
"""Of the preset: as the bundled pyramid is as accurate as an isotropic network; windows follow from the picture."""
_WINDOW, _LEVEL = "window, cells", "noise level"


def edited_views() -> str:
    """The edited views of link or session as text; empty if there are none."""
    return str(st.query_params.get(VIEWS) or st.session_state.get(VIEWS) or "")


def keep_views(views: Sequence[tuple[int | None, float]]) -> None:
    """Put views into session and link."""
    keep_text(written_views(views))


def drop_views() -> None:
    """Back to the two views that the slider says."""
    st.session_state.pop(VIEWS, None)
    st.query_params.pop(VIEWS, None)


def views_of_link(text: str, regions: GridRegions | None = None) -> tuple[tuple[int | None, float], ...]:
    """The views of a link, each with its window; they stay in link and session.

    Args:
        text, regions: as for `views_named`.

    Raises:
        SettingsError: as there.
    """
    views = views_named(text, regions)
    keep_text(text)
    return views


def views_named(text: str, regions: GridRegions | None = None) -> tuple[tuple[int | None, float], ...]:
    """The views that a text names, each with its window.

    Args:
        regions: the cells on the picture; as many views as the bundled pyramid reads then get the windows that it
            needs there, where the text names none.

    Raises:
        SettingsError: it names none, or a view without a window: the page does not know what other models need.
    """
    options = read_views(text)
    windows = None
    if any(option.fits for option in options):
        if regions is None or len(options) != len(VIEWS_FIELDS):
            raise SettingsError(
                f"views of a link must say their windows, [WINDOW|{ALL}]:LEVEL,..., got {text[:80]!r}"
            )
        windows = needed_windows(VIEWS_FIELDS, regions)
    return as_views(options, windows)


def draw_view_editor(settings: ImageSettings) -> None:
    """A table with a row for every view."""
    views = settings.all_views() or ()
    with st.expander("Edit the views", icon=":material/edit:"):
        st.caption(
            "One noisy copy of the picture per row, finest first. A region reads it within that many cells around "
            f"itself (0: in itself only; {ALL}: everywhere). inf blanks a view. A run refuses a model that reads "
            "another number of views, or farther, and says how far it reads."
        )
        table = pd.DataFrame(
            [[ALL if view.window is None else str(view.window), f"{view.level:g}"] for view in views],
            columns=[_WINDOW, _LEVEL],
        )
        edited = st.data_editor(
            table,
            key=f"views_of_{written_views(views)}",
            hide_index=True,
            num_rows="dynamic",
            column_config={name: st.column_config.TextColumn(required=True) for name in table.columns},
        )
        if st.button("Use these views", key="use_views"):
            _adopt(edited)


def _adopt(edited: pd.DataFrame) -> None:
    rows = [(str(row[_WINDOW]).strip(), str(row[_LEVEL]).strip()) for _, row in edited.iterrows()]
    text = ",".join(f"{window}:{level}" for window, level in rows[: MAX_VIEWS + 1])
    try:
        views_of_link(text)
    except SettingsError as error:
        st.error(str(error), icon=":material/tune:")
        return
    st.rerun()


def keep_text(text: str) -> None:
    """Put the text of views into session and link."""
    st.session_state[VIEWS] = text
    if st.query_params.get(VIEWS) != text:
        st.query_params[VIEWS] = text
