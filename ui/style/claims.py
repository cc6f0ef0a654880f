"""The certified share in large type, and what it claims."""

from __future__ import annotations

from markupsafe import Markup

from ui.style.templates import render
from ui.style.words import share


def claim_piece(proven: int, outputs: int, words: str, *, valid: bool) -> Markup:
    """The number and its sentence.

    Args:
        words: what follows the count, with a full stop.
        valid: False for levels that carry no guarantee.
    """
    return render(
        "claim",
        valid=valid,
        testid="certified-share",
        number=share(proven, outputs),
        opening="Proven: at least" if valid else "NOT a certificate (published Holm levels): nominally",
        counted=f"{proven:,} of {outputs:,}",
        words=words,
    )
