"""What a study is: which data, which settings, how often, counted how. Frozen, validated on construction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Literal

import numpy as np

from lrscore.collective import METHODS
from lrscore.errors import SettingsError
from lrscore.graphs.reading import Reading
from lrscore.graphs.settings import GraphSettings
from lrscore.images.settings import ImageSettings
from lrscore.plain import numbers, plain
from lrscore.settings import SamplingSettings, whole_number

Kind = Literal["image", "graph", "center"]
KEEP = ("certificates", "table")
SEGCERTIFY = "segcertify"
MOST_SETTINGS, MOST_SEEDS = 10_000, 1_000
SHARD_COPIES = 1024
"""Noisy copies in a shard unless the study says otherwise: see docs/scale.md."""
_LARGEST_SEED = 2**63 - 1
PLAN = ("alpha", "correction", "tolerated", "offered", "bound")
"""What a certificate promises, read from counts: chosen after they were seen, it makes an exploration."""
_STATISTICS = ("alpha", "correction", "tolerated", "focus", "tolerance", "bound", "orders")
"""What is read from counts and decides nothing about them."""
_AS_USUAL = ("offered", "explored", "scores", "margins", "bins")
"""What decides nothing about the noisy copies either, and was told apart before: digests say what is usual."""

_LATER = ("runner_up", "hierarchy")
"""Settings that are off in every study from before they were there: left out while they are, digests stay the same."""


@dataclass(frozen=True)
class Setting:
    """One way to smooth, sample and certify every picture or graph of a study.

    Args:
        name: unique in its study; files and rows carry it.
        values: `ImageSettings`, `GraphSettings` or, for center smoothing, `CenterSettings`.
        model: name of the model, as the catalogue takes it.

    Raises:
        SettingsError: an empty name or model, or values that are no settings.
    """

    name: str
    values: Any
    model: str

    def __post_init__(self) -> None:
        for what, text in (("name", self.name), ("model", self.model)):
            if not isinstance(text, str) or not text.strip() or not text.isprintable() or len(text) > 200:
                raise SettingsError(
                    f"setting: {what} must be a text of 1 to 200 printable characters, got {text!r}"
                )
        if not isinstance(self.values, SamplingSettings) and type(self.values).__name__ != "CenterSettings":
            raise SettingsError(f"setting {self.name}: values must be settings, got {self.values!r}")

    @property
    def kind(self) -> Kind:
        """What is certified, and how."""
        if isinstance(self.values, ImageSettings):
            return "image"
        return "graph" if isinstance(self.values, GraphSettings) else "center"

    @property
    def cut(self) -> bool:
        """Whether shards share its work. Adaptive sampling, center smoothing, rivals and coarse labels decide as they
        go, from counts of the whole picture or graph."""
        if not isinstance(self.values, SamplingSettings):
            return False
        adaptive = isinstance(self.values, ImageSettings) and bool(self.values.focus)
        return not (self.values.pilot_decides or adaptive)

    def to_dict(self) -> dict[str, Any]:
        """The values as plain types."""
        values = {one.name: plain(getattr(self.values, one.name)) for one in fields(self.values)}
        return {name: value for name, value in values.items() if not (name in _LATER and value is False)}

    @cached_property
    def sampling(self) -> str:
        """Digest of all that decides what is drawn and what the model sees: settings that differ only in how confidence
        is shared, or in what is counted of a graph's noisy copies, have one, and share their samples."""
        values = self.to_dict()
        if self.cut:
            usual = {one.name: one.default for one in fields(self.values) if one.name in _AS_USUAL}
            values = {name: value for name, value in values.items() if name not in _STATISTICS} | usual
        return digest_of(self.kind, values)

    @property
    def plan(self) -> str:
        """Digest of what its certificates promise, as far as that is read from counts."""
        values = self.to_dict()
        return digest_of([values.get(name) for name in PLAN])[:16]

    @property
    def reading(self) -> Reading | None:
        """What is counted of a graph's noisy copies; None for pictures, of which labels are."""
        return self.values.reading if isinstance(self.values, GraphSettings) else None


