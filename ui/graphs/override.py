"""Noise levels edited cluster by cluster, and of edges pair by pair: as a text in the link, and as two tables each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lrscore.errors import SettingsError, told
from lrscore.graphs.pairs import MOST_CLUSTERS, cluster_pairs
from lrscore.graphs.settings import GraphSettings
from lrscore.settings import Matrix
from ui.graphs.packed_levels import PACKED, pack, unpack
from ui.style.chrome import quiet
from ui.widgets.linked import linked

_LARGEST_TEXT = 20_000
_LEGIBLE = 2_000  # characters; longer texts are packed


@dataclass(frozen=True)
class Levels:
    """Of what the levels are.

    Args:
        key: of the text in the link: two matrices, `|` between them, `;` between rows, `,` between numbers; packed if
            that is long.
        heading: of the place with tables and text.
        titles: of the two tables.
        told: what rows and columns are.
        columns: number of clusters to names of the columns.
        form: what the text's matrices must be.
    """

    key: str
    heading: str
    titles: tuple[str, str]
    told: str
    columns: Callable[[int], list[str]]
    form: str

    @property
    def version(self) -> str:
        """Name in the session of how often the tables have been made anew."""
        return f"{self.key}_version"

    @property
    def problem(self) -> str:
        """Name in the session of what was wrong with the last edit."""
        return f"{self.key}_problem"


def _clusters(count: int) -> list[str]:
    return [f"to {number}" for number in range(count)]


def _pairs(count: int) -> list[str]:
    return [f"edges {one}–{other}" for one, other in cluster_pairs(count).tolist()]


ATTRIBUTES = Levels(
    "graph_levels",
    "Noise cluster by cluster",
    ("Chance that a one is added", "Chance that a one is deleted"),
    "Row: the cluster that is predicted. Column: the cluster that is noisy.",
    _clusters,
    "two square matrices of the same size",
)
EDGES = Levels(
    "graph_edge_levels",
    "Noise of edges, pair by pair",
    ("Chance of a new edge", "Chance that an edge is lost"),
    "Row: the cluster that is predicted. Column: the clusters that the noisy edges join.",
    _pairs,
    "two matrices of the same size, a row for each cluster and a column for each pair of clusters",
)


def parse_levels(text: str, what: Levels = ATTRIBUTES) -> tuple[Matrix, Matrix] | None:
    """Flip probabilities to one and to zero from their text; None if it is empty.

    Raises:
        SettingsError: not two matrices of numbers of the form that they must have, too long, or damaged.
    """
    if not text:
        return None
    if len(text) > _LARGEST_TEXT:
        raise SettingsError(
            f"the edited noise levels are {len(text)} characters long, at most {_LARGEST_TEXT} are read"
        )
    if text.startswith(PACKED):
        one, zero = unpack(text).tolist()
        return _checked([tuple(map(tuple, one)), tuple(map(tuple, zero))], what)
    try:
        matrices = [
            tuple(tuple(float(number) for number in row.split(",")) for row in matrix.split(";"))
            for matrix in text.split("|")
        ]
    except ValueError as error:
        raise SettingsError(f"the edited noise levels hold something that is no number: {error}") from error
    return _checked(matrices, what)


def _checked(matrices: list[Matrix], what: Levels) -> tuple[Matrix, Matrix]:
    count = len(matrices[0])
    shaped = count <= MOST_CLUSTERS and all(len(matrix) == count for matrix in matrices)
    width = len(what.columns(count)) if shaped else 0
    if len(matrices) != 2 or not shaped or any(len(row) != width for matrix in matrices for row in matrix):
        raise SettingsError(f"the edited noise levels must be {what.form}")
    return matrices[0], matrices[1]


def write_levels(levels: np.ndarray) -> str:
    """The text of levels (2, I, J), or (2, I, R) of edges, four significant digits; packed if that would be long."""
    text = "|".join(
        ";".join(",".join(f"{level:.4g}" for level in row) for row in matrix) for matrix in levels
    )
    if len(text) <= _LEGIBLE:
        return text
    rounded = [[[float(f"{level:.4g}") for level in row] for row in matrix] for matrix in levels]
    return pack(np.array(rounded)) or text


def with_edits(
    levels: np.ndarray, kind: int, edited: dict[int, dict[str, Any]], what: Levels = ATTRIBUTES
) -> np.ndarray:
    """Levels (2, I, J), or (2, I, R) of edges, with what a table's reader typed.

    Args:
        kind: which of the two matrices was edited.
        edited: row -> column name -> value, as the table reports it.

    Raises:
        SettingsError: a value is no probability below 1.
    """
    changed = np.array(levels, dtype=np.float64)
    names = what.columns(changed.shape[1])
    for row, cells in edited.items():
        for name, value in cells.items():
            changed[kind, row, names.index(name)] = _read_level(value, f"cluster {row} {name}")
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


def draw_override_field(what: Levels = ATTRIBUTES) -> OverrideParts:
    """The field that holds the edited levels and puts them into the link."""
    with st.expander(what.heading, expanded=bool(st.session_state.get(what.key))):
        tables = st.container()
        text = linked(
            st.text_input,
            "Edited levels as text",
            key=what.key,
            placeholder="none: the ranges above hold",
            help="The first table | the second one; rows separated by ; and numbers by commas. Large tables "
            "are packed.",
        )
        st.button(
            "Back to the ranges above",
            key=f"{what.key}_reset",
            icon=":material/undo:",
            disabled=not text,
            on_click=_reset,
            args=(what,),
            width="stretch",
        )
    return OverrideParts(text, tables)


def levels_of(settings: GraphSettings, ranks: np.ndarray, what: Levels) -> np.ndarray | None:
    """(2, I, J), or (2, I, R) of edges, levels of the present clusters; None where nothing of the kind is flipped.

    Args:
        ranks: (J, J) ranks of the present clusters.

    Raises:
        SettingsError: the edited levels are for another number of clusters.
    """
    noise = settings.edge_noise(ranks) if what is EDGES else settings.noise(ranks)
    return None if noise is None else np.stack([noise.to_one, noise.to_zero])


def draw_override_tables(
    place: DeltaGenerator, settings: GraphSettings, ranks: np.ndarray, what: Levels = ATTRIBUTES
) -> None:
    """Two editable tables of the noise levels; see `levels_of` for what it takes and raises."""
    levels = levels_of(settings, ranks, what)
    with place:
        if problem := st.session_state.pop(what.problem, None):
            st.error(problem, icon=":material/tune:")
        if levels is None:
            quiet("Nothing is flipped: give the ranges above first.")
        elif len(write_levels(levels)) > _LARGEST_TEXT:
            quiet(
                f"With {len(ranks)} clusters there are too many levels for a link: "
                "give them as files on the command line."
            )
        else:
            _draw_tables(levels, what)


def _draw_tables(levels: np.ndarray, what: Levels) -> None:
    quiet(what.told)
    columns = {
        name: st.column_config.TextColumn(name.split()[-1], width=52)
        for name in what.columns(levels.shape[1])  # a column of numbers would mend what is typed
    }
    version = st.session_state.get(what.version, 0)
    for kind, title in enumerate(what.titles):
        st.caption(title)
        key = f"{what.key}_{kind}_{version}"
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
            args=(key, kind, levels, what),
        )


def _apply(key: str, kind: int, levels: np.ndarray, what: Levels) -> None:
    """Callback: what was typed becomes the link's text; the tables start afresh from there."""
    try:
        changed = with_edits(levels, kind, st.session_state[key]["edited_rows"], what)
        st.session_state[what.key] = write_levels(changed)
    except SettingsError as error:
        st.session_state[what.problem] = told(error)
    st.session_state[what.version] = st.session_state.get(what.version, 0) + 1


def _reset(what: Levels) -> None:
    st.session_state[what.key] = ""
    st.session_state[what.version] = st.session_state.get(what.version, 0) + 1
