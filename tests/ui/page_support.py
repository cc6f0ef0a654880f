"""Pages driven without a browser."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlencode

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 240
WORDS = {"segmentation": "image"}
"""Pages whose word in links is not the name of their file."""
COPIES: dict[str, str | list[str]] = {"views": "false", "rows": "3", "cols": "5", "levels": ["0.1", "0.3"]}
"""In a link: copies for each region, as toy models can be certified; the page begins with views."""
COPIES_LINK = urlencode({f"image_{name}": value for name, value in COPIES.items()}, doseq=True)
"""The same, as it stands in an address."""


def open_page(page: str, **parameters: str | list[str]) -> AppTest:
    """One of the pages in `pages/main`, by the name of its file, as a link opens it.

    Args:
        parameters: of the link, with or without the page's word in front.
    """
    opened = AppTest.from_file(ROOT / "pages" / "main" / f"{page}.py", default_timeout=TIMEOUT)
    for name, value in parameters.items():
        opened.query_params[in_link(page, name)] = value
    return checked(opened.run())


def in_link(page: str, name: str) -> str:
    """What a link to that page calls the parameter."""
    word = WORDS.get(page, page)
    return name if name.startswith(f"{word}_") else f"{word}_{name}"


def checked(page: AppTest) -> AppTest:
    """The page, on which nothing went wrong."""
    assert not page.exception, page.exception
    return page


def html(page: AppTest) -> str:
    """All raw HTML on it."""
    return "\n".join(element.proto.body for element in page.get("html"))


def proven(page: AppTest) -> int:
    """How many outputs it says are certified."""
    found = re.search(r'class="lrs-count">([\d,]+) of', html(page))
    assert found, "no certified number on the page"
    return int(found[1].replace(",", ""))