@dataclass(frozen=True)
class Shared:
    """What all items of a study have in common: the fields of `StudySettings` of these names, without the rest."""

    size: tuple[int, int] | None
    void: tuple[int, ...]
    class_names: tuple[str, ...] | None
    methods: tuple[str, ...]
    budgets: tuple[Any, ...]
    boxes: int
    keep: str
    shard_copies: int
    device: str


@dataclass(frozen=True, kw_only=True)
class StudySettings:
    """A study: every picture of `data` under every one of `settings` with every one of `seeds`.

    Args:
        data: what to certify, of one kind: data sets and splits ("camvid:val"), folders, globs of picture or graph
            files, names of scenes and graphs.
        settings: see `Setting`; all of graphs, or none.
        title: for people.
        limit: most pictures, evenly spaced; all if None.
        size: (height, width) that pictures are scaled to fit; None keeps their size.
        void: further mask values without a class.
        class_names: of a folder's masks, instead of its `classes.txt`.
        seeds: everything is drawn anew for each.
        methods: that count what is certified: "naive", "paper", "envelope", "exact", for a 1x1 grid also
            "segcertify:TAU". Center smoothing counts itself.
        budgets: for pictures norms eps from 0 on, increasing; none: the grid that belongs to the settings. For graphs
            pairs (additions, deletions), or with those of edges, four numbers, for settings that flip them; none: those
            of each certificate.
        boxes: most boxes per budget for method "exact".
        keep: "certificates" and the table, or the "table" alone.
        shard_copies: noisy copies in one shard. Part of the study, because counts depend on how the work is cut.
        device: "cpu", or "cuda" for one worker per GPU.

    Raises:
        SettingsError: a value is outside its range, or two contradict each other.
    """

    data: tuple[str, ...]
    settings: tuple[Setting, ...]
    title: str = "study"
    limit: int | None = None
    size: tuple[int, int] | None = (180, 240)
    void: tuple[int, ...] = ()
    class_names: tuple[str, ...] | None = None
    seeds: tuple[int, ...] = (0,)
    methods: tuple[str, ...] = ("naive", "envelope")
    budgets: tuple[Any, ...] = ()
    boxes: int = 200
    keep: str = "certificates"
    shard_copies: int = SHARD_COPIES
    device: str = "cpu"

    def __post_init__(self) -> None:
        for name in ("data", "settings", "void", "seeds", "methods"):
            object.__setattr__(self, name, _several(name, getattr(self, name)))
        _texts("data", self.data)
        _texts("methods", self.methods)
        if not self.data or not self.settings or not self.seeds or not self.methods:
            raise SettingsError("a study needs at least one of each: data, settings, seeds, methods")
        if len(self.settings) > MOST_SETTINGS or len(self.seeds) > MOST_SEEDS:
            raise SettingsError(
                f"a study has at most {MOST_SETTINGS:,} settings and {MOST_SEEDS:,} seeds, "
                f"got {len(self.settings):,} and {len(self.seeds):,}"
            )
        _check_settings(self.settings)
        for name, least in (("limit", 1), ("boxes", 1), ("shard_copies", 1)):
            if getattr(self, name) is not None:
                whole_number(name, getattr(self, name), least)
        _check_numbers(self)
        for method in self.methods:
            _check_method(method, self.kind)
        if self.keep not in KEEP:
            raise SettingsError(f"keep must be {' or '.join(KEEP)}, got {self.keep!r}")
        if not isinstance(self.device, str) or self.device not in ("cpu", "cuda"):
            raise SettingsError(f"device must be cpu or cuda (one worker for each GPU), got {self.device!r}")
        object.__setattr__(self, "budgets", _budgets(self.budgets, self.kind))

    @property
    def kind(self) -> str:
        """ "graph" or "image"."""
        return "graph" if self.settings[0].kind == "graph" else "image"

    @property
    def shared(self) -> Shared:
        """What every item carries to the workers."""
        return Shared(**{one.name: getattr(self, one.name) for one in fields(Shared)})

    @property
    def digest(self) -> str:
        """Of everything that the study says."""
        told = {one.name: plain(getattr(self, one.name)) for one in fields(self) if one.name != "settings"}
        return digest_of(told, [(one.name, one.kind, one.model, one.to_dict()) for one in self.settings])


