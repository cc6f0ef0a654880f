"""The studies at hand, each read once per version of its table."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from lrscore.errors import LrscoreError, SettingsError, told
from lrscore.images.settings import ImageSettings
from lrscore.noise import additive_noise
from lrscore.study.rows import RADIUS
from lrscore.study.store import STUDY, TABLE, Store
from lrscore.study.summary import SettingSummary, counted_methods, summarize
from lrscore.study.table import numbers_only

FOLDER_VARIABLE = "LRS_STUDIES"
"""Environment variable: the folder of studies."""
_MOST = 200


def studies_folder() -> Path:
    """The folder that LRS_STUDIES names, else `runs/studies` beside the pages."""
    default = Path(__file__).resolve().parents[2] / "runs" / "studies"
    return Path(os.environ.get(FOLDER_VARIABLE) or default)


def study_names() -> list[str]:
    """Names of the studies, the newest first."""
    try:
        found = [
            path for path in studies_folder().iterdir() if (path / STUDY).is_file() and not path.is_symlink()
        ]
    except OSError:
        return []
    return [path.name for path in sorted(found, key=lambda path: -_stamp(path))][:_MOST]


@dataclass(frozen=True, eq=False)
class Results:
    """What is known of a study.

    Args:
        folder: of the study.
        rows: of its table.
        summary: by setting and method.
        frame: the rows as a data frame, without lists, one column for every radius.
        norm: that every budget of an image is measured in, "l2" or "l1"; "" if there are several or none.
        problem: why there is nothing of that; "" if nothing is wrong.
        stamp: of the table's version.
    """

    folder: Path
    rows: list[dict[str, Any]]
    summary: list[SettingSummary]
    frame: pd.DataFrame
    norm: str = ""
    problem: str = ""
    stamp: int = 0

    @property
    def fresh(self) -> bool:
        """Whether the table is still the one that was read."""
        return _stamp(self.folder) == self.stamp

    @property
    def methods(self) -> list[str]:
        """Methods that any row counts with."""
        return list(dict.fromkeys(one.method for one in self.summary if one.pictures))

    @property
    def settings(self) -> list[str]:
        """Settings in order of appearance."""
        return list(dict.fromkeys(one.setting for one in self.summary))


def results_of(name: str) -> Results:
    """The results of a study in the folder of studies."""
    folder = studies_folder() / Path(name).name
    return _read(str(folder), _stamp(folder))


@st.cache_resource(max_entries=4, show_spinner="Reading the study …")
def _read(folder: str, stamp: int) -> Results:
    path = Path(folder)
    try:
        store = Store(path)
        return Results(path, store.rows, summarize(store.rows), _frame(store.rows), _norm(store), stamp=stamp)
    except (LrscoreError, KeyError, TypeError, ValueError, ArithmeticError) as error:  # tables of strangers
        problem = f"{path.name} can not be read: {told(error)}"
        return Results(path, [], [], pd.DataFrame(), problem=problem, stamp=stamp)


def _norm(store: Store) -> str:
    """The one norm of the study's settings, or ""; a table may lie without its study."""
    try:
        settings = store.study().settings
    except SettingsError:
        return ""
    norms = {
        additive_noise(one.values.noise).norm for one in settings if isinstance(one.values, ImageSettings)
    }
    return norms.pop() if len(norms) == 1 else ""


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    plain = numbers_only(rows)
    shown = []
    for row in plain:
        outputs, labelled = row.get("outputs", 0), row.get("labelled", 0)
        radii = {f"radius, {method}": row.get(f"{RADIUS}{method}") for method in counted_methods(row)}
        shown.append(
            {
                "picture": row["picture"],
                "setting": row["setting"],
                "seed": row["seed"],
                "status": row["status"],
                "accuracy": row["correct"] / labelled if labelled and "correct" in row else None,
                "abstained": row["abstained"] / outputs if outputs else None,
                "same label without noise": row["agreeing"] / outputs
                if outputs and "agreeing" in row
                else None,
                **radii,
                "passes": row.get("passes"),
                "seconds": row.get("seconds"),
                "why it failed": row.get("sentence", ""),
            }
        )
    return pd.DataFrame(shown)


def _stamp(folder: Path) -> int:
    for name in (TABLE, STUDY):
        try:
            return (folder / name).stat().st_mtime_ns
        except OSError:
            continue
    return 0
