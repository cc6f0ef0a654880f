"""Certificates of every newer kind, and seeded changes of any variable or text in them: forged trees, numbers at the
ends of their types, counts that contradict each other, other shapes, names that are none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from lrscore import ImageSettings
from lrscore.certificate import Certificate
from lrscore.class_tree import ClassTree
from lrscore.images.certificate import ImageCertificate
from models.datasets.classes import CAMVID_CLASSES
from models.datasets.trees import CAMVID_TREE
from tests.hostile.certificates import ODD, change_settings, edited
from tests.ui.graphs.toy_certificate import SETTINGS as GRAPH_SETTINGS
from tests.ui.graphs.toy_certificate import toy_certificate as toy_graph

SHAPE = (6, 8)


KINDS = ("groups of a picture", "groups", "bounds on rivals", "views", "groups of a graph", "flips of edges")


def genuine_file(kind: str, folder: Path) -> bytes:
    """A small file of one of the `KINDS`, with a stored curve and its proof."""
    views = ((0, 0.1), (1, 0.2), (None, float("inf")))
    settings: dict[str, dict[str, Any]] = {
        "groups of a picture": {"hierarchy": True, "runner_up": True},
        "groups": {"hierarchy": True},
        "bounds on rivals": {"runner_up": True},
        "views": {"views": views, "level_max": 0.2},
        "groups of a graph": {"hierarchy": True, "runner_up": True},
        "flips of edges": {"flip_edges": ((0.05, 0.2), (0.3, 0.6))},
    }
    if kind in ("groups of a graph", "flips of edges"):
        made: Certificate = _graph(replace(GRAPH_SETTINGS, **settings[kind]))
        budgets = np.array([[0, 0], [1, 2]])
    else:
        made, budgets = _picture(ImageSettings(grid=(1, 2), **settings[kind])), np.array([0.0, 0.05, 0.2])
    path = folder / "genuine.nc"
    replace(made, curves=(made.collective(budgets, "envelope"),)).save(path)
    return path.read_bytes()


def _picture(settings: ImageSettings) -> ImageCertificate:
    settings = replace(settings, samples=1000, pilot_samples=100)
    votes = np.zeros((*SHAPE, 11), dtype=np.int64)
    votes[:, :4, 3] = 100
    votes[:, 4:7, 8], votes[:, 4:7, 10] = 51, 49
    votes[:, 7, 3], votes[:, 7, 8], votes[:, 7, 0] = 48, 26, 26
    certificate = ImageCertificate(
        settings=settings,
        image=np.full((3, *SHAPE), 0.5, dtype=np.float32),
        labels=votes.argmax(axis=2),
        pilot_votes=votes,
        agreements=np.zeros(SHAPE, dtype=np.int64),
        trials=np.full(2, 1000, dtype=np.int64),
        class_names=CAMVID_CLASSES,
        provenance={"title": "toy", "model": "street-unet", "seed": "0"},
    )
    agreements = np.full(SHAPE, 1000)
    agreements[:, 7] = 480
    chosen = None
    if settings.pilot_decides:
        chosen = certificate.pilot_choice(CAMVID_TREE if settings.hierarchy else None)
        rivals = np.zeros(SHAPE, dtype=np.int64)
        rivals[:, 7] = 260
        chosen = chosen.counting(np.where(chosen.contested, rivals.ravel(), 0))
    certificate = replace(certificate, agreements=agreements, chosen=chosen)
    certificate.check_counts()
    return certificate


def _graph(settings: Any) -> Certificate:
    certificate = toy_graph(replace(settings, hierarchy=False, runner_up=False))
    if settings.pilot_decides:
        tree = ClassTree.from_names({"warm": ["red", "green"]}, certificate.class_names)
        certificate = replace(certificate, settings=settings)
        chosen = certificate.pilot_choice(tree)
        certificate = replace(
            certificate, chosen=chosen.counting(np.zeros(certificate.nodes, dtype=np.int64))
        )
    certificate.check_counts()
    return certificate


TREES: tuple[Any, ...] = (
    {"classes": 11, "names": ["a", "b"], "members": [[0, 1], [1, 2]]},  # overlap
    {"classes": 11, "names": ["a", "a"], "members": [[0, 1], [0, 1]]},  # twice
    {"classes": 11, "names": ["a"] * 1_000, "members": [[0, 1]] * 1_000},
    {"classes": 11, "names": ["a"] * 9, "members": [list(range(2 + n)) for n in range(9)]},  # a chain
    {"classes": 1_000_000_000, "names": [], "members": []},
    {"classes": 1_000, "names": ["a"] * 998, "members": [list(range(2 + n)) for n in range(998)]},
    {"classes": 0, "names": [], "members": []},
    {"classes": -3, "names": [], "members": []},
    {"classes": True, "names": [], "members": []},
    {"classes": 11, "names": ["\x1b[31mred"], "members": [[0, 1]]},
    {"classes": 11, "names": ["\u202egnp"], "members": [[0, 1]]},
    {"classes": 11, "names": ["<script>"], "members": [[0, 1]]},
    {"classes": 11, "names": ["a\nb"], "members": [[0, 1]]},
    {"classes": 11, "names": [7], "members": [[0, 1]]},
    {"classes": 11, "names": "ab", "members": [[0, 1], [2, 3]]},
    {"classes": 11, "names": ["x" * 10_000], "members": [[0, 1]]},
    {"classes": 11, "names": ["a"], "members": [[0, 1 << 62]]},
    {"classes": 11, "names": ["a"], "members": [[-1, 1]]},
    {"classes": 11, "names": ["a"], "members": [[0, [1]]]},
    {"classes": 11, "names": ["a"], "members": {"0": [0, 1]}},
    {"classes": 11, "names": ["a"], "members": [["a", "b"]]},
    {"classes": 11.0, "names": ["a"], "members": [[0, 1]]},
    {"classes": 12, "names": ["a"], "members": [[0, 11]]},
    {"classes": 3, "names": ["a"], "members": [[0, 1]]},
    {"names": [], "members": []}, [], None, 3, "tree", {}, [[[[[[[[[]]]]]]]]],
)  # fmt: skip
"""What stands where a tree of classes should."""

VIEWS: tuple[Any, ...] = (
    [], [[0, 0.1]], [[None, 0.1]], [[0, 0.1], [0, 0.1]], [[1 << 62, 0.1], [None, 0.2]], [[-1, 0.1], [None, 0.2]],
    [[0, -0.1], [None, 0.2]], [[0, float("nan")], [None, 0.2]], [[0, float("inf")], [None, float("inf")]],
    [[0, 1e-320], [None, 0.2]], [[0, 1e308], [None, 1e308]], [[0.5, 0.1], [None, 0.2]], [["0", 0.1], [None, 0.2]],
    [[0, 0.1, 3], [None, 0.2]], [[True, 0.1], [None, 0.2]], [[n, 0.1 + n / 1e4] for n in range(3_000)] + [[None, 1.0]],
    {"0": 0.1}, "views", 7, True, [None, None], [[[0, 0.1]], [[None, 0.2]]],
)  # fmt: skip
"""What stands where views should."""

ENDS = (0, 1, 2, 255, 256, (1 << 31) - 1, 1 << 31, (1 << 53) + 1, (1 << 62), (1 << 63) - 1, -1, -(1 << 62), 0.5, 1e-320,
        1e308, float("nan"), float("inf"), -float("inf"))  # fmt: skip
_TEXTS = (
    "class_tree",
    "settings",
    "plan",
    "look",
    "class_names",
    "provenance",
    "node_names",
    "attribute_names",
    "title",
)
_NEWER = ("views", "two_views", "hierarchy", "runner_up", "flip_edges", "edge_levels", "levels", "grid", "orders",
          "samples", "pilot_samples", "alpha", "correction", "scores", "partition", "tolerated", "focus")  # fmt: skip


def forged(content: bytes, rng: np.random.Generator, count: int) -> Iterator[tuple[str, bytes]]:
    """So many files, each with one thing changed, and what that is."""
    with h5py.File(BytesIO(content), "r") as file:
        arrays = [name for name in file if isinstance(file[name], h5py.Dataset)]
        for curve in file["curves"]:
            arrays += [f"curves/{curve}/{part}" for part in file["curves"][curve]]
        arrays = [name for name in arrays if not file[name].is_scale]
        texts = [name for name in _TEXTS if name in file.attrs]
    for _ in range(count):
        kind = int(rng.integers(6))
        if kind < 4:
            name = arrays[rng.integers(len(arrays))]
            yield _changed_array(content, name, rng)
        elif kind == 4:
            name = _NEWER[rng.integers(len(_NEWER))]
            chosen = VIEWS if name == "views" and rng.random() < 0.7 else ODD
            value = chosen[rng.integers(len(chosen))]
            yield f"setting {name} {value!r:.60}", edited(content, partial(_set_setting, name, value))
        else:
            name = texts[rng.integers(len(texts))]
            chosen = TREES if name == "class_tree" else ODD
            value = chosen[rng.integers(len(chosen))]
            yield f"text {name} {value!r:.60}", edited(content, partial(_set_text, name, value))


def _set_setting(name: str, value: Any, file: h5py.File) -> None:
    change_settings(file, **{name: value})


def _set_text(name: str, value: Any, file: h5py.File) -> None:
    file.attrs[name] = json.dumps(value)


def _changed_array(content: bytes, name: str, rng: np.random.Generator) -> tuple[str, bytes]:
    with h5py.File(BytesIO(content), "r") as file:
        values = np.asarray(file[name][()])
    what, new = _other_values(values, rng)

    def change(file: h5py.File) -> None:
        del file[name]
        if new is not None:
            file.create_dataset(name, data=new)

    return f"{name} {what}", edited(content, change)


def _other_values(values: np.ndarray, rng: np.random.Generator) -> tuple[str, np.ndarray | None]:
    """Other values for an array; None takes it out of the file."""
    end = ENDS[rng.integers(len(ENDS))]
    kind = int(rng.integers(9))
    wide: Any = np.float64 if isinstance(end, float) else np.int64
    if kind == 0 or values.size == 0:
        return "taken out", None
    if kind == 1:
        return f"all {end}", np.full(values.shape, end, dtype=wide)
    if kind in (2, 3):
        new = values.astype(np.result_type(values.dtype, wide) if values.dtype.kind != "f" else np.float64)
        flat = new.reshape(-1)
        for _ in range(int(rng.integers(1, 4))):
            flat[rng.integers(flat.size)] = end
        return f"some {end}", new
    if kind == 4:
        return "in another order", rng.permutation(values.ravel()).reshape(values.shape)
    if kind == 5 and values.ndim:
        return "longer", np.concatenate([values, values[-1:]])
    if kind == 6 and values.ndim:
        return "shorter", values[:-1]
    if kind == 7:
        return "another shape", values[None] if rng.random() < 0.5 else values.ravel()
    moved = (
        values.astype(np.int64) + rng.integers(-1, 2, values.shape)
        if values.dtype.kind in "uib"
        else values * 1.0001
    )
    return "each a little off", np.asarray(moved)
