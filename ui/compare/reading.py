"""What the compare page remembers of files, and from the chosen certificates to the rows of the comparison.

What branch and bound finds is shared with the segmentation page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from lrscore.images.settings import ImageSettings
from ui.compare.outcomes import Outcome, OutcomeMemory
from ui.compare.scores import Entrant, Score, score
from ui.compare.sets import Choice, Header, common_pictures, pictures_words, read_header
from ui.images.branch_and_bound.work import SharpPoint, sharpened
from ui.images.curve_memory import sharp_store
from ui.images.states import Count
from ui.library.certificates import file_key
from ui.library.entries import Entry
from ui.library.file_memory import FileMemory
from ui.running.machine_resources import pacemaker
from ui.running.page_job import device_name


@st.cache_resource(max_entries=1, show_spinner=False)
def header_memory() -> FileMemory[Entry, Header]:
    """The headers of all files that have been listed."""
    return FileMemory(read_header, 4000)


@st.cache_resource(max_entries=2, show_spinner=False)
def _outcome_memory(count: Count) -> OutcomeMemory:
    """What every file achieves that has been compared, counting that."""
    return OutcomeMemory(count)


BUDGETS = 10
"""Budgets that one search looks at."""


def findings(entry: Entry, count: Count) -> Outcome:
    """The outcome of a file with everything that has been proven so far."""
    outcome = _outcome_memory(count).read(entry)
    if outcome.curves is None or outcome.settings is None:
        return outcome
    points = sharp_store().found((file_key(entry.path), outcome.settings, count))
    return replace(outcome, curves=sharpened(outcome.curves, points))


def searched(outcome: Outcome) -> bool:
    """Whether branch and bound has been run, or has nothing to find."""
    return outcome.curves is None or bool(outcome.curves.searched) or outcome.closed


def finding_keeper(count: Count) -> Callable[[Entry, ImageSettings, SharpPoint], None]:
    """What keeps, from any thread, what was found at one budget of a file, for this browser."""
    store = sharp_store()

    def keep(entry: Entry, settings: ImageSettings, point: SharpPoint) -> None:
        store.add((file_key(entry.path), settings, count), point)

    return keep


def seconds_each(entries: Sequence[Entry], passes: int) -> list[float]:
    """About how long certifying the picture of each file takes, with that many forward passes."""
    sizes = [header_memory().read(entry).pixels for entry in entries]
    return [pacemaker().seconds(device_name(), pixels, passes) for pixels in sizes]


_SECONDS = 1.5


@dataclass(frozen=True)
class Read:
    """What the page goes on with.

    Args:
        scores: one row for every entrant whose files could be read; empty while there is more to compute.
        searchable: files of the rows that are counted by branch and bound.
        count: what is counted as certified.
    """

    scores: tuple[Score, ...]
    searchable: tuple[Entry, ...]
    count: Count


@dataclass(frozen=True)
class Ground:
    """Which pictures the rows are about.

    Args:
        pictures: those that all have; empty if there are none and every row is about its own.
        referenced: whether every picture has reference labels.
        remarks: sentences for the reader.
    """

    pictures: tuple[str, ...]
    referenced: bool
    remarks: tuple[str, ...]

    def entries(self, choice: Choice) -> tuple[Entry, ...]:
        """The files of one certificate or set that count."""
        return tuple(choice.members[picture] for picture in self.pictures or choice.members)


def read_scores(entrants: Sequence[Entrant]) -> Read:
    """Compute for a moment; draws remarks, and a progress bar with another run of the page if there is more to do."""
    choices = list({entrant.choice.identity: entrant.choice for entrant in entrants}.values())
    ground = _common_ground(choices)
    count: Count = "correct" if ground.referenced else "all"
    for remark in ground.remarks:
        st.caption(remark)
    wanted = list({entry.identity: entry for choice in choices for entry in ground.entries(choice)}.values())
    unread = _outcome_memory(count).read_for(wanted, _SECONDS)
    if unread:
        st.progress(
            1 - unread / len(wanted), text=f"Counting {pictures_words(len(wanted))}: {unread:,} to go"
        )
        st.rerun()
    scores, searchable = [], {}
    for entrant in entrants:
        entries = ground.entries(entrant.choice)
        outcomes = [findings(entry, count) for entry in entries]
        problems = [outcome.problem for outcome in outcomes if outcome.problem is not None]
        if problems:
            st.error(problems[0], icon=":material/broken_image:")
            continue
        if entrant.counting != "exact" and any(
            entrant.counting not in outcome.counted for outcome in outcomes
        ):
            st.error(
                f"{entrant.name}: this test needs all the samples that were planned, and a certificate has fewer.",
                icon=":material/broken_image:",
            )
            continue
        scores.append(score(entrant, outcomes, referenced=ground.referenced))
        if entrant.counting == "exact":
            searchable.update({entry.identity: entry for entry in entries})
    return Read(tuple(scores), tuple(searchable.values()), count)


def _common_ground(choices: Sequence[Choice]) -> Ground:
    """The pictures that all of them have, what can be read off them, and what the reader has to know."""
    pictures = tuple(common_pictures(choices))
    used = [
        header_memory().read(choice.members[picture])
        for choice in choices
        for picture in pictures or choice.members
    ]
    remarks = []
    without = sum(not header.referenced for header in used)
    if not pictures:
        remarks.append(
            ":material/warning: The chosen certificates have no picture in common: every row is about its own "
            "pictures, and the rows answer different questions."
        )
    elif any(len(choice.members) > len(pictures) for choice in choices):
        remarks.append(f"Over the {pictures_words(len(pictures))} that all chosen sets have.")
    if without:
        remarks.append(
            f"{without} of {len(used)} certificates have no reference labels, so nothing is called right or wrong: "
            "every pixel is counted (certified ratio), and the plot shows how many pixels get a prediction at all "
            "instead of mean IoU."
        )
    if len({header.digest or header.model for header in used}) > 1:
        remarks.append(":material/warning: The rows are about different models.")
    return Ground(pictures, without == 0, tuple(remarks))
