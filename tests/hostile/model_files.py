"""Weights and descriptions of models that are damaged, or ask for more than they hold: made here, by a seed."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
import torch
from safetensors.torch import save

from models.graphs.networks import GraphNetworkConfig, build_network

HUGE = (10**12, 2**63, -1, 0, 1.5, "64", None, [64], True)
"""Values that no size of a network has."""


def graph_checkpoint(names: object = ("a", "b"), **config: Any) -> bytes:
    """A checkpoint of a small GCN whose header says something else of it."""
    torch.manual_seed(0)
    network = build_network(GraphNetworkConfig("gcn", inputs=6, classes=2, hidden=4))
    usual = {"kind": "gcn", "inputs": 6, "classes": 2, "hidden": 4}
    header = {"config": json.dumps({**usual, **config}), "class_names": json.dumps(names)}
    return save({name: value.half() for name, value in network.state_dict().items()}, header)


def lying_graph_checkpoints() -> Iterator[tuple[str, bytes]]:
    """Checkpoints of graph networks, each by name."""
    for name in ("inputs", "classes", "hidden", "layers", "steps", "heads", "kind", "dropout"):
        for value in HUGE:
            yield f"{name} = {value!r}", graph_checkpoint(**{name: value})
    yield "memory in all", graph_checkpoint(inputs=100_000, hidden=4_096, heads=64)
    for names in (["a"] * 10**4, ["a"], {"a": 1}, "ab", [1, 2], ["\x1b[2J", "b"], None):
        yield f"class names {names!r:.30}", graph_checkpoint(names)
    yield "unknown key", graph_checkpoint(more=1)
    for text in ("[" * 10_000, "9" * 10_000, "{", "null", '"x"', "[]"):
        yield f"header {text:.10}", save({"a": torch.ones(1)}, {"config": text, "class_names": "[]"})
    yield "no header", save({"a": torch.ones(1)})
    yield "another architecture", save({"a": torch.ones(1)}, {"config": "{}", "class_names": "[]"})


def lying_safetensors() -> Iterator[tuple[str, bytes]]:
    """Files whose beginning is that of safetensors, each by name."""
    for length in (0, 1, 100, 2**31, 2**62, 2**64 - 1):
        yield f"header of {length} bytes", struct.pack("<Q", length) + b"{}" + b" " * 100
    for shape, offsets in (
        ([2**62, 4], [0, 8]),
        ([2**40], [0, 2**42]),
        ([-1], [0, 4]),
        ([2], [4, 0]),
        ([2], [0, 2**63]),
        ([], [0, 4]),
    ):
        header = json.dumps({"w": {"dtype": "F32", "shape": shape, "data_offsets": offsets}}).encode()
        yield f"shape {shape} at {offsets}", struct.pack("<Q", len(header)) + header + bytes(8)
    for text in (
        "[" * 50_000,
        '{"w": 1}',
        '{"w": {"dtype": "F9", "shape": [2], "data_offsets": [0, 8]}}',
        "\x00",
    ):
        yield f"header {text:.12}", struct.pack("<Q", len(text)) + text.encode() + bytes(8)
    yield "nothing", b""


def pickles() -> Iterator[tuple[str, bytes]]:
    """PyTorch checkpoints that ask for more than tensors, or are none."""
    import pickle

    class Runs:
        def __reduce__(self) -> tuple[Any, ...]:
            import os

            return os.system, ("touch /tmp/lrs-hostile-ran",)

    for name, value in (("code", Runs()), ("code within", {"state_dict": {"w": Runs()}})):
        stream = BytesIO()
        torch.save(value, stream)
        yield name, stream.getvalue()
        yield f"{name}, plain pickle", pickle.dumps(value)
    stream = BytesIO()
    torch.save({"state_dict": {"w": torch.ones(4, 4)}, "epoch": 3}, stream)
    yield "genuine", stream.getvalue()
    yield "text", b"hello" * 100
    yield "nothing", b""


def descriptions() -> Iterator[tuple[str, dict[str, Any] | str]]:
    """Descriptions of segmentation networks, as values or as the text of the file."""
    usual: dict[str, Any] = {"network": "smp:unet:resnet18", "class_names": ["a", "b"]}
    for key, values in {
        "class_names": (
            ["a"] * 2_000,
            ["a"],
            [],
            "ab",
            {"a": 1},
            [1, 2],
            ["\x1b[2J", "b"],
            ["x" * 10**5, "b"],
        ),
        "multiple": (10**9, -1, 1.5, "2"),
        "mean": ([1, 2], [1e400] * 3, "abc", [None] * 3),
        "palette": ([[0, 0]], [[1e9] * 3] * 2, "red"),
        "network": (
            "smp:nothing:resnet18",
            "smp:unet:tu-hf-hub:timm/resnet18.a1_in1k",
            "smp:unet:tu-local-dir:/etc",
            "smp:unet:http://x/y",
            "torchvision:../../x",
            "smp:" + "x" * 10**4,
            3,
        ),
        "arguments": (
            {"decoder_channels": [10**9] * 5},
            {"decoder_channels": [65_536] * 5},
            {"encoder_depth": 10**12},
            {"in_channels": 10**7},
            {"classes": 10**9},
            {"activation": "os.system"},
            {"encoder_weights": "imagenet"},
            [1, 2],
        ),
        "hierarchy": (
            {"all": ["a", "b"]},
            {f"g{number}": ["a", "b"] for number in range(5_000)},
            {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": ["a"]}}}}}}}},
            {"\x1b[2J": ["a"]},
            {"x": 3},
        ),
        "drop": ([10**9], [0, 0], {"a": 1}),
        "output": ([], 10**30),
    }.items():
        for value in values:
            yield f"{key} = {value!r:.50}", {**usual, key: value}
    yield "unknown key", {**usual, "command": "touch x"}
    for text in (
        "[" * 10**5,
        "9" * 10**5,
        '{"a":' * 10**4,
        "null",
        "",
        "\x00",
        '{"multiple": ' + "1" * 5000 + "}",
    ):
        yield f"text {text:.10}", text


def damaged(content: bytes, rng: np.random.Generator, count: int) -> Iterator[bytes]:
    """The file with bytes of its header, or of anything, changed, or with its end missing."""
    for number in range(count):
        changed = bytearray(content)
        within = min(len(changed), 600) if number % 3 else len(changed)
        for _ in range(int(rng.integers(1, 4))):
            changed[int(rng.integers(within))] = int(rng.integers(256))
        yield bytes(changed[: int(rng.integers(len(changed)))] if number % 4 == 0 else changed)
