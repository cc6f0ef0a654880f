"""Repeat the certificate on screen with other seeds, and see mean and range."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lrscore.images.settings import ImageSettings
from ui.certification.on_screen import Shown
from ui.images.attack.work import attack_model
from ui.images.curves import CurveSet
from ui.images.repeats.work import RepeatStore, other_seeds, proven_count, repeat_work, spread_of
from ui.images.run_button import seconds_of
from ui.images.sources import source_of_certificate
from ui.images.states import Count
from ui.running.machine_resources import model_shelf, pacemaker
from ui.running.owner import owner_token
from ui.running.page_job import PageJob
from ui.style.words import duration, share

REPEAT = PageJob("image_repeat", linked=False, quiet=True)
_MOST = 9


@st.cache_resource(max_entries=64, show_spinner=False)
def _store(owner: str) -> RepeatStore:
    return RepeatStore()


def draw_repeats(shown: Shown, curves: CurveSet, index: int, count: Count) -> None:
    """Folded away: how many seeds, the button, and what has been found."""
    certificate = shown.certificate
    seed = certificate.provenance.get("seed", "")
    key = (shown.key, certificate.settings, "seeds")
    model = attack_model(certificate)
    with st.expander("Repeat with other seeds: mean and range"):
        found = _store(owner_token()).found(key)
        if not REPEAT.under_way():
            if model is None or not seed.isdecimal():
                st.caption("This certificate does not say by which bundled model and seed it was made.")
            else:
                _draw_button(shown, key, int(seed), [repeat.seed for repeat in found], model)
        if not found:
            return
        rows = [(int(seed or 0), certificate), *((repeat.seed, repeat.certificate) for repeat in found)]
        epsilon = float(curves.epsilons[index])
        spread = spread_of([row[1] for row in rows], epsilon, count)
        st.markdown(
            f"Over {len(rows)} seeds at ε = {curves.said(index)}: mean **{share(int(spread.mean), curves.outputs)}**, "
            f"from {share(spread.lowest, curves.outputs)} to {share(spread.highest, curves.outputs)}, by the envelope."
        )
        st.table(
            {
                "seed": [row[0] for row in rows],
                "proven": [f"{proven_count(row[1], epsilon, count):,}" for row in rows],
            },
            hide_index=True,
            border="horizontal",
        )
        st.caption(
            "Each row is a certificate of its own, with its own confidence. The best of several is none: choose the "
            "seed before looking."
        )


def _draw_button(
    shown: Shown, key: tuple[str, ImageSettings, str], seed: int, known: list[int], model: str
) -> None:
    source = source_of_certificate(shown.certificate)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = int(st.number_input("Seeds", 1, _MOST, 4, key="image_repeats", width=120))
        seconds = number * seconds_of(source, shown.certificate.settings)
        st.button(
            f"Sample them · about {duration(seconds)}",
            key="repeat_start",
            on_click=_start,
            args=(shown, key, other_seeds(seed, number, known), model),
        )


def _start(shown: Shown, key: tuple[str, ImageSettings, str], seeds: list[int], model: str) -> None:
    source, settings = source_of_certificate(shown.certificate), shown.certificate.settings
    keep = partial(_store(owner_token()).add, key)
    REPEAT.start(repeat_work(source, settings, seeds, model, model_shelf(), pacemaker(), keep), "Other seeds")
