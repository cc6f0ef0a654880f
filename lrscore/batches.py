"""How many noisy copies go through the model at once, and how many can be counted."""

from __future__ import annotations

from collections.abc import Sequence

from lrscore.errors import InputError

MOST_COPIES = 2**31 - 1
"""Of one look: counts are int32 until they are read."""
_WASTE = 0.1  # share of superfluous copies from which a smaller batch is looked for
_OVERHEAD = 1 / 64  # what a pass costs by itself, in full batches of the device


def thrifty_batch(sizes: Sequence[int], largest: int) -> int:
    """The batch size for runs of these sizes, in passes that all have it.

    Every pass has one size, so a run takes whole batches, and what is left over of its last one is thrown away. Where
    that is more than a tenth of the work, a smaller batch is chosen: least copies drawn, passes weighed in.

    Args:
        sizes: copies of each run, such as pilot and estimation samples.
        largest: what the device likes.
    """
    wanted = sum(sizes)
    if sum(-size % largest for size in sizes) <= _WASTE * wanted:
        return largest

    def cost(batch: int) -> float:
        passes = sum(-(-size // batch) for size in sizes)
        return passes * (batch + _OVERHEAD * largest)

    return min(range(min(largest, max(sizes)), 0, -1), key=cost)  # of equals the first, that is the largest


def refuse_too_many(copies: int) -> None:
    """So many copies can be counted at one look.

    Raises:
        InputError: they are more than int32 counts.
    """
    if copies > MOST_COPIES:
        raise InputError(f"samples of one look must be at most {MOST_COPIES}, got {copies}")
