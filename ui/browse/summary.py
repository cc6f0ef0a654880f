"""What the library says about a certificate file: title, settings, numbers, a small picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import streamlit as st

from lrscore.errors import CertificateFileError, told
from lrscore.faults import report_fault
from lrscore.files import load_certificate
from lrscore.graphs.certificate import GraphCertificate
from lrscore.images.certificate import ImageCertificate
from lrscore.images.radius import average_radius
from ui.browse.graph_summary import GraphNumbers, graph_numbers
from ui.certification.stopped import STOPPED, stopped_words
from ui.images.states import counted_pixels, denominator, pixel_states
from ui.library.bundled import title_of
from ui.library.entries import Entry
from ui.library.file_memory import FileMemory
from ui.style.palette import STATES
from ui.style.pictures import data_uri, grey_picture, styles_picture
from ui.style.words import fewest_samples, radius_words

BUDGET = 0.1
"""The eps that cards of images are drawn and sorted for."""

Kind = Literal["image", "graph"]
KIND_WORDS: dict[Kind, str] = {"image": "Images", "graph": "Graphs"}


@dataclass(frozen=True)
class Summary:
    """What a card says about a file.

    Args:
        title: what was certified.
        kind: of certificate; None if the file can not be used or has not been read yet.
        settings: partition, noise, samples and correction in a line.
        thumbnails: addresses of the states at the card's budget, for the light and the dark theme; or empty.
        budget: the card's budget in words.
        certified, outputs: proven count at that budget and what it is a share of.
        reach: area under the certified curve: average certified radius, or deletions withstood on average.
        reach_words: the same for people.
        valid: False for corrections without a guarantee.
        problem: why it can not be used, or None.
        stopped: how far its run came, if it was stopped before its end; else nothing.
    """

    title: str
    kind: Kind | None = None
    settings: str = ""
    thumbnails: tuple[str, ...] = ()
    budget: str = ""
    certified: int = 0
    outputs: int = 0
    reach: float = 0.0
    reach_words: str = ""
    valid: bool = True
    problem: str | None = None
    stopped: str = ""


class SummaryMemory(FileMemory[Entry, Summary]):
    """Summaries that have been made, by file and version."""

    def __init__(self, capacity: int = 2000) -> None:
        super().__init__(summarise, capacity)


def summarise(entry: Entry) -> Summary:
    """Read a file and say what a card says; a file that can not be read is a summary with a problem."""
    try:
        return _summary(entry)
    except CertificateFileError as error:
        return Summary(entry.path.stem, problem=told(error))
    except Exception as error:  # one bad file must not take the page from everybody
        mark = report_fault(error, f"card of {entry.path.name}")
        return Summary(entry.path.stem, problem=f"The file is read, but can not be drawn (error {mark}).")


def _summary(entry: Entry) -> Summary:
    certificate = load_certificate(entry.path)
    if isinstance(certificate, ImageCertificate):
        return _image_summary(certificate, entry.path.stem)
    assert isinstance(certificate, GraphCertificate)
    found = _graph_summary(graph_numbers(certificate, entry.path.stem))
    return replace(found, stopped=stopped_line(certificate))


def settings_line(certificate: ImageCertificate) -> str:
    """Grid, levels, samples and correction in a line."""
    settings = certificate.settings
    parts = [
        f"{settings.grid[0]}×{settings.grid[1]}",
        f"{settings.noise} {settings.levels_in_words()}",
        f"{fewest_samples(certificate.trials):,} samples",
        settings.correction,
    ]
    return " · ".join(parts)


def stopped_line(certificate: ImageCertificate | GraphCertificate) -> str:
    """How far a run came that was stopped, as a card says it; nothing for one that came to its end."""
    words = stopped_words(certificate)
    return f"{STOPPED}: {words}" if words else ""


def _image_summary(certificate: ImageCertificate, name: str) -> Summary:
    targets, outputs = counted_pixels(certificate, "correct"), denominator(certificate, "correct")
    one = certificate.collective(np.array([certificate.noise.budget(BUDGET)]), "envelope", targets)
    states = pixel_states(certificate, BUDGET, one.allocation[0], "correct")
    step = max(1, certificate.shape[1] // 160)
    ground, numbers = grey_picture(certificate.image)[::step, ::step], states.numbers[::step, ::step]
    average = average_radius(certificate)
    return Summary(
        title=title_of(certificate.provenance.get("title") or name),
        kind="image",
        settings=settings_line(certificate),
        thumbnails=tuple(
            data_uri(styles_picture(ground, numbers, STATES, factor=2, dark=dark)) for dark in (False, True)
        ),
        budget=f"ε = {BUDGET:g}",
        certified=int(one.certified[0]),
        outputs=outputs,
        reach=average.radius,
        reach_words=f"average certified radius {radius_words(average.radius)} ({average.method})",
        valid=certificate.promised,
        stopped=stopped_line(certificate),
    )


def _graph_summary(found: GraphNumbers) -> Summary:
    return Summary(
        title=found.title,
        kind="graph",
        settings=found.settings,
        thumbnails=tuple(data_uri(picture) for picture in found.pictures),
        budget=found.budget,
        certified=found.certified,
        outputs=found.outputs,
        reach=found.deletions,
        reach_words=f"{found.deletions:.1f} deletions on average",
        valid=found.valid,
    )


@st.cache_resource(max_entries=1, show_spinner=False)
def summary_memory() -> SummaryMemory:
    """What the library's cards say, for every file that has been read."""
    return SummaryMemory()
