"""The search for a network of views: windows counted pixel by pixel, and commands that train can read."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import view_networks
from benchmarks.view_networks import REFERENCE, candidates, training
from models.segmentation import train


def test_windows_of_nothing_but_the_own_pixel_are_worth_what_separate_cells_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Cells that matter only to themselves: each costs a squared norm of 1, and by envelopes a part of it a part."""
    monkeypatch.setattr(view_networks, "GRID", (2, 2))
    certificate = SimpleNamespace(shape=(8, 8), thresholds=np.ones(64))
    norms = view_networks.NORMS
    left = [64 if norm < 1 else max(0, 64 - int(16 * norm**2)) for norm in norms[1:]]
    expected = float((np.diff(norms) * left).sum()) / 64
    assert view_networks.radius(certificate, (0,), (1.0,)) == pytest.approx(expected)  # type: ignore[arg-type]
    assert view_networks.radius(certificate, (None,), (1.0,)) == 1  # type: ignore[arg-type]
    rough = view_networks.radius(certificate, (0, None), (1.0, 2.0))  # type: ignore[arg-type]
    assert rough < expected


@pytest.mark.parametrize("name", [REFERENCE, *candidates()])
def test_trainings_are_commands_that_differ_in_the_network_alone(name: str) -> None:
    words = training(name, out=Path("runs"), steps=600, scenes=400, data_root=None)
    chosen = vars(train.parser().parse_args(words))
    other = vars(
        train.parser().parse_args(
            training(REFERENCE, out=Path("runs"), steps=600, scenes=400, data_root=None)
        )
    )
    differing = {key for key in chosen if chosen[key] != other[key]}
    assert differing <= {"architecture", "sharp_blocks", "noise", "highest", "out", "state", "log"}
