"""Studies as TOML: what a person writes, with a base and lists of values, and the file of a study's folder.

    title = "two levels, two corrections, one baseline"
    data = ["camvid:val"]
    limit = 20
    model = "street-unet"
    methods = ["naive", "paper", "envelope"]

    [base]                              # what all settings share
    grid = [3, 5]
    samples = 1024

    [product]                           # every combination of these
    levels = ["0.1:0.3", "0.2:0.6"]
    correction = ["bonferroni", "anytime"]

    [[setting]]                         # and each of these
    name = "isotropic"
    baseline = "isotropic"              # or "center": center smoothing
    level = 0.2
    equal_cost = true                   # as many passes as the base has (the default)

A setting's keys are the fields of `ImageSettings` or `GraphSettings`; `levels` may be "NEAR:FAR", `flip_edges` of a
graph ["NEAR:FAR", "NEAR:FAR"], of new and of lost edges.
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import tomli_w

from lrscore.errors import SettingsError, first_line
from lrscore.graphs.settings import GraphSettings
from lrscore.images.settings import ImageSettings
from lrscore.plain import plain
from lrscore.study.settings import MOST_SETTINGS, Setting, StudySettings

MAX_BYTES = 64 << 20
BASELINES = ("isotropic", "center")
NOTHING = "none"
_OWN = {one.name for one in fields(StudySettings)} - {"settings"}
_TABLES = {"kind", "model", "base", "product", "setting"}
_MODELS = {"image": "street-unet"}


def read_study(path: str | Path) -> StudySettings:
    """The study that a file describes.

    Raises:
        SettingsError: no such file, too large, no TOML, or not a study.
    """
    source = Path(path)
    if not source.is_file():
        raise SettingsError(f"there is no study file {source.name}")
    if source.stat().st_size > MAX_BYTES:
        raise SettingsError(f"{source.name} is larger than {MAX_BYTES >> 20} MiB: not read")
    try:
        text = source.read_bytes().decode("utf-8")
    except (UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"{source.name} can not be read as a study: {first_line(error)}") from error
    try:
        return study_of(text)
    except SettingsError as error:
        raise SettingsError(f"{source.name}: {error}") from error


def study_of(text: str) -> StudySettings:
    """The study that a text describes.

    Raises:
        SettingsError: no TOML, unknown keys, or values outside their range.
    """
    try:
        given = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a number may have too many digits
        raise SettingsError(f"no TOML: {first_line(error)}") from error
    unknown = sorted(given.keys() - _OWN - _TABLES)
    if unknown:
        raise SettingsError(f"unknown key {unknown[0]!r}; a study has {', '.join(sorted(_OWN | _TABLES))}")
    kind = given.get("kind", "image")
    if kind not in ("image", "graph"):
        raise SettingsError(f"kind must be image or graph, got {kind!r}")
    settings = tuple(_settings(given, kind))
    own = {name: value for name, value in given.items() if name in _OWN}
    own["data"] = _listed(own.get("data", ()))
    if isinstance(own.get("size"), str):
        own["size"] = _size(own["size"])
    return StudySettings(settings=settings, **own)


def study_text(study: StudySettings) -> str:
    """The study as TOML that `study_of` reads back: every setting in full, nothing left to defaults of settings."""
    told: dict[str, Any] = {"kind": study.kind}
    for one in fields(study):
        value = plain(getattr(study, one.name))
        if one.name == "size":
            told["size"] = "keep" if value is None else value
        elif one.name != "settings" and value is not None:
            told[one.name] = value
    told["setting"] = [_told(setting) for setting in study.settings]
    return tomli_w.dumps(told)


def _told(setting: Setting) -> dict[str, Any]:
    values = {name: _spelled(value) for name, value in setting.to_dict().items() if value is not None}
    extra = {"baseline": "center"} if setting.kind == "center" else {}
    return {"name": setting.name, "model": setting.model, **extra, **values}


def _spelled(value: Any) -> Any:
    """TOML has no word for nothing: in a list it is "none"."""
    if isinstance(value, tuple | list):
        return [_spelled(one) for one in value]
    return NOTHING if value is None else value


def _unspelled(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return tuple(None if one == NOTHING else _unspelled(one) for one in value)
    return value


def _settings(given: Mapping[str, Any], kind: str) -> list[Setting]:
    base = _table(given, "base")
    product = {name: _listed(values) for name, values in _table(given, "product").items()}
    explicit = given.get("setting", [])
    if not isinstance(explicit, list) or not all(isinstance(one, dict) for one in explicit):
        raise SettingsError("setting must be tables, each headed [[setting]]")
    count = 1
    for values in product.values():
        count *= len(values)
    if count + len(explicit) > MOST_SETTINGS:
        raise SettingsError(f"a study has at most {MOST_SETTINGS:,} settings, got {count + len(explicit):,}")
    wanted: list[dict[str, Any]] = []
    if product or not explicit:
        for combination in itertools.product(*product.values()):
            chosen = dict(zip(product, combination, strict=True))
            name = ", ".join(f"{key.replace('_', ' ')} {_said(value)}" for key, value in chosen.items())
            wanted.append({"name": name or "base", **chosen})
    wanted += explicit
    default = given.get("model", _MODELS.get(kind))
    return [_setting(kind, base, dict(one), default, number) for number, one in enumerate(wanted, 1)]


def _setting(kind: str, base: dict[str, Any], own: dict[str, Any], model: Any, number: int) -> Setting:
    name = own.pop("name", f"setting {number}")
    model = own.pop("model", base.get("model", model))
    if model is None:
        raise SettingsError(f"setting {name}: a study of graphs must name its model")
    try:
        baseline = own.pop("baseline", base.get("baseline"))
        shared = {key: value for key, value in base.items() if key not in ("model", "baseline")}
        if baseline is not None and kind == "graph":
            raise SettingsError("baselines are for pictures; for graphs set clusters = 1")
        if baseline == "center":
            return Setting(name, _center(shared, own), model)
        if baseline == "isotropic":
            return Setting(name, _isotropic(shared, own), model)
        if baseline is not None:
            raise SettingsError(f"baseline must be {' or '.join(BASELINES)}, got {baseline!r}")
        return Setting(name, _build(GraphSettings if kind == "graph" else ImageSettings, shared | own), model)
    except SettingsError as error:
        raise SettingsError(f"setting {name}: {error}") from error


def _build(settings: type, values: dict[str, Any]) -> Any:
    values = dict(values)
    if isinstance(text := values.get("levels"), str):
        del values["levels"]
        values["level_min"], values["level_max"] = _numbers("levels", text, ":")
    for name, between in (("grid", "x"), ("flip_to_one", ":"), ("flip_to_zero", ":")):
        if isinstance(text := values.get(name), str):
            found = _numbers(name, text, between)
            values[name] = tuple(int(one) for one in found) if name == "grid" else found
    edges = values.get("flip_edges")
    if isinstance(edges, list | tuple):
        values["flip_edges"] = tuple(
            _numbers("flip_edges", one, ":") if isinstance(one, str) else one for one in edges
        )
    known = {one.name for one in fields(settings)}
    unknown = sorted(values.keys() - known)
    if unknown:
        raise SettingsError(f"unknown key {unknown[0]!r}; there are {', '.join(sorted(known))}")
    missing = sorted(
        one.name
        for one in fields(settings)
        if one.default is MISSING and one.default_factory is MISSING and one.name not in values
    )
    if missing:
        raise SettingsError(f"{missing[0]} is missing")
    return settings(**{name: _unspelled(plain(value)) for name, value in values.items()})


def _isotropic(shared: dict[str, Any], own: dict[str, Any]) -> ImageSettings:
    from lrscore.images.baselines.isotropic import isotropic_settings

    level, equal = own.pop("level", None), own.pop("equal_cost", True)
    if isinstance(level, bool) or not isinstance(level, int | float) or not isinstance(equal, bool):
        raise SettingsError("an isotropic baseline needs a number as level; equal_cost is true or false")
    return isotropic_settings(_build(ImageSettings, shared | own), float(level), equal_cost=equal)


def _center(shared: dict[str, Any], own: dict[str, Any]) -> Any:
    from lrscore.images.baselines.center import CenterSettings
    from lrscore.images.baselines.isotropic import forward_passes

    if own.keys() & {"center_samples", "slack", "alpha_center", "alpha_certify"}:
        return _build(CenterSettings, own)
    level = own.pop("level", None)
    if isinstance(level, bool) or not isinstance(level, int | float):
        raise SettingsError("center smoothing needs a number as level")
    built = _build(ImageSettings, shared | own)
    return CenterSettings.within(forward_passes(built), float(level), built.alpha)


def _table(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    table = given.get(name, {})
    if not isinstance(table, dict):
        raise SettingsError(f"{name} must be a table, got {table!r:.80}")
    return table


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _said(value: Any) -> str:
    return "x".join(map(str, value)) if isinstance(value, list) and len(value) <= 3 else f"{value!s:.40}"


def _numbers(name: str, text: str, between: str) -> tuple[float, ...]:
    try:
        first, second = (float(part) for part in text.split(between))
    except ValueError as error:
        raise SettingsError(
            f"{name} must be two numbers with {between!r} between them, got {text!r}"
        ) from error
    return first, second


def _size(text: str) -> tuple[int, int] | None:
    if text == "keep":
        return None
    height, width = _numbers("size", text, "x")
    return int(height), int(width)
