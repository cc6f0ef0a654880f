"""Whether smoothing broke the model: how often the smoothed label is the one that the model gives without noise."""

from __future__ import annotations

ENOUGH = 0.8
"""Agreement below which a warning is due: certified labels of a broken model are worth nothing."""
ADVICE = (
    "smoothing changes many labels, so what is certified may be worth little: lower the noise levels "
    "(`python -m lrscore check` compares some), or train the model under this noise (docs/own_network.md)"
)


def agreement_in_words(share: float | None) -> str:
    """One or two sentences about the share of labels that smoothing leaves as they are; empty if nobody knows it."""
    if share is None:
        return ""
    words = f"agreement of smoothed and unsmoothed prediction: {share:.1%}"
    return words if share >= ENOUGH else f"{words}\nWARNING: {ADVICE}"
