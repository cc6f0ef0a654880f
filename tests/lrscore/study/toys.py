"""Studies of toys, and what is compared between runs of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lrscore.files import load_certificate
from lrscore.graphs.settings import GraphSettings
from lrscore.images.settings import ImageSettings
from lrscore.study.settings import Setting, StudySettings
from lrscore.study.store import Store

COUNTS = ("labels", "pilot_votes", "agreements", "trials", "pilot_scores", "pilot", "counts", "clusters")
BASE = ImageSettings(
    grid=(2, 2), samples=96, pilot_samples=32, level_min=0.1, level_max=0.3, batch_size=16, alpha=0.1
)


def toy_study(pictures: int = 2, *, model: str = "toy", **changes: object) -> StudySettings:
    """Two localized settings that share their samples, and one of its own."""
    settings = (
        Setting("near", BASE, model),
        Setting(
            "near, count level",
            ImageSettings(**BASE.to_dict() | {"correction": "count-level", "tolerated": 3}),
            model,
        ),
        Setting("uniform", ImageSettings(**BASE.to_dict() | {"noise": "uniform"}), model),
    )
    told = {
        "data": (f"toys:{pictures}",),
        "settings": settings,
        "shard_copies": 48,
        "methods": ("naive", "envelope"),
    }
    told["budgets"] = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4)
    return StudySettings(**told | changes)  # type: ignore[arg-type]


def graph_study(**changes: object) -> StudySettings:
    """Soft scores, margins and votes of two graphs."""
    base = GraphSettings(
        clusters=3, samples=60, pilot_samples=20, batch_size=10, flip_to_zero=(0.1, 0.5), alpha=0.1
    )
    settings = tuple(
        Setting(name, GraphSettings(**base.to_dict() | more), "neighbours")
        for name, more in {"soft": {}, "margins": {"margins": True}, "votes": {"scores": "votes"}}.items()
    )
    told = {
        "data": ("ring", "other ring"),
        "settings": settings,
        "shard_copies": 30,
        "methods": ("naive", "envelope"),
    }
    told["budgets"] = ((0, 0), (1, 0), (0, 1), (1, 2))
    return StudySettings(**told | changes)  # type: ignore[arg-type]


def counts_of(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """Everything that was counted, by certificate file."""
    found = {}
    for path in sorted(Path(folder).glob("*.nc")):
        certificate = load_certificate(path)
        arrays = {name: getattr(certificate, name, None) for name in COUNTS}
        found[path.name] = {name: array for name, array in arrays.items() if array is not None}
    return found


def assert_same_counts(one: Path, other: Path) -> None:
    """Files of the same names, and counts that agree to the bit."""
    first, second = counts_of(one), counts_of(other)
    assert first.keys() == second.keys()
    assert first
    for name, arrays in first.items():
        for what, values in arrays.items():
            assert values.dtype == second[name][what].dtype
            np.testing.assert_array_equal(values, second[name][what], err_msg=f"{name}: {what}")


def results_of(folder: Path) -> dict[str, dict[str, object]]:
    """Rows by key, without what depends on clocks."""
    clocks = {"seconds", "certifying_seconds", "finished", "certificate_digest"}
    return {
        row["key"]: {name: value for name, value in row.items() if name not in clocks}
        for row in Store(folder).rows
    }
