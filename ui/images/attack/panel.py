"""Attack the smoothed model on request, and say in one line what came of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from markupsafe import Markup

from lrscore.images.attack.settings import AttackSettings
from lrscore.images.settings import ImageSettings
from ui.certification.on_screen import Shown
from ui.images.attack.work import PILOT_SAMPLES, SAMPLES, STEPS, AttackStore, attack_model, attack_work
from ui.images.curves import CurveSet
from ui.images.states import Count, counted_pixels
from ui.running.machine_resources import model_shelf
from ui.running.page_job import PageJob
from ui.style.templates import render
from ui.style.words import confidence, counted

if TYPE_CHECKING:
    from lrscore.images.attack.attack import ImageAttack

ATTACK = PageJob("image_attack", linked=False, quiet=True)
PANEL = "attacked"
"""Name of the panel that shows an attack."""


@st.cache_resource(max_entries=1, show_spinner=False)
def attack_store() -> AttackStore:
    """What has been found, for all certificates on screen lately."""
    return AttackStore()


def known_attack(shown: Shown, count: Count, epsilon: float) -> ImageAttack | None:
    """The strongest attack found so far within the budget."""
    return attack_store().best(_key(shown, count), epsilon)


def attack_under_way() -> bool:
    """Whether an attack has been asked for and has not ended."""
    job = ATTACK.current()
    return job is not None and not job.state.finished


def draw_attack(shown: Shown, curves: CurveSet, index: int, count: Count) -> None:
    """Two buttons, or the progress of the attack they started."""
    if ATTACK.under_way():
        return
    known_model = attack_model(shown.certificate) is not None
    ready = known_model and float(curves.epsilons[index]) > 0
    help_text = (
        "Search for a change of the picture within this budget that flips many labels of the smoothed model, about "
        "20 s on two cores. It shows what one adversary achieves; the certificate bounds them all."
        if known_model
        else "This certificate was made with a model that is not among the bundled ones."
    )
    with st.container(horizontal=True, width="content", gap="small"):
        st.button(
            "Attack it",
            key="attack_free",
            icon=":material/bolt:",
            type="tertiary",
            disabled=not ready,
            help=help_text,
            on_click=_start,
            args=(shown, curves, index, count, None),
        )
        st.button(
            "where the bound is weakest",
            key="attack_allocated",
            type="tertiary",
            disabled=not ready,
            help="The same, but every region gets the share of the budget that the worst allocation found gives it.",
            on_click=_start,
            args=(shown, curves, index, count, curves.allocation[index]),
        )


def attack_html(attack: ImageAttack, curves: CurveSet, noun: str) -> Markup:
    """What the attack did, beside what the certificate allows for its budget, and how far the numbers can be trusted.

    Args:
        noun: what is counted without an attack, in the plural.
    """
    asked, changed = int(attack.attacked.sum()), int(attack.changed.sum())
    most = max(0, asked - int(curves.proven[curves.index(attack.epsilon)]))
    return render(
        "attack",
        spent=f"{attack.epsilon:.{curves.digits}f}",
        changed=counted(changed, "label"),
        asked=f"{asked:,}",
        noun=noun,
        most=f"{most:,}",
        contradicts=changed > most,
        samples=attack.samples,
        confidence=confidence(attack.error),
        leaning=counted(int(attack.leaning.sum()), "more pixel"),
    )


def _start(shown: Shown, curves: CurveSet, index: int, count: Count, allocation: np.ndarray | None) -> None:
    settings = AttackSettings(
        float(curves.epsilons[index]),
        allocation,
        counted_pixels(shown.certificate, count),
        steps=STEPS,
        pilot_samples=PILOT_SAMPLES,
        samples=SAMPLES,
    )
    keep = partial(attack_store().add, _key(shown, count))
    if ATTACK.start(attack_work(shown.certificate, settings, model_shelf(), keep), "Attack"):
        chosen = list(st.session_state.get("image_panels") or [])
        st.session_state["image_panels"] = [*chosen, *([] if PANEL in chosen else [PANEL])]


def _key(shown: Shown, count: Count) -> tuple[str, ImageSettings, Count]:
    return shown.key, shown.certificate.settings, count
