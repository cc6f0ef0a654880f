"""Checkpoints of all usual wrappings fit a network, what does not fit is said with both ends, nothing is executed."""

from __future__ import annotations

import argparse
import random
import sys
import types
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from lrscore.errors import InputError
from models.weights import fit_weights, read_weights


def network(seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(OrderedDict(conv=nn.Conv2d(3, 4, 3), bn=nn.BatchNorm2d(4), out=nn.Conv2d(4, 2, 1)))


TRAINED = network(7)
STATE = TRAINED.state_dict()


def prefixed(prefix: str, state: dict[str, Tensor] = STATE) -> dict[str, Tensor]:
    return {prefix + key: value for key, value in state.items()}


def shifted() -> dict[str, Tensor]:
    return {key: value + 1 for key, value in STATE.items()}


STORED = {
    "bare": STATE,
    **{
        wrapper: {wrapper: STATE, "epoch": 3}
        for wrapper in ("state_dict", "model", "net", "ema", "params", "weights")
    },
    "nested": {"state": {"model": {"state_dict": STATE}}, "lr": 0.1},
    "an unknown wrapper": {"my_weights": STATE, "optimizer": {"lr": 0.1}},
    **{
        prefix: prefixed(prefix)
        for prefix in ("module.", "model.", "net.", "_orig_mod.", "1.module.", "backbone.seg.")
    },
    "compiled inside": {key.replace("conv.", "conv._orig_mod."): value for key, value in STATE.items()},
    "lightning": {
        "state_dict": {**prefixed("net."), "criterion.weight": torch.ones(2)},
        "pytorch-lightning_version": "2",
    },
    "model and its average": {"model": STATE, "ema": shifted()},
    "the average first": {**prefixed("ema.", shifted()), **prefixed("network.")},
    "both in one": {**prefixed("model."), **prefixed("model_ema.", shifted())},
    "averaged": AveragedModel(TRAINED).state_dict(),
    "without counters": {key: value for key, value in STATE.items() if "num_batches" not in key},
    "half": {key: value.half() if value.is_floating_point() else value for key, value in STATE.items()},
    "with numbers beside": {"model": STATE, "best": np.float64(0.5), "args": argparse.Namespace(lr=0.1)},
}


@pytest.mark.parametrize("name", STORED)
@pytest.mark.parametrize("suffix", [".pt", ".safetensors", ".CKPT"])
def test_every_wrapping_gives_the_trained_network(tmp_path: Path, name: str, suffix: str) -> None:
    path, stored = tmp_path / f"w{suffix}", STORED[name]
    if suffix == ".safetensors":
        if not all(isinstance(value, Tensor) for value in stored.values()):
            return
        save_file({key: value.clone() for key, value in stored.items()}, path)
    else:
        torch.save(stored, path)
    loaded = network(1)
    fit_weights(loaded, read_weights(path), path.name)
    picture = torch.rand(1, 3, 9, 9)
    tolerance = 1e-2 if name == "half" else 1e-6
    torch.testing.assert_close(
        loaded.eval()(picture), TRAINED.eval()(picture), rtol=tolerance, atol=tolerance
    )


def test_a_network_with_one_more_name_in_front_takes_bare_weights() -> None:
    wrapped = nn.ModuleDict({"model": network(1)})
    fit_weights(wrapped, STATE, "w")
    assert torch.equal(wrapped["model"].out.weight, STATE["out.weight"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"drop": "out.bias"}, "1 tensors are missing and 0 superfluous, the first is out.bias"),
        ({"add": "head.weight"}, "0 tensors are missing and 1 superfluous, the first is head.weight"),
        ({"drop": "out.bias", "add": "head.weight"}, "the first are out.bias and head.weight"),
        ({"shape": "out.weight"}, "tensor out.weight of w must have shape"),
    ],
)
def test_what_does_not_fit_is_said(change: dict[str, str], said: str) -> None:
    stored = {key: value for key, value in STATE.items() if key != change.get("drop")}
    if "add" in change:
        stored[change["add"]] = torch.zeros(1)
    if "shape" in change:
        stored[change["shape"]] = torch.zeros(9)
    with pytest.raises(InputError, match=said):
        fit_weights(network(), stored, "w")


