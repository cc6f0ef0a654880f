"""The same certificate from other seeds: what is kept of it, and how far the proven counts lie apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from jobs import JobHandle
from jobs.job import Work
from jobs.sequence import in_sequence
from lrscore.certificate import Certificate
from lrscore.errors import InputError
from ui.certification.stopped import stopped_words
from ui.running.found_store import FoundStore, StoreKey
from ui.running.owner import owner_token
from ui.running.page_job import PageJob
from ui.style.words import duration, share

_MOST = 9
_DIGEST = "model_digest"


@dataclass(frozen=True, eq=False)
class Repeat:
    """One more certificate of the same input and settings."""

    seed: int
    certificate: Certificate


@dataclass(frozen=True)
class Spread:
    """Proven counts of several seeds at one budget."""

    counts: tuple[int, ...]

    @property
    def mean(self) -> float:
        """Their mean."""
        return sum(self.counts) / len(self.counts)

    @property
    def lowest(self) -> int:
        """The smallest count."""
        return min(self.counts)

    @property
    def highest(self) -> int:
        """The largest count."""
        return max(self.counts)


class RepeatStore(FoundStore[Repeat]):
    """Certificates by seed; they are large, so only a few are kept."""

    def __init__(self, capacity: int = 12) -> None:
        super().__init__(lambda repeat: repeat.seed, lambda repeat: 0, capacity)


@dataclass(frozen=True, eq=False)
class Repeatable:
    """A certificate on screen, and how it is sampled again.

    Args:
        certificate: on screen.
        key: stands for it and its settings.
        outputs: what its counts are a share of.
        here: the budgets on screen, in words; method: that counts, in words.
        proven: the certified count of a certificate at those budgets.
        run: passes and work of a seed, or the sentence why there is none.
        seconds: of one run, about.
    """

    certificate: Certificate
    key: StoreKey
    outputs: int
    here: str
    method: str
    proven: Callable[[Certificate], int]
    run: Callable[[int], tuple[int, Work]] | str
    seconds: float = 0.0


def other_seeds(first: int, count: int, known: Sequence[int] = ()) -> list[int]:
    """So many seeds after `first` that are not among the known ones."""
    seeds: list[int] = []
    seed = first
    while len(seeds) < count:
        seed += 1
        if seed not in known:
            seeds.append(seed)
    return seeds


def repeat_work(
    like: Certificate,
    seeds: Sequence[int],
    run: Callable[[int], tuple[int, Work]],
    keep: Callable[[Repeat], None],
) -> Work:
    """A job that certifies with one seed after the other and hands each certificate over as it is made.

    Args:
        like: the certificate on screen; one by other weights is no repeat of it, and the job ends with a sentence.
    """

    def stage(seed: int) -> tuple[int, Work]:
        passes, certify = run(seed)

        def work(handle: JobHandle) -> int:
            made: Certificate = certify(handle)
            weights = like.provenance.get(_DIGEST)
            if weights and made.provenance.get(_DIGEST, weights) != weights:
                raise InputError(
                    "the certificate on screen was made with other weights than the model that is here"
                )
            keep(Repeat(seed, made))
            return seed

        return passes, work

    return in_sequence([stage(seed) for seed in seeds])


@st.cache_resource(max_entries=64, show_spinner=False)
def _store(owner: str) -> RepeatStore:
    return RepeatStore()


def draw_repeats(page: str, job: PageJob, shown: Repeatable) -> None:
    """Folded away: how many seeds, the button, and what has been found.

    Args:
        page: names the widgets.
        job: of the page.
    """
    seed = shown.certificate.provenance.get("seed", "")
    with st.expander("Repeat with other seeds: mean and range"):
        found = _store(owner_token()).found(shown.key)
        if words := stopped_words(shown.certificate):
            st.caption(
                f"This certificate has {words}: other seeds would be sampled to the end, and are no match for it."
            )
            return
        if not job.under_way():
            if isinstance(shown.run, str):
                st.caption(shown.run)
            elif not seed.isdecimal():
                st.caption("This certificate does not say by which seed it was made.")
            else:
                _draw_button(page, job, shown, int(seed), [repeat.seed for repeat in found])
        if found:
            _draw_found(
                shown, [(int(seed or 0), shown.certificate), *((one.seed, one.certificate) for one in found)]
            )


def _draw_found(shown: Repeatable, rows: Sequence[tuple[int, Certificate]]) -> None:
    counts = tuple(shown.proven(certificate) for _, certificate in rows)
    spread = Spread(counts)
    st.markdown(
        f"Over {len(rows)} seeds at {shown.here}: mean **{share(int(spread.mean), shown.outputs)}**, "
        f"from {share(spread.lowest, shown.outputs)} to {share(spread.highest, shown.outputs)}, by {shown.method}."
    )
    st.table(
        {"seed": [seed for seed, _ in rows], "proven": [f"{count:,}" for count in counts]},
        hide_index=True,
        border="horizontal",
    )
    st.caption(
        "Each row is a certificate of its own, with its own confidence. The best of several is none: choose the "
        "seed before looking."
    )


def _draw_button(page: str, job: PageJob, shown: Repeatable, seed: int, known: list[int]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = int(st.number_input("Seeds", 1, _MOST, 4, key=f"{page}_repeats", width=120))
        st.button(
            f"Sample them · about {duration(number * shown.seconds)}",
            key="repeat_start",
            on_click=_start,
            args=(job, shown, other_seeds(seed, number, known)),
        )


def _start(job: PageJob, shown: Repeatable, seeds: list[int]) -> None:
    assert not isinstance(shown.run, str)
    keep = partial(_store(owner_token()).add, shown.key)
    job.start(
        repeat_work(shown.certificate, seeds, shown.run, keep), "Other seeds", len(seeds) * shown.seconds
    )
