"""Noise levels edited cluster by cluster: as a text in the link, and as two tables on the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lrscore.errors import SettingsError, told
from lrscore.graphs.settings import GraphSettings
from lrscore.settings import Matrix
from ui.style.chrome import quiet

OVERRIDE = "graph_levels"
"""Key of the text in the link: two matrices, `|` between them, `;` between rows, `,` between numbers."""

MATRICES = ("Chance that a one is added", "Chance that a one is deleted")
_VERSION = "override_version"
_PROBLEM = "override_problem"
_LARGEST_TEXT = 20_000


def parse_levels(text: str) -> tuple[Matrix, Matrix] | None:
    """Flip probabilities to one and to zero from their text; None if it is empty.

    Raises:
        SettingsError: not two square matrices of numbers, or too long.
    """
    if not text:
        return None
    if len(text) > _LARGEST_TEXT:
        raise SettingsError(
            f"the edited noise levels are {len(text)} characters long, at most {_LARGEST_TEXT} are read"
        )
    try:
        matrices = [
            tuple(tuple(float(number) for number in row.split(",")) for row in matrix.split(";"))
            for matrix in text.split("|")
        ]
    except ValueError as error:
        raise SettingsError(f"the edited noise levels hold something that is no number: {error}") from error
    square = all(len(row) == len(matrix) for matrix in matrices for row in matrix)
    if len(matrices) != 2 or not square or len(matrices[0]) != len(matrices[1]):
        raise SettingsError("the edited noise levels must be two square matrices of the same size")
    return matrices[0], matrices[1]


def write_levels(levels: np.ndarray) -> str:
    """The text of levels (2, I, J), four significant digits."""
    return "|".join(
        ";".join(",".join(f"{level:.4g}" for level in row) for row in matrix) for matrix in levels
    )


def with_edits(levels: np.ndarray, kind: int, edited: dict[int, dict[str, Any]]) -> np.ndarray:
    """Levels (2, I, J) with what a table's reader typed.

    Args:
        kind: which of the two matrices was edited.
        edited: row -> column name -> value, as the table reports it; columns are named "to 0" to "to J - 1".

    Raises:
        SettingsError: a value is no probability below 1.
    """
    changed = np.array(levels, dtype=np.float64)
    for row, cells in edited.items():
        for name, value in cells.items():
            column = int(name.split()[-1])
            changed[kind, row, column] = _read_level(value, f"cluster {row} {name}")
    return changed


def _read_level(value: object, where: str) -> float:
    try:
        level = float(str("" if value is None else value).strip().replace(",", "."))
    except ValueError:
        level = np.nan
    if not 0 <= level < 1:
        got = "an empty cell" if value in (None, "") else str(value)
        raise SettingsError(f"the noise level of {where} must be a probability in [0, 1), got {got}")
    return level


@dataclass(frozen=True)
class OverrideParts:
    """The drawn text field, and the place above it that the tables go to once the settings are known."""

    text: str
    tables: DeltaGenerator


def draw_override_field() -> OverrideParts:
    """The field that holds the edited levels and puts them into the link."""
    with st.expander("Noise cluster by cluster", expanded=bool(st.session_state.get(OVERRIDE))):
        tables = st.container()
        text = st.text_input(
            "Edited levels as text",
            key=OVERRIDE,
            bind="query-params",
            placeholder="none: the ranges above hold",
            help="Chances of adding | chances of deleting; rows separated by ; and numbers by commas.",
        )
        st.button(
            "Back to the ranges above",
            key="override_reset",
            icon=":material/undo:",
            disabled=not text,
            on_click=_reset,
            width="stretch",
        )
    return OverrideParts(text, tables)


def draw_override_tables(place: DeltaGenerator, settings: GraphSettings, ranks: np.ndarray) -> None:
    """Two editable tables of the noise levels.

    Args:
        ranks: (J, J) ranks of the present clusters.

    Raises:
        SettingsError: the edited levels are for another number of clusters.
    """
    levels = settings.noise_levels(ranks)
    with place:
        if problem := st.session_state.pop(_PROBLEM, None):
            st.error(problem, icon=":material/tune:")
        _draw_tables(levels)


def _draw_tables(levels: np.ndarray) -> None:
    quiet("Row: the cluster that is predicted. Column: the cluster that is noisy.")
    count = levels.shape[1]
    columns = {
        f"to {number}": st.column_config.TextColumn(str(number), width=52)
        for number in range(count)  # a column of numbers would mend what is typed
    }
    version = st.session_state.get(_VERSION, 0)
    for kind, title in enumerate(MATRICES):
        st.caption(title)
        key = f"override_{kind}_{version}"
        st.data_editor(
            {
                name: [f"{level:.4g}" for level in levels[kind, :, column]]
                for column, name in enumerate(columns)
            },
            key=key,
            num_rows="fixed",
            hide_index=True,
            column_config=columns,
            on_change=_apply,
            args=(key, kind, levels),
        )


def _apply(key: str, kind: int, levels: np.ndarray) -> None:
    """Callback: what was typed becomes the link's text; the tables start afresh from there."""
    try:
        changed = with_edits(levels, kind, st.session_state[key]["edited_rows"])
        st.session_state[OVERRIDE] = write_levels(changed)
    except SettingsError as error:
        st.session_state[_PROBLEM] = told(error)
    st.session_state[_VERSION] = st.session_state.get(_VERSION, 0) + 1


def _reset() -> None:
    st.session_state[OVERRIDE] = ""
    st.session_state[_VERSION] = st.session_state.get(_VERSION, 0) + 1
