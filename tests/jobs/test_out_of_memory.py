"""Out of memory: half the batch, a remark, and an end when nothing is left to halve."""

from __future__ import annotations

import gc
import weakref

import pytest
import torch

from jobs import retry_with_smaller_batches, settle
from lrscore.memory import is_out_of_memory


def attempt_that_fits(limit: int, tried: list[int]):
    def attempt(batch: int) -> str:
        tried.append(batch)
        if batch > limit:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return f"ran with {batch}"

    return attempt


def test_the_batch_is_halved_until_it_fits():
    tried: list[int] = []
    remarks: list[str] = []
    assert retry_with_smaller_batches(attempt_that_fits(9, tried), 32, remarks.append) == "ran with 8"
    assert tried == [32, 16, 8]
    assert remarks == [
        "Memory ran out with a batch of 32; continued with 16.",
        "Memory ran out with a batch of 16; continued with 8.",
    ]


def test_a_batch_of_one_that_does_not_fit_is_an_error():
    tried: list[int] = []
    with pytest.raises(torch.OutOfMemoryError):
        retry_with_smaller_batches(attempt_that_fits(0, tried), 4, lambda sentence: None)
    assert tried == [4, 2, 1]


def test_other_errors_are_not_retried():
    tried: list[int] = []

    def attempt(batch: int) -> None:
        tried.append(batch)
        raise RuntimeError("shape mismatch")

    with pytest.raises(RuntimeError, match="shape mismatch"):
        retry_with_smaller_batches(attempt, 8, lambda sentence: None)
    assert tried == [8]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"), True),
        (RuntimeError("wrong shape"), False),
        (ValueError("out of memory of old days"), False),
    ],
)
def test_ways_to_run_out_of_memory(error: Exception, expected: bool):
    assert is_out_of_memory(error) is expected


def test_settled_objects_are_out_of_garbage_collection_and_later_garbage_is_still_collected():
    class Node:
        pass

    before = gc.get_freeze_count()
    settle()
    assert gc.get_freeze_count() > before
    node = Node()
    node.itself = node
    gone = weakref.ref(node)
    del node
    gc.collect()
    assert gone() is None
    gc.unfreeze()
