"""Pieces of HTML from the files in `ui/templates`. Whatever is put into one is escaped, but for other pieces."""

from __future__ import annotations

import functools
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ui.style.glossary import term, terms


def render(name: str, **values: object) -> Markup:
    """A piece of HTML.

    Args:
        name: of its file, without the ending.
        values: what stands in it.
    """
    text = _environment().get_template(f"{name}.html").render(**values)
    return Markup(text.strip())


@functools.cache
def _environment() -> Environment:
    folder = Path(__file__).resolve().parents[1] / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"term": term, "terms": terms}
    return environment
