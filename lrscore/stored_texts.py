"""Texts of a certificate file: settings, names and provenance, checked and bounded when they are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrscore.plain_text import TextError, facts_of, parse_json, texts_of

_LONGEST = 1 << 24
_MOST_NAMES = {"class_names": 1_000, "node_names": 100_000, "attribute_names": 100_000}


def stored_settings(texts: Mapping[str, str]) -> dict[str, Any]:
    """Settings by name, for the settings class to check.

    Raises:
        TextError: no JSON of named values.
    """
    found = parse_json(texts["settings"], "settings", _LONGEST)
    if not isinstance(found, dict):
        raise TextError("settings must be values by name")
    return found


def stored_provenance(texts: Mapping[str, str]) -> dict[str, str]:
    """Facts about model, data, seed, device and versions, each on one line.

    Raises:
        TextError: no JSON of named texts.
    """
    return facts_of(parse_json(texts["provenance"], "provenance", _LONGEST), "provenance")


def stored_names(texts: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Names of classes, nodes or attributes, each on one line.

    Raises:
        TextError: no JSON list of texts, or too many.
    """
    return texts_of(parse_json(texts[name], name, _LONGEST), name, _MOST_NAMES[name])
