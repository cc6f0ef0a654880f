"""Choose certificates or sets, and how each is counted; the link says all of it: `compare_pick=IDENTITY~way~way`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from ui.compare.methods import METHODS, Counting, countings, first_countings
from ui.compare.rivals import CERTIFYING
from ui.compare.scores import LETTERS, Entrant
from ui.compare.sets import PREFIX, Choice, Offer
from ui.library.pins import pinned
from ui.links import COMPARE_CARD
from ui.style.templates import render

PICK = "compare_pick"
_BETWEEN = "~"
MOST = 8
"""Certificates or sets that can be compared at once."""


@dataclass(frozen=True)
class Pick:
    """One chosen certificate or set, and how it is counted (empty: as usual)."""

    identity: str
    countings: tuple[Counting, ...] = ()


def parse(values: Iterable[str]) -> tuple[Pick, ...]:
    """Picks of a link: ways to count that do not exist are dropped, and so is what comes twice or too late.

    A `~` within a name is no problem: ways to count are read from the end.
    """
    picks: dict[str, Pick] = {}
    for value in values:
        parts = value.split(_BETWEEN)
        ways: list[Counting] = []
        while len(parts) > 1 and parts[-1] in METHODS:
            ways.insert(0, parts.pop())
        identity = _BETWEEN.join(parts)
        if identity:
            picks.setdefault(identity, Pick(identity, tuple(dict.fromkeys(ways))))
    return tuple(picks.values())[:MOST]


def encode(picks: Sequence[Pick]) -> list[str]:
    """Inverse of `parse`."""
    return [_BETWEEN.join((pick.identity, *pick.countings)) for pick in picks]


Over = Literal["one", "set"]

_OVER_WORDS: dict[Over, str] = {"one": "Single certificates", "set": "Sets of pictures"}
_LINKED = "compare_linked"  # the link as this page wrote it last
_ARRIVED = "compare_arrived"  # files of the run on this page that have been chosen once
_OVER = "compare_over"
_FIRST = 3


def draw_chooser(offer: Offer) -> list[Entrant]:
    """The controls; returns one entrant for every way to count of every chosen certificate, in order.

    Args:
        offer: of a library that has been read completely: what the link names and is not there is dropped.
    """
    _adopt_link(offer)
    chosen_over = st.segmented_control(
        "Compare",
        list(_OVER_WORDS),
        format_func=_OVER_WORDS.__getitem__,
        key=_OVER,
        required=True,
        label_visibility="collapsed",
        help="A set: all certificates with equal settings and model, one for each picture.",
    )
    over: Over = "set" if chosen_over == "set" else "one"
    options = offer.singles if over == "one" else offer.sets
    key = _choice_key(over)
    if key not in st.session_state:
        st.session_state[key] = _first_choices(offer, over)
    _adopt_arrivals(offer)
    st.session_state[key] = [name for name in st.session_state[key] if name in options]
    chosen = st.multiselect(
        "Certificates" if over == "one" else "Sets",
        list(options),
        format_func=lambda identity: _title(options, identity),
        key=key,
        max_selections=MOST,
        placeholder="Choose two or more, or one and several ways to count it",
    )
    entrants = []
    for letter, identity in zip(LETTERS, chosen, strict=False):
        ways = _draw_ways(letter, options[identity], alone=len(chosen) == 1)
        entrants += [Entrant(letter, options[identity], way) for way in ways]
    _write_link([Pick(identity, _ways(entrants, identity)) for identity in chosen])
    return entrants


def linked_problems(offer: Offer) -> list[str]:
    """Sentences about what the link names and the library can not give."""
    sentences = []
    missing = 0
    for pick in parse(_link()):
        if pick.identity in offer.problems:
            sentences.append(offer.problems[pick.identity])
        elif offer.find(pick.identity) is None:
            missing += 1
    if missing:
        sentences.append(
            f"{missing} of the linked certificates {'is' if missing == 1 else 'are'} not in this library: own runs "
            "open only in the browser that made them."
        )
    return sentences


def _link() -> list[str]:
    """The picks as the link has them."""
    return st.query_params.get_all(PICK) or st.query_params.get_all(COMPARE_CARD)


def _adopt_link(offer: Offer) -> None:
    """Set the controls to what a link asks for, once, or to what was chosen before another page was visited."""
    arriving = _OVER not in st.session_state  # a control's value is forgotten on other pages
    linked = _link() or (st.session_state.get(_LINKED, []) if arriving else [])
    if linked and (arriving or linked != st.session_state.get(_LINKED)):
        picks = parse(linked)
        over: Over = "set" if any(pick.identity.startswith(PREFIX) for pick in picks) else "one"
        st.session_state[_OVER] = over
        found = [
            pick for pick in picks if (offer.singles if over == "one" else offer.sets).get(pick.identity)
        ]
        st.session_state[_choice_key(over)] = [pick.identity for pick in found] or _first_choices(offer, over)
        if len(found) == 1 and COMPARE_CARD in st.query_params:
            st.session_state[_choice_key(over)] += [
                name for name in _pins(offer, over) if name != found[0].identity
            ]
        for pick in found:
            if pick.countings:
                st.session_state[_ways_key(pick.identity)] = list(pick.countings)
        st.session_state[_LINKED] = linked
    st.session_state.setdefault(_OVER, "one")


def _adopt_arrivals(offer: Offer) -> None:
    """Choose what this page's run has certified, each file once: somebody may take it out again."""
    job = CERTIFYING.current()
    stems = job.latest if job is not None and isinstance(job.latest, tuple) else ()
    # after a reload the link says what is chosen, and what was there already is no news
    known_before = [stem for stem in stems if f"own:{stem}" in offer.singles and PICK in st.query_params]
    seen = st.session_state.setdefault(_ARRIVED, known_before)
    over: Over = st.session_state[_OVER]
    for stem in stems:
        single = offer.singles.get(f"own:{stem}")
        if single is None or stem in seen:  # the first case: its header has not been read yet
            continue
        seen.append(stem)
        identity = single.identity if over == "one" else PREFIX + single.header.recipe
        known = st.session_state.get(_choice_key(over), [])
        if identity not in known and len(known) < MOST:
            st.session_state[_choice_key(over)] = [*known, identity]


