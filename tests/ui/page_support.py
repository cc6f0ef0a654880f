"""Pages driven without a browser."""

from __future__ import annotations

import re
from pathlib import Path

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 240


def open_page(page: str, **parameters: str | list[str]) -> AppTest:
    """One of the pages in `pages/main`, by the name of its file, as a link with these parameters opens it."""
    opened = AppTest.from_file(ROOT / "pages" / "main" / f"{page}.py", default_timeout=TIMEOUT)
    for name, value in parameters.items():
        opened.query_params[name] = value
    return checked(opened.run())


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
