"""What the controls of the graph page ask for, and which values ask for given settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from lrscore.errors import SettingsError
from lrscore.graphs.settings import GraphSettings
from lrscore.statistics import TOLERANT
from ui.graphs.override import EDGES, parse_levels

_STANDARD = GraphSettings()
DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "clusters": _STANDARD.clusters,
        "partition": _STANDARD.partition,
        "to_one": _STANDARD.flip_to_one,
        "to_zero": _STANDARD.flip_to_zero,
        "falloff": _STANDARD.falloff,
        "samples": _STANDARD.samples,
        "pilot": _STANDARD.pilot_samples,
        "alpha": _STANDARD.alpha,
        "correction": _STANDARD.correction,
        "rivals": False,
        "coarse": False,
        "scores": "votes",  # certify more than mean scores wherever both were measured: docs/results/graphs.md
        "bound": _STANDARD.bound,
        "tolerated": 1,
        "seed": 0,
        "levels": "",
        "edges": "",
        "edge_levels": "",
    }
)


@dataclass(frozen=True)
class GraphRequest:
    """What the controls ask for: settings and seed of a run."""

    settings: GraphSettings
    seed: int


def values_of(settings: GraphSettings, seed: int = 0) -> dict[str, Any]:
    """The control values that ask for these settings; edited levels are left out."""
    return {
        "clusters": settings.clusters,
        "partition": settings.partition if isinstance(settings.partition, str) else _STANDARD.partition,
        "to_one": settings.flip_to_one,
        "to_zero": settings.flip_to_zero,
        "falloff": settings.falloff,
        "samples": settings.samples,
        "pilot": settings.pilot_samples,
        "alpha": settings.alpha,
        "correction": settings.correction,
        "scores": "margins" if settings.margins else settings.scores,
        "rivals": settings.runner_up,
        "coarse": settings.hierarchy,
        "bound": settings.bound,
        "tolerated": settings.tolerated,
        "seed": seed,
        "edges": write_edges(settings.flip_edges),
    }


def request_from(values: Mapping[str, Any]) -> GraphRequest:
    """Settings from control values.

    Raises:
        SettingsError: the values contradict each other.
    """
    tolerant = values["correction"] in TOLERANT
    settings = GraphSettings(
        clusters=int(values["clusters"]),
        partition=values["partition"],
        flip_to_one=_pair(values["to_one"]),
        flip_to_zero=_pair(values["to_zero"]),
        falloff=float(values["falloff"]),
        levels=parse_levels(values["levels"]),
        flip_edges=parse_edges(values["edges"]),
        edge_levels=parse_levels(values["edge_levels"], EDGES),
        pilot_samples=int(values["pilot"]),
        samples=int(values["samples"]),
        alpha=float(values["alpha"]),
        correction=values["correction"],
        tolerated=int(values["tolerated"]) if tolerant else 1,
        scores="votes" if values["scores"] == "votes" else "soft",
        bound=values["bound"],
        margins=values["scores"] == "margins",
        runner_up=bool(values["rivals"]),
        hierarchy=bool(values["coarse"]),
    )
    return GraphRequest(settings, int(values["seed"]))


def parse_edges(text: str) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Chances of a new and of a lost edge from "NEAR:FAR NEAR:FAR"; None if it is empty.

    Raises:
        SettingsError: not four numbers in this form.
    """
    if not text.strip():
        return None
    try:
        new, lost = (
            tuple(float(number) for number in part.split(":", 1)) for part in text[:200].split(maxsplit=1)
        )
    except ValueError as error:
        raise SettingsError(
            f"flips of edges must be NEAR:FAR NEAR:FAR, chances of new and of lost edges, got {text[:60]!r}"
        ) from error
    if not len(new) == len(lost) == 2:
        raise SettingsError(
            f"flips of edges must be NEAR:FAR NEAR:FAR, chances of new and of lost edges, got {text[:60]!r}"
        )
    return (new[0], new[1]), (lost[0], lost[1])


def write_edges(flips: tuple[tuple[float, float], tuple[float, float]] | None) -> str:
    """What `parse_edges` reads as these flips."""
    return "" if flips is None else " ".join(f"{near!r}:{far!r}" for near, far in flips)


def _pair(values: Any) -> tuple[float, float]:
    near, far = values
    return round(float(near), 4), round(float(far), 4)
