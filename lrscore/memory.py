"""How many noisy copies fit into memory: what a pass takes is measured on two of them, before the others are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import torch

Result = TypeVar("Result")

_SHARE = 0.5  # of the free memory that a batch chosen here may take: others live there, too
_ASKED_SHARE = 0.95  # that a batch may take which somebody asked for
_LIMITS = (  # of a container: its limit, what it holds, and what it would give back
    ("memory.max", "memory.current", "memory.stat", "inactive_file"),
    (
        "memory/memory.limit_in_bytes",
        "memory/memory.usage_in_bytes",
        "memory/memory.stat",
        "total_inactive_file",
    ),
)
_CONTAINER = Path("/sys/fs/cgroup")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory was lacking, of this machine or of its GPU, in the ways of Python, torch, CUDA and oneDNN."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    text = str(error).lower()
    signs = ("out of memory", "can't allocate memory", "bad_alloc")
    return isinstance(error, RuntimeError) and any(sign in text for sign in signs)


@dataclass(frozen=True)
class Fitting:
    """A batch size for the memory there is.

    Args:
        copies: at least 1.
        remark: a sentence if that is fewer than was wished for, else empty.
    """

    copies: int
    remark: str


def fitting_batch(wished: int, bytes_per_copy: int | None, free: int | None) -> Fitting:
    """As many copies as half of the free memory holds, at most `wished`; a copy alone is tried in any case.

    Args:
        wished: copies that the device likes.
        bytes_per_copy: what each adds to a pass; None if that is not known.
        free: bytes; None if that is not known.
    """
    if not bytes_per_copy or free is None or wished * bytes_per_copy <= _SHARE * free:
        return Fitting(wished, "")
    copies = min(wished, max(1, int(_SHARE * free / bytes_per_copy)))
    if copies == wished:
        return Fitting(wished, "")
    return Fitting(
        copies,
        f"{copies} {'copies' if copies > 1 else 'copy'} in one pass instead of {wished}: one takes about "
        f"{in_words(bytes_per_copy)}, and {in_words(free)} of memory are free",
    )


def refuse_too_large(asked: int, bytes_per_copy: int | None, free: int | None) -> None:
    """A batch that somebody asked for fits into memory.

    Raises:
        MemoryError: it does not, and a smaller one might.
    """
    if asked == 1 or not bytes_per_copy or free is None or asked * bytes_per_copy <= _ASKED_SHARE * free:
        return
    fits = fitting_batch(asked, bytes_per_copy, free).copies
    raise MemoryError(
        f"a batch of {asked} copies takes about {in_words(asked * bytes_per_copy)}, and {in_words(free)} of memory are "
        f"free; a batch size of {fits} fits"
    )


def in_words(count: int) -> str:
    """Bytes as people say them."""
    return f"{count / 1e9:.2g} GB" if count >= 1e8 else f"{max(count, 1e5) / 1e6:.2g} MB"


def free_bytes(device: torch.device) -> int:
    """Memory that is free where a model runs: of the GPU, or of this machine and its container."""
    if device.type == "cuda":
        import torch

        free, _ = torch.cuda.mem_get_info(device)
        # What torch holds for reuse is free as well
        return int(free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device))
    import psutil

    left = container_bytes(_CONTAINER)
    available = int(psutil.virtual_memory().available)
    return available if left is None else min(available, left)


def container_bytes(place: Path) -> int | None:
    """What a container's limit leaves; None where there is none.

    Args:
        place: where the kernel keeps the limits of control groups, of version 2 or 1.
    """
    for limit, usage, facts, idle in _LIMITS:
        try:
            most = (place / limit).read_text().strip()
            held = int((place / usage).read_text())
            lines = (line.split() for line in (place / facts).read_text().splitlines())
            files = next((int(line[1]) for line in lines if line[0] == idle), 0)
        except (OSError, ValueError, IndexError):
            continue
        if most.isdecimal() and int(most) < 1 << 60:  # "max", or a number beyond all memory
            return max(0, int(most) - held + files)
    return None


def measured(work: Callable[[], Result], device: torch.device) -> tuple[Result, int]:
    """The result of some work, and the most bytes that it took at once of the memory where it ran.

    On a CPU these are the tensors that torch's operators return, as long as they live; what an operator takes and gives
    back by itself is not seen.
    """
    import torch

    if device.type == "cuda":
        before = torch.cuda.memory_allocated(device)
        torch.cuda.reset_peak_memory_stats(device)
        result = work()
        return result, int(torch.cuda.max_memory_allocated(device)) - before
    live = _live_tensors()
    with live:
        result = work()
    return result, live.most


def _live_tensors() -> Any:
    """A context whose `most` is the largest sum of the bytes of tensors that were made in it and lived together."""
    import torch
    from torch.multiprocessing.reductions import StorageWeakRef
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_leaves

    def storages(values: Any) -> list[Any]:
        tensors = [one for one in tree_leaves(values) if isinstance(one, torch.Tensor)]
        return [one.untyped_storage() for one in tensors if one.layout == torch.strided]

    class Live(TorchDispatchMode):
        def __init__(self) -> None:
            super().__init__()
            self.most, self._held = 0, dict[int, tuple[StorageWeakRef, int]]()

        def __torch_dispatch__(
            self, operator: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
        ) -> Any:
            known = {storage._cdata for storage in storages((args, kwargs))}
            result = operator(*args, **(kwargs or {}))
            self._held = {key: held for key, held in self._held.items() if not held[0].expired()}
            for storage in storages(result):
                if storage._cdata not in known:  # views and what works in place return what they were given
                    self._held[storage._cdata] = (StorageWeakRef(storage), storage.nbytes())
            self.most = max(self.most, sum(size for _, size in self._held.values()))
            return result

    return Live()
