"""Models from strangers: truncated, of another architecture, of sizes that no machine has. One sentence each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from models.denoising.checkpoint import BUNDLED, load_denoiser
from models.graphs.checkpoint import load_graph_network
from models.segmentation.checkpoint import load_checkpoint
from models.segmentation.described import load_own
from models.weights import read_weights
from tests.hostile.model_files import (
    damaged,
    descriptions,
    graph_checkpoint,
    lying_graph_checkpoints,
    lying_safetensors,
    pickles,
)
from tests.hostile.surface import Tally, Trial

CHECKPOINTS = BUNDLED.parent
RAN = Path("/tmp/lrs-hostile-ran")


def trials(
    contents: Iterator[tuple[str, bytes]], path: Path, *loaders: Callable[[Path], object]
) -> Iterator[Trial]:
    for name, content in contents:
        path.write_bytes(content)
        for load in loaders:
            yield f"{name}, {load.__name__}", lambda load=load: load(path)


def test_checkpoints_are_read_or_refused(tmp_path: Path, surface: Callable[[str], Tally]):
    rng = np.random.default_rng(30)
    path, whole = tmp_path / "weights.safetensors", graph_checkpoint()
    tally = surface("weights of networks")
    tally.try_all(trials(lying_graph_checkpoints(), path, load_graph_network))
    assert tally.accepted < 10, "sizes that a header may have, and names that are cleaned"
    everywhere = (load_checkpoint, load_graph_network, load_denoiser, read_weights)
    tally.try_all(trials(lying_safetensors(), path, *everywhere))
    flipped = ((f"damaged {number}", content) for number, content in enumerate(damaged(whole, rng, 60)))
    tally.try_all(trials(flipped, path, load_graph_network, read_weights))
    assert tally.peak < 1 << 30


@pytest.mark.parametrize(
    ("file", "load"), [("street_two_view", load_checkpoint), ("level_denoiser", load_denoiser)]
)
def test_damaged_bundled_checkpoints(
    file: str, load: Callable[[Path], object], tmp_path: Path, surface: Callable[[str], Tally]
):
    rng = np.random.default_rng(31)
    content, path = (CHECKPOINTS / f"{file}.safetensors").read_bytes(), tmp_path / "weights.safetensors"
    flipped = ((f"damaged {number}", one) for number, one in enumerate(damaged(content, rng, 12)))
    tally = surface("weights of networks")
    tally.try_all(trials(flipped, path, load))
    assert tally.refused


def test_pickles_run_nothing(tmp_path: Path, surface: Callable[[str], Tally]):
    RAN.unlink(missing_ok=True)
    rng = np.random.default_rng(32)
    contents = list(pickles())
    genuine = dict(contents)["genuine"]
    contents += [(f"damaged {number}", one) for number, one in enumerate(damaged(genuine, rng, 40))]
    tally = surface("PyTorch checkpoints")
    tally.try_all(trials(iter(contents), tmp_path / "weights.pt", read_weights))
    assert tally.refused > 10
    assert not RAN.exists()


def test_descriptions_are_read_or_refused(tmp_path: Path, surface: Callable[[str], Tally]):
    (tmp_path / "w.safetensors").write_bytes(graph_checkpoint())
    path = tmp_path / "model.json"

    def described() -> Iterator[Trial]:
        for name, given in descriptions():
            text = given if isinstance(given, str) else json.dumps({**given, "weights": "w.safetensors"})
            path.write_text(text, encoding="utf-8")
            yield name, lambda: load_own(str(path))

    tally = surface("descriptions of networks")
    tally.try_all(described())
    assert tally.accepted == 0, "the weights are another network's"
    assert tally.peak < 1 << 30
