"""Descriptions of networks, as JSON or YAML: one object with known keys, paths relative to the file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from lrscore.errors import InputError, told
from lrscore.layouts import SIZES
from lrscore.plain_text import TextError, one_line, parse_json

MAX_BYTES = 1 << 20
_JSON, _YAML = (".json",), (".yaml", ".yml")
SUFFIXES = (*_JSON, *_YAML)
"""Endings of descriptions, in any case of letters."""
MOST_CLASSES, LONGEST_NAME = SIZES["class"], 200


def is_description(name: str | Path) -> bool:
    """Whether a model's name is the path of a description."""
    return str(name).lower().endswith(SUFFIXES)


def parse_description(content: bytes, name: str, longest: int = MAX_BYTES) -> dict[str, Any]:
    """The object that a description holds, its values as they stand there.

    Args:
        content: of the file; JSON unless its name ends in `.yaml` or `.yml`. Of YAML at most 64 KiB are read, without
            tags and aliases (`models.yaml_text`).
        name: of the file, for messages.
        longest: bytes that are read.

    Raises:
        InputError: too long, or no such object.
    """
    yaml = name.lower().endswith(_YAML)
    try:
        if yaml:
            from models.yaml_text import MOST_BYTES, parse_yaml

            stored = parse_yaml(content, "the file", min(longest, MOST_BYTES))
        else:
            stored = parse_json(content, "the file", longest)
    except (TextError, RecursionError) as error:
        raise InputError(f"{name} must be {'YAML' if yaml else 'JSON'}, got: {told(error)}") from error
    if not isinstance(stored, dict):
        raise InputError(f"{name} must be one object with keys such as network and class_names")
    return stored


def read_description(path: str | Path, kind: type[Any], files: tuple[str, ...]) -> dict[str, Any]:
    """The values of a description; keys that hold null are left out.

    Args:
        path: the JSON or YAML file.
        kind: dataclass whose fields are the keys; its fields `folder` (that of the file) and `name` are filled in.
        files: keys that hold paths, relative to the description.

    Raises:
        InputError: no such file, no such object, or unknown keys.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"model description {path.name} does not exist")
    if path.stat().st_size > MAX_BYTES:
        raise InputError(f"model description {path.name} may have at most {MAX_BYTES >> 10} KiB")
    stored = parse_description(path.read_bytes(), f"model description {path.name}")
    known = {field.name for field in fields(kind)}
    if not stored.keys() <= known:
        raise InputError(f"model description {path.name} may have the keys {', '.join(sorted(known))}")
    values = {key: frozen(value) for key, value in stored.items() if value is not None}
    for key in files:
        if key in values:
            values[key] = str(path.parent / str(values[key]))
    folder = path.parent / str(values.get("folder", "."))
    return {**values, "name": values.get("name", path.stem), "folder": str(folder)}


def write_description(path: Path, values: Mapping[str, Any]) -> None:
    """Write a description, atomically; keys that hold nothing are left out.

    Args:
        path: the JSON file; its values of `weights` and `folder` are already relative to it.
    """
    kept = {key: value for key, value in values.items() if value not in (None, (), {}, "")}
    part = path.with_suffix(".tmp")
    part.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    part.replace(path)


def frozen(value: Any) -> Any:
    """Lists and arrays as tuples."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    return tuple(frozen(item) for item in value) if isinstance(value, list | tuple) else value


def check_texts(description: object, *keys: str) -> None:
    """Refuse anything but a text, or nothing, under these keys.

    Raises:
        InputError: another value.
    """
    for key in keys:
        if not isinstance(getattr(description, key), str | None):
            raise InputError(f"{key} must be a text, got {getattr(description, key)!r:.80}")


def check_common(description: Any) -> None:
    """Class names are texts, arguments have names.

    Raises:
        InputError: something else.
    """
    names = description.class_names
    if not isinstance(names, tuple) or not all(isinstance(name, str) for name in names):
        raise InputError(f"class_names must be a list of names, got {names!r:.80}")
    if len(names) > MOST_CLASSES or any(name != one_line(name, LONGEST_NAME) for name in names):
        raise InputError(
            f"class_names must be at most {MOST_CLASSES:,} names of one line and {LONGEST_NAME} characters each"
        )
    if not isinstance(description.arguments, Mapping):
        raise InputError(f"arguments must be an object of named values, got {description.arguments!r:.80}")
