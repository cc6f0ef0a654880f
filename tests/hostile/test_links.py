"""Links from strangers: every parameter of every page with values that no control offers; never a red box."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lrscore.errors import CertificateFileError
from tests.hostile.surface import Tally
from ui.links import Page, old_names

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "image": "segmentation",
    "graph": "graph",
    "compare": "compare",
    "browse": "browse",
    "learn": "learn",
    "studies": "studies",
}
VALUES = (
    "", "inf", "-inf", "nan", "1e999", "-1", "0", "1e308", "99999999999999999999", "0x10", "1_000", "true",
    "../../etc/passwd", "own:../../secret", "bundled:" + "x" * 3000, "folder:a/b", "own:", "::", "\x00", "\x1b[2J",
    "<script>alert(1)</script>", "'; DROP", "[[[[", "{}", "1,2;3", "0.1:0.2:0.3", "NaN,NaN;NaN", "\u202e",
    "日本", "%00", "0:0.1,0:0.1", "99:0.1,inf", "0:inf,inf", "1:1e-320,2", "9" * 5000, "0.1:0.2;0.3:0.4;" * 900,
    "0.5:0.5", "add edges", "bfloat16", "os:abort", "deletions,deletions", "(0, 1)",
)  # fmt: skip


def names_of(page: str) -> list[str]:
    """Every text in the sources that might name something of that page in a link, and the older names."""
    sources = [path.read_text() for folder in ("ui", "pages") for path in (ROOT / folder).rglob("*.py")]
    found = {name for text in sources for name in re.findall(rf'"({page}_[a-z_]+)"', text)}
    older = old_names(cast("Page", page)).values() if page != "studies" else ()
    return sorted({*found, *older, f"{page}_open", f"{page}_job", f"{page}_nobody"})


def test_names_of_links_are_found():
    assert {"image_denoise", "image_views", "image_seed", "image_job"} <= set(names_of("image"))
    assert {"graph_edges", "graph_coarse", "graph_game"} <= set(names_of("graph"))
    assert {"studies_method"} <= set(names_of("studies"))


@pytest.mark.parametrize("page", FILES)
def test_a_link_is_answered_in_a_sentence(
    page: str, gallery: Path, surface: Callable[[str], Tally], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        st, "page_link", lambda *_, **__: None
    )  # knows pages only where the shell has named them
    rng = np.random.default_rng(25)
    names = names_of(page)
    tally = surface("links")

    def follow(values: dict[str, str | list[str]]) -> None:
        opened = AppTest.from_file(ROOT / "pages" / "main" / f"{FILES[page]}.py", default_timeout=240)
        for name, value in values.items():
            opened.query_params[name] = value
        opened.run()
        assert not opened.exception, f"{opened.exception[0].message} of {values}"
        said = [element.value for element in (*opened.error, *opened.warning)]
        for sentence in said:
            if str(ROOT) in sentence or "Traceback" in sentence:
                raise AssertionError(sentence)
        if said:
            raise CertificateFileError(" ".join(said[0].split())[:300])

    for number in range(7):
        chosen = rng.permutation(names)[: len(names) if number == 0 else max(1, len(names) // 3)]
        values = {str(name): VALUES[rng.integers(len(VALUES))] for name in chosen}
        tally.attempt(f"{page} {number}", lambda values=values: follow(values))
    for name in ("open", "stored", "pinned", "job", "pick", "card", "seed", "tolerated", "eps", "additions"):
        if f"{page}_{name}" in names:
            value = VALUES[rng.integers(len(VALUES))]
            tally.attempt(f"{page} {name}={value!r:.40}", lambda one={f"{page}_{name}": value}: follow(one))
    assert not tally.bad, "\n".join(tally.bad)
