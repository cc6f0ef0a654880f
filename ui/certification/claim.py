"""The certified share in large type, what it claims, and the facts without which it means nothing."""

from __future__ import annotations

import numpy as np
import streamlit as st
from markupsafe import Markup

from lrscore.agreement import ENOUGH
from lrscore.certificate import Certificate
from lrscore.errors import SettingsError, told
from lrscore.settings import SamplingSettings
from ui.certification.options import CORRECTION_WORDS
from ui.style.templates import render
from ui.style.words import confidence, fewest_samples, share

Fact = tuple[str, str, bool]
"""Name, value, and whether it needs attention."""


def claim_piece(certificate: Certificate, proven: int, outputs: int, words: str) -> Markup:
    """The number and its sentence; what carries no guarantee says so first.

    Args:
        words: what follows the count, with a full stop.
    """
    opening = "Proven: at least"
    if not certificate.plan.valid:
        opening = "NOT a certificate (published Holm levels): nominally"
    elif explored := certificate.settings.explored_in_words:
        opening = (
            f"Exploration, nothing is promised ({explored} chosen after the samples were seen): nominally"
        )
    return render(
        "claim",
        valid=certificate.promised,
        testid="certified-share",
        number=share(proven, outputs),
        opening=opening,
        counted=f"{proven:,} of {outputs:,}",
        words=words,
    )


def common_facts(certificate: Certificate, per: str, ceiling: str, gap: str) -> list[Fact]:
    """Confidence, samples, correction, ceiling, gap, abstentions and what smoothing changed, whatever is certified.

    Args:
        per: what is sampled apart, in the singular: a region, a cluster.
        ceiling, gap: in words.
    """
    settings, plan, trials = certificate.settings, certificate.plan, certificate.trials
    samples, sampled = fewest_samples(trials), np.count_nonzero(trials)
    facts = [
        ("confidence", confidence(plan.alpha) if certificate.promised else "none", not certificate.promised),
        (f"samples per {per}", f"{settings.pilot_samples:,} pilot + {samples:,}", samples < settings.samples),
        ("correction", CORRECTION_WORDS.get(plan.correction, plan.correction), not plan.valid),
        ("ceiling", ceiling, False),
        ("gap", gap, False),
        ("abstained", share(int(certificate.abstained.sum()), certificate.labels.size), False),
    ]
    if (same := certificate.agreement) is not None:
        facts.append(("same label without noise", f"{100 * same:.1f} %", same < ENOUGH))
    if sampled < trials.size:
        facts.append((f"{per}s so far", f"{sampled} of {trials.size}", True))
    if explored := settings.explored_in_words:
        facts.append(("chosen after looking", explored, True))
    if plan.offered:
        facts.append(("k free among", ", ".join(f"{k:,}" for k in plan.offered), False))
    if plan.discount:
        facts.append(("subtracted", f"{plan.discount:,}", False))
    return facts


def warn_of_disagreement(certificate: Certificate) -> None:
    """Say, before anybody believes the number, that smoothing gives many outputs another label."""
    same = certificate.agreement
    if same is not None and same < ENOUGH:
        st.warning(
            f"Smoothing gives {100 * (1 - same):.1f} % of the {certificate.outputs} another label than the model "
            "gives without noise: what is certified may be worth little. Lower the noise levels, or use a model "
            "trained under such noise.",
            icon=":material/warning:",
        )


def warn_if_hopeless(settings: SamplingSettings, n_outputs: int, outputs: str) -> None:
    """Say before a run that not even unanimous samples could certify anything, and how many could."""
    try:
        least = settings.least_samples(n_outputs)
    except SettingsError as error:
        st.warning(told(error), icon=":material/warning:")
        return
    if settings.samples < least:
        st.warning(
            f"With {settings.samples:,} samples nothing can be certified, not even if all agree: "
            f"alpha {settings.alpha:g}, shared by {n_outputs:,} {outputs}, needs at least {least:,}.",
            icon=":material/warning:",
        )