def _first_choices(offer: Offer, over: Over) -> list[str]:
    """What is chosen before anybody has: pinned ones, else what there is of the first picture, or the first sets."""
    options = offer.singles if over == "one" else offer.sets
    found = _pins(offer, over)
    if not found and over == "one" and options:
        first = next(iter(options.values()))
        found = [name for name, choice in options.items() if choice.members.keys() == first.members.keys()]
    return (found or list(options))[:_FIRST]


def _pins(offer: Offer, over: Over) -> list[str]:
    return [name for name in pinned() if name in offer.singles][:MOST] if over == "one" else []


def _draw_ways(letter: str, choice: Choice, *, alone: bool) -> tuple[Counting, ...]:
    """How one certificate is counted; never in no way."""
    key, offered = _ways_key(choice.identity), countings(choice.settings)
    usual = list(first_countings(choice.settings, alone=alone))
    st.session_state[key] = [way for way in st.session_state.get(key, usual) if way in offered] or usual
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"row_{letter}"):
        st.html(render("letter", letter=letter), width="content")
        ways = st.pills(
            f"How {letter} is counted",
            offered,
            format_func=lambda way: METHODS[way].name,
            selection_mode="multi",
            key=key,
            label_visibility="collapsed",
            help=" ".join(f"{METHODS[way].name}: {METHODS[way].hint}" for way in offered),
            width="content",
        )
        st.html(render("quiet", text=choice.title), width="content")
    return tuple(way for way in offered if way in ways) or tuple(usual)


def _write_link(picks: Sequence[Pick]) -> None:
    """Say in the link what is chosen."""
    st.query_params.pop(COMPARE_CARD, None)
    said = encode(picks)
    if st.query_params.get_all(PICK) != said:
        st.query_params[PICK] = said
    st.session_state[_LINKED] = said


def _ways(entrants: Sequence[Entrant], identity: str) -> tuple[Counting, ...]:
    return tuple(entrant.counting for entrant in entrants if entrant.choice.identity == identity)


def _title(options: dict[str, Choice], identity: str) -> str:
    return f"{'📌 ' if identity in pinned() else ''}{options[identity].title}"


def _choice_key(over: Over) -> str:
    return f"compare_{over}"


def _ways_key(identity: str) -> str:
    return f"ways_{identity}"
