"""One way into the software, and what came in through it: every hostile input is accepted or refused in one sentence.

Anything else is bad: another exception, a sentence that is none, more than ten seconds of the processor, more than
2 GiB of memory.
"""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from lrscore.errors import LrscoreError

SECONDS = 10
"""Of the processor, not of the clock: a busy machine makes nothing hang."""
MOST_BYTES = 2 << 30
_LONGEST = 600
_PIPE = 60_000

Trial = tuple[str, Callable[[], object]]


class Hangs(BaseException):
    """An input takes longer than it may; no `except Exception` swallows it."""


@dataclass
class Tally:
    """What became of the inputs of one surface.

    Args:
        surface: its name.
        bad: what was neither accepted nor refused, in words.
        peak: most memory that one input took beyond what was in use before, in bytes.
    """

    surface: str
    tried: int = 0
    accepted: int = 0
    refused: int = 0
    bad: list[str] = field(default_factory=list)
    peak: int = 0

    def attempt(self, name: str, action: Callable[[], object]) -> None:
        """Try one input and count what became of it."""
        self.tried += 1
        with watched_memory() as used:
            try:
                with processor_limit(SECONDS):
                    action()
            except LrscoreError as error:
                if complaint := unclear(str(error)):
                    self.bad.append(f"{name}: {complaint}: {error!s:.200}")
                else:
                    self.refused += 1
            except (Exception, Hangs) as error:
                self.bad.append(f"{name}: {type(error).__name__}: {error!s:.200}")
            else:
                self.accepted += 1
        self.peak = max(self.peak, used[0])
        if used[0] > MOST_BYTES:
            self.bad.append(f"{name}: took {used[0] >> 20} MiB")

    def attempt_apart(self, name: str, action: Callable[[], object]) -> None:
        """The same in a process of its own, which a library that hangs or crashes in C takes with it."""
        receiver, sender = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the other threads sleep
            child = os.fork()
        if child == 0:
            try:
                resource.setrlimit(resource.RLIMIT_CPU, (2 * SECONDS, 2 * SECONDS))
                resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
                own = Tally(self.surface)
                own.attempt(name, action)
                told = [own.accepted, own.refused, own.bad, own.peak]
                os.write(sender, json.dumps(told).encode()[:_PIPE])
            finally:
                os._exit(0)
        os.close(sender)
        with os.fdopen(receiver, "rb") as pipe:
            said = pipe.read()
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        self.tried += 1
        if not said:
            self.bad.append(f"{name}: its process ended with {status}")
            return
        accepted, refused, bad, peak = json.loads(said)
        self.accepted, self.refused, self.peak = (
            self.accepted + accepted,
            self.refused + refused,
            max(self.peak, peak),
        )
        self.bad += bad

    def try_all(self, trials: Iterable[Trial], *, apart: bool = False) -> None:
        """Try inputs, each in a process of its own if `apart`; none may be bad."""
        for name, action in trials:
            (self.attempt_apart if apart else self.attempt)(name, action)
        assert not self.bad, f"{self.surface}: {len(self.bad)} of {self.tried} bad:\n" + "\n".join(
            self.bad[:40]
        )
        assert self.tried


def unclear(sentence: str) -> str:
    """What is wrong with a refusal; "" if it is one plain sentence for people."""
    if not sentence.strip():
        return "an empty sentence"
    if len(sentence) > _LONGEST or "\n" in sentence:
        return "not one sentence"
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in sentence):
        return "control characters"
    if "Traceback" in sentence or re.search(r"(?<![\w.])/(?:tmp|home|root|usr|var)/", sentence):
        return "an absolute path or a traceback"
    return ""


@contextmanager
def processor_limit(seconds: float) -> Iterator[None]:
    """Raise `Hangs` in whatever takes longer, in seconds of the processor."""

    def stop(_: int, __: FrameType | None) -> None:
        raise Hangs(f"more than {seconds:g} s of the processor")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextmanager
def watched_memory() -> Iterator[list[int]]:
    """Bytes by which the most that the process ever used grew meanwhile, afterwards."""
    used = [0]
    before = _peak()
    yield used
    used[0] = _peak() - before


def _peak() -> int:
    """Most memory that the process has used so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
