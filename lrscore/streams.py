"""Random numbers of different uses never coincide: each use draws from a stream of its own, made of seed and purpose.

If a measurement that chooses noise levels read the numbers of the certificate that follows, the levels would have seen
its estimation noise, and the certificate's error probability would be larger than `alpha`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def apart(generator: torch.Generator, purpose: str) -> torch.Generator:
    """A generator for one purpose, on the same device, from the other's seed: never the numbers the other one draws.

    Certification draws from the caller's generator itself; whatever helps to choose its settings, or attacks its
    result, draws from here. The stream depends on seed and purpose only, not on what was drawn before.

    Args:
        generator: of whom only seed and device are used.
        purpose: what the numbers are for, in a word.
    """
    import torch

    digest = hashlib.sha256(f"{generator.initial_seed()}/{purpose}".encode()).digest()
    return torch.Generator(generator.device).manual_seed(int.from_bytes(digest[:8], "big") >> 1)
