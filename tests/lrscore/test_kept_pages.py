"""Freed pages stay while somebody samples and go back afterwards: counted by the system, in a fresh process."""

from __future__ import annotations

import subprocess
import sys

import pytest

_MEASURED = """
import gc, resource
import psutil, torch
from lrscore.kept_pages import keep_freed_pages

class Owner:
    pass

def faults():
    for _ in range(20):
        torch.empty(2**26, dtype=torch.uint8).fill_(1)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def held():
    return psutil.Process().memory_info().rss

before = faults()
without = faults() - before
first, second = Owner(), Owner()
keep_freed_pages(first), keep_freed_pages(second)
before = faults()
kept = faults() - before
del first
gc.collect()
still = faults() - before - kept
most = held()
del second
gc.collect()
given_back = most - held()
print(without, kept, still, given_back)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the C library of Linux")
def test_freed_pages_stay_as_long_as_an_owner_lives():
    run = subprocess.run([sys.executable, "-c", _MEASURED], capture_output=True, text=True, check=True)
    without, kept, still, given_back = map(int, run.stdout.split())
    pages = 20 * 2**26 // 4096
    assert without > pages / 2
    assert max(kept, still) < pages / 100
    assert given_back > 2**25