def framework(monkeypatch: pytest.MonkeyPatch, trace: Path) -> object:
    """What a training framework keeps beside the weights; building any of it by its own code leaves a trace."""
    module = types.ModuleType("pytorch_lightning.utilities.parsing")

    class AttributeDict(dict):  # type: ignore[type-arg]
        def __setstate__(self, state: object) -> None:
            trace.touch()

    class Progress:
        def __init__(self, total: int) -> None:
            self.total = total

        def __reduce__(self) -> tuple[object, ...]:
            return Progress, (self.total,), {"total": self.total}

    for made in (AttributeDict, Progress):
        made.__module__, made.__qualname__ = module.__name__, made.__name__
        setattr(module, made.__name__, made)
    for name in ("pytorch_lightning", "pytorch_lightning.utilities", module.__name__):
        monkeypatch.setitem(sys.modules, name, module)
    settings = AttributeDict(lr=0.1, width=8)
    settings.kept = 1  # type: ignore[attr-defined]
    return {"hyper_parameters": settings, "loops": {"fit": [Progress(3)]}}


def test_objects_of_a_training_framework_beside_the_weights_are_neither_imported_nor_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace, path = tmp_path / "it-ran", tmp_path / "last.ckpt"
    with monkeypatch.context() as inside:
        beside = framework(inside, trace)
        torch.save({"state_dict": prefixed("net."), **beside}, path)  # type: ignore[dict-item]
        torch.save({"state_dict": STATE, "x": Touch(trace), **beside}, tmp_path / "evil.ckpt")  # type: ignore[dict-item]
    assert complaint(path) == ""
    assert "refused" in complaint(tmp_path / "evil.ckpt")
    assert not trace.exists()
    assert "pytorch_lightning" not in sys.modules


class Touch:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.target,)


def complaint(path: Path) -> str:
    """The sentence with which weights are refused; empty if they fit."""
    try:
        fit_weights(network(), read_weights(path), path.name)
    except InputError as error:
        return str(error)
    return ""


@pytest.mark.filterwarnings("ignore")
def test_mutated_checkpoints_are_read_or_refused_and_run_nothing(tmp_path: Path) -> None:
    chance, trace = random.Random(0), tmp_path / "it-ran"
    torch.save({"state_dict": STATE, "x": Touch(trace)}, tmp_path / "evil.pt")
    assert "refused" in complaint(tmp_path / "evil.pt")
    torch.save({"state_dict": STATE}, tmp_path / "good.pt")
    save_file(STATE, tmp_path / "good.safetensors")
    for suffix in (".pt", ".safetensors"):
        good = (tmp_path / f"good{suffix}").read_bytes()
        for _ in range(80):
            bad = bytearray(good)
            for _ in range(chance.choice([1, 4, 20])):
                bad[chance.randrange(len(bad))] = chance.randrange(256)
            if chance.random() < 0.2:
                del bad[chance.randrange(len(bad)) :]
            (tmp_path / f"bad{suffix}").write_bytes(bytes(bad))
            assert "\n" not in complaint(tmp_path / f"bad{suffix}")
    assert not trace.exists()


def test_one_network_of_two_is_not_chosen_by_its_name() -> None:
    with pytest.raises(InputError, match=r"weights of two networks, net_a\.\* and net_b\.\*"):
        fit_weights(network(), {**prefixed("net_a."), **prefixed("net_b.", shifted())}, "w.pt")
    fit_weights(loaded := network(), {**prefixed("student."), **prefixed("teacher.", shifted())}, "w.pt")
    torch.testing.assert_close(loaded.state_dict()["conv.weight"], STATE["conv.weight"])