def digest_of(*facts: object) -> str:
    """SHA-256 of plain values, as hexadecimal digits."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


def tau_of(method: str) -> float | None:
    """The probability that a method "segcertify:TAU" tests; None for the others."""
    name, _, tau = method.partition(":")
    return float(tau) if name == SEGCERTIFY else None


def _several(name: str, value: Any) -> tuple[Any, ...]:
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        raise SettingsError(f"{name} must be a list, got {value!r}")
    return tuple(plain(list(value))) if name != "settings" else tuple(value)


def _texts(name: str, values: tuple[Any, ...]) -> None:
    for value in values:
        if not isinstance(value, str) or not value.strip() or "\x00" in value or len(value) > 4096:
            raise SettingsError(f"{name} must hold texts, got {value!r:.80}")


def _check_settings(settings: tuple[Setting, ...]) -> None:
    names = [one.name for one in settings]
    twice = (
        next((name for name in names if names.count(name) > 1), None)
        if len(set(names)) < len(names)
        else None
    )
    if twice is not None:
        raise SettingsError(f"setting names must differ, got {twice!r} twice")
    alike: dict[str, str] = {}
    for one in settings:
        other = alike.setdefault(digest_of(one.kind, one.model, one.to_dict()), one.name)
        if other != one.name:
            raise SettingsError(f"settings must differ, {other!r} and {one.name!r} are the same")
    if len({one.kind == "graph" for one in settings}) > 1:
        raise SettingsError("a study is about pictures or about graphs, got settings of both")


def _check_numbers(study: StudySettings) -> None:
    for seed in study.seeds:
        if whole_number("seeds", seed, 0) > _LARGEST_SEED:
            raise SettingsError(f"seeds must be whole numbers from 0 to {_LARGEST_SEED}, got {seed}")
    for value in study.void:
        if whole_number("void", value, 0) > 255:
            raise SettingsError(f"void must hold mask values from 0 to 255, got {value}")
    for name in ("void", "seeds", "data", "methods"):
        if len(set(getattr(study, name))) < len(getattr(study, name)):
            raise SettingsError(
                f"{name} must not name anything twice, got {list(getattr(study, name))!r:.200}"
            )
    if study.size is not None:
        size = _several("size", study.size)
        if len(size) != 2 or any(whole_number("size", side, 1) > 32_768 for side in size):
            raise SettingsError(f"size must be (height, width) up to 32768, got {study.size!r}")
        object.__setattr__(study, "size", size)
    if study.class_names is not None:
        object.__setattr__(study, "class_names", _several("class_names", study.class_names))
        _texts("class_names", study.class_names)
    if not isinstance(study.title, str) or not study.title.isprintable() or not 0 < len(study.title) <= 200:
        raise SettingsError(f"title must be a text of 1 to 200 printable characters, got {study.title!r:.80}")


def _check_method(method: str, kind: str) -> None:
    name, colon, tau = method.partition(":")
    if name in METHODS and not colon:
        return
    try:
        if kind == "image" and name == SEGCERTIFY and 0.5 <= float(tau) < 1:
            return
    except ValueError:
        pass
    raise SettingsError(
        f"methods must be {', '.join(METHODS)}, or for pictures {SEGCERTIFY}:TAU with TAU in [0.5, 1), got {method!r}"
    )


def _budgets(given: Any, kind: str) -> tuple[Any, ...]:
    budgets = plain(list(_several("budgets", given)))
    if kind == "graph":
        expected = "pairs of whole numbers (additions, deletions) from 0, or with those of edges all of four"
        pairs = [numbers("budgets", pair, expected) for pair in budgets]
        if not all(
            len(pair) == len(pairs[0]) in (2, 4) and all(0 <= one < 2**31 and one == int(one) for one in pair)
            for pair in pairs
        ):
            raise SettingsError(f"budgets must be {expected}, got {given!r:.80}")
        return tuple(tuple(int(one) for one in pair) for pair in pairs)
    norms = numbers("budgets", budgets, "norms of at least 0") if budgets else ()
    if norms and (norms[0] != 0 or not np.isfinite(norms).all() or (np.diff(norms) <= 0).any()):
        raise SettingsError(f"budgets must be norms that increase from 0, got {given!r:.80}")
    return tuple(float(norm) for norm in norms)
