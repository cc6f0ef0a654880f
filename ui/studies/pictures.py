"""Pictures of a study: the best, the worst and the median of a setting, and any row, each with its certified pixels."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from lrscore.errors import CertificateFileError
from lrscore.images.certificate import ImageCertificate
from lrscore.study.rows import DONE, RADIUS
from ui.graphs.opened import STORED
from ui.images.opened import OPEN
from ui.library.certificates import read_certificate
from ui.library.opened import runs_folder
from ui.site_map import GRAPH, SEGMENTATION
from ui.studies.shelf import Results
from ui.style.pictures import colour_picture, data_uri, grey_picture
from ui.style.templates import render

_GREEN, _ORANGE = np.array([0, 158, 115]), np.array([213, 94, 0])


def draw_extremes(results: Results, setting: str, method: str) -> None:
    """Best, median and worst picture of a setting, by its average certified radius."""
    name = f"{RADIUS}{method}"
    own = [row for row in results.rows if row["setting"] == setting and row["status"] == DONE and name in row]
    if not own:
        st.caption("No picture of this setting has a radius.")
        return
    own.sort(key=lambda row: -row[name])
    chosen = {"best": own[0], "median": own[len(own) // 2], "worst": own[-1]}
    for column, (word, row) in zip(st.columns(3), chosen.items(), strict=True):
        with column:
            draw_row(results, row, word, f"{word}: {row['picture']}, radius {row[name]:.4f}")


def draw_row(results: Results, row: dict[str, Any], key: str, title: str) -> None:
    """A thumbnail of a row's certificate, and the way to its page."""
    if row["status"] != DONE:
        st.error(f"{row['picture']}, {row['setting']}: {row['sentence']}", icon=":material/error:")
        return
    path = results.folder / Path(row.get("certificate") or "-").name
    if not row.get("certificate") or path.is_symlink():
        st.caption(f"{title} (this row has no certificate file)")
        return
    try:
        picture = thumbnail(str(path), path.stat().st_mtime_ns if path.is_file() else 0)
    except CertificateFileError as error:
        st.error(str(error), icon=":material/broken_image:")
        return
    alt = "The picture in grey; green: certified by itself and right, orange: certified and wrong or unknown"
    st.html(render("figure", picture=picture, alt=alt, title=title, caption="", broken=not picture))
    if st.button(
        "Open on its page", key=f"studies_open_{key}", icon=":material/open_in_new:", type="tertiary"
    ):
        _open(row, path)


@st.cache_data(max_entries=256, show_spinner=False)
def thumbnail(path: str, stamp: int) -> str:
    """A picture and what is certified of it as an address, see `certified_picture`; "" for graphs.

    Raises:
        CertificateFileError: the file is missing or can not be read.
    """
    certificate = read_certificate(Path(path))
    if not isinstance(certificate, ImageCertificate):
        return ""
    return data_uri(certified_picture(certificate))


def certified_picture(certificate: ImageCertificate) -> np.ndarray:
    """(H, 2 W, 3) uint8: the picture, and beside it in grey what does not abstain: green if right, else orange."""
    kept = ~certificate.abstained
    right = certificate.correct() if certificate.reference is not None else np.zeros_like(kept)
    painted = grey_picture(certificate.image).astype(np.float64)
    for mask, colour in ((kept & right, _GREEN), (kept & ~right, _ORANGE)):
        painted[mask] = 0.45 * painted[mask] + 0.55 * colour
    return np.hstack([colour_picture(certificate.image), np.rint(painted).astype(np.uint8)])


def _open(row: dict[str, Any], path: Path) -> None:
    """A copy among the reader's own runs, opened on the page of its kind: what is done to it there leaves the study."""
    copy = runs_folder() / f"study-{row['key'][:20]}.nc"
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, copy)
    graph = row["kind"] == "graph"
    st.switch_page(
        GRAPH if graph else SEGMENTATION, query_params={STORED if graph else OPEN: f"own:{copy.stem}"}
    )
