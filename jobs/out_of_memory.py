"""Out of memory is no reason to fail: try again with half the batch, and say so."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import TypeVar

from lrscore.memory import is_out_of_memory

Result = TypeVar("Result")


def retry_with_smaller_batches(
    attempt: Callable[[int], Result], batch_size: int, remark: Callable[[str], None]
) -> Result:
    """Call `attempt(batch_size)`, halving the batch as long as memory runs out.

    Args:
        attempt: starts from the beginning at every call.
        batch_size: first size to try, at least 1.
        remark: told a sentence at every retry.

    Raises:
        Whatever `attempt` raises, running out of memory with a batch of one included.
    """
    while True:
        try:
            return attempt(batch_size)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error) or batch_size <= 1:
                raise
        # outside `except`: the traceback held the tensors of the failed attempt
        _free_device_memory()
        remark(f"Memory ran out with a batch of {batch_size}; continued with {batch_size // 2}.")
        batch_size //= 2


def settle() -> None:
    """Take everything that lives now out of garbage collection for good.

    To be called after large imports. Streamlit collects garbage after every run of a page while holding Python's
    global lock: with torch loaded that cost 0.4 s each time, in which neither pages nor workers moved.
    """
    gc.collect()
    gc.freeze()


def _free_device_memory() -> None:
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
