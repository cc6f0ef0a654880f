"""What commands say before a run (can it certify anything?) and after it (did smoothing break the model?)."""

from __future__ import annotations

from typing import Any

from lrscore.agreement import agreement_in_words
from lrscore.settings import SamplingSettings


def warn_if_hopeless(settings: SamplingSettings, n_outputs: int, outputs: str) -> bool:
    """Say if not even unanimous samples can certify any output; whether that is so."""
    least = settings.least_samples(n_outputs)
    if settings.samples >= least:
        return False
    print(
        f"WARNING: with {settings.samples} samples nothing can be certified, not even if all agree: alpha "
        f"{settings.alpha:g} shared by {n_outputs:,} {outputs} needs at least --samples {least} (many more for useful "
        "radii)"
    )
    return True


def print_agreement(certificate: Any) -> None:
    """Share of labels that smoothing left as they are, with a warning where it is low; nothing if unknown."""
    words = agreement_in_words(certificate.agreement)
    if words:
        print(words)
