"""Workers of this machine: processes with one thread each that listen on the loopback address alone."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import Any

from lrscore.errors import LrscoreError

_SILENT = {"silence_logs": logging.CRITICAL}
_ON_LOOPBACK = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}
_LOADED = ["lrscore.study.image_shards", "lrscore.study.graph_shards"]  # by all before the first task
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class ClusterError(LrscoreError):
    """The workers can not be had, or are lost."""


@contextmanager
def embedded(count: int | None, device: str) -> Iterator[Any]:
    """A cluster of this machine.

    Args:
        count: of workers; 0 works in this process. None: as many as there are cores or GPUs.
        device: "cpu" or "cuda".

    Raises:
        ClusterError: no GPU.
    """
    from distributed import SpecCluster
    from distributed.utils import LoopRunner

    scheduler, workers = _inside(device) if count == 0 else _processes(count, device)
    loop = LoopRunner()
    with _without_interrupts():
        loop.start()
    try:
        made = SpecCluster(scheduler=scheduler, workers=workers, loop=loop.loop, **_SILENT)
        try:
            yield made
        finally:
            made.close(timeout=20)
    finally:
        loop.stop()


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Threads begun in here, and the processes that they begin, are not told of Ctrl-C: a terminal tells all processes,
    but ending the workers is up to this one."""
    resource_tracker.ensure_running()  # whoever starts it with the first process unblocks Ctrl-C for its thread
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _inside(device: str) -> tuple[dict[str, Any], dict[int, Any]]:
    from distributed import Scheduler, Worker

    common = {"protocol": "inproc://", **_ON_LOOPBACK}
    worker = {**common, "nthreads": 1, "resources": {device: 1}}
    return {"cls": Scheduler, "options": common}, {0: {"cls": Worker, "options": worker}}


def _processes(count: int | None, device: str) -> tuple[dict[str, Any], dict[int, Any]]:
    from distributed import Nanny, Scheduler

    usual = _gpus() if device == "cuda" else cores()
    common = {"host": "127.0.0.1", **_ON_LOOPBACK}
    worker = {**common, **_SILENT, "nthreads": 1, "resources": {device: 1}, "preload": _LOADED}
    spec = {}
    for place in range(usual if count is None else count):
        gpu = {"CUDA_VISIBLE_DEVICES": str(place % usual)} if device == "cuda" else {}
        spec[place] = {"cls": Nanny, "options": {**worker, "env": {**_ONE_THREAD, **gpu}}}
    return {"cls": Scheduler, "options": common}, spec


def _gpus() -> int:
    import torch

    found = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if not found:
        raise ClusterError("this machine has no GPU that torch can use: device cuda is not available")
    return found
