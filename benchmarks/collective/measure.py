"""Run our methods and the opponents; every measurement is CPU time of one process, all threads together."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np

from benchmarks.collective.fields import Field
from lrscore.collective import CollectiveCertificate, certify_collectively, verify


@dataclass(frozen=True)
class Run:
    """One curve: seconds to certify and to verify, peak memory of the process so far in MB."""

    certificate: CollectiveCertificate
    seconds: float
    verify_seconds: float
    megabytes: float


def run_curve(field: Field, budgets: np.ndarray, method: str, **options: object) -> Run:
    """Certify and verify a curve."""
    start = time.process_time()
    certificate = certify_collectively(*field.inputs, budgets, method=method, **options)
    middle = time.process_time()
    verify(certificate, *field.inputs)
    end = time.process_time()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Run(certificate, middle - start, end - middle, memory)


@dataclass(frozen=True)
class Opponent:
    """certified, CPU seconds and peak memory in MB of one opponent at one budget; None where it was cut off."""

    certified: int | None
    seconds: float | None
    megabytes: float | None


def run_opponent(name: str, budget: float, options: list[str], limit: float) -> Opponent:
    """One opponent in a process of its own, killed after `limit` seconds of wall time."""
    command = [sys.executable, "-m", "benchmarks.collective.opponents", name, repr(budget), *options]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=limit, check=True
        )
    except subprocess.TimeoutExpired:
        return Opponent(None, None, None)
    return Opponent(**json.loads(done.stdout.splitlines()[-1]))


def table(head: list[str], rows: list[list[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"
