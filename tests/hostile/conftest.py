"""Every test of this folder counts what became of its inputs; the counts stand at the end of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.hostile.surface import Tally
from tests.ui.conftest import certificate_file, gallery, patient

__all__ = ["certificate_file", "gallery", "patient", "surface"]


@pytest.fixture
def surface(record_property: Callable[[str, object], None]) -> Iterator[Callable[[str], Tally]]:
    """Makes the tally of a surface by its name."""
    tallies: list[Tally] = []

    def begin(name: str) -> Tally:
        tallies.append(Tally(name))
        return tallies[-1]

    yield begin
    for one in tallies:
        counts = (one.tried, one.accepted, one.refused, len(one.bad), one.peak)
        record_property("hostile", (one.surface, *counts))
