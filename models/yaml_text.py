"""YAML texts that say what JSON can say, and nothing else: no tags, no aliases, no dates, no key twice.

A text is read as data with PyYAML's safe loader. Aliases are refused whatever they stand for: a few lines of them
unfold to billions of values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import Any

import yaml

from lrscore.errors import first_line
from lrscore.plain_text import MOST_DEPTH, TextError, one_line

MOST_BYTES = 1 << 16
_LARGEST = 10**400  # a double has at most 309 digits before the point


def parse_yaml(content: bytes, what: str, longest: int = MOST_BYTES) -> Any:
    """What a YAML text says, in the types of JSON.

    Args:
        content: the text in UTF-8 (a mark of the byte order is passed over).
        what: to call it by in errors.
        longest: bytes that are read.

    Raises:
        TextError: longer than that, nested deeper than `MOST_DEPTH`, with aliases, tags, keys that come twice or are no
            texts, several documents, values that JSON does not have, or no YAML.
    """
    if len(content) > longest:
        raise TextError(f"{what} is longer than {longest:,} bytes: not read")
    try:
        return _plain(yaml.load(content.decode("utf-8-sig"), _Loader), what)
    except UnicodeDecodeError as error:
        raise TextError(f"{what} is no text in UTF-8") from error
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise TextError(f"{what} is no plain YAML: {first_line(ValueError(error.problem))}{line}") from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        if isinstance(error, TextError):
            raise
        raise TextError(f"{what} is no plain YAML: {first_line(error)}") from error


class _Loader(yaml.SafeLoader):
    """The safe loader, without aliases, not deep, and every key once."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise TextError("the text has aliases (*name): not read")
        inside = self.check_event(yaml.SequenceStartEvent, yaml.MappingStartEvent)
        self.depth += inside
        try:
            if self.depth > MOST_DEPTH:
                raise TextError(f"the text is nested deeper than {MOST_DEPTH} levels: not read")
            return super().compose_node(parent, index)
        finally:
            self.depth -= inside

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        names = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        if twice := [name for name, times in names.items() if times > 1]:
            raise TextError(f"the text has the key {one_line(twice[0], 80)} twice")
        return super().construct_mapping(node, deep)


def _plain(value: Any, what: str) -> Any:
    """The value, if JSON could say it."""
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise TextError(f"{what} has a key that is no text: put it in quotes")
        return {key: _plain(one, what) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one, what) for one in value]
    if value is None or isinstance(value, str | bool | float):
        return value
    if isinstance(value, int) and -_LARGEST < value < _LARGEST:
        return value
    kind = "a number of hundreds of digits" if isinstance(value, int) else f"a {type(value).__name__}"
    raise TextError(f"{what} holds {kind}, which is not read: put it in quotes if it is a text")
