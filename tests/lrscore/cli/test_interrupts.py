"""Signals end a command where it can be ended, and a second one anywhere."""

from __future__ import annotations

import signal

import pytest

from lrscore.cli.interrupts import ended_by_signals
from lrscore.errors import Cancelled


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_for_the_next_look(kind: signal.Signals):
    before = signal.getsignal(kind)
    with ended_by_signals() as look:
        look()
        signal.raise_signal(kind)  # nothing yet
        with pytest.raises(Cancelled):
            look()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(kind)
    assert signal.getsignal(kind) == before


def test_before_the_first_look_a_signal_ends_at_once():
    with ended_by_signals(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)
